import type { ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { MachineSpec } from "../machines";
import { makeCgroups } from "./cgroups";
import type { FleetNetwork, GuestLinks } from "./fleetNetwork";
import { macOf, writeNetwork, writeSeed } from "./guestFiles";
import { runInside, sshAnswers } from "./guestInside";
import { loadState, saveState, type GuestState } from "./guestState";
import { imageRoot } from "./goldenImage";
import { processesIn, removeCgroup } from "./leftovers";
import { initBelow, launch, REBOOT_STATUS } from "./nspawn";
import { run, type RunOptions } from "./run";

const BOOT_TIMEOUT_MS = 180_000;
const SHUTDOWN_TIMEOUT_MS = 90_000;
/** systemd(1), "Signals": SIGRTMIN+4 powers off, SIGRTMIN+5 reboots. */
const SIGRTMIN = 34;
const POWEROFF_SIGNAL = SIGRTMIN + 4;
const REBOOT_SIGNAL = SIGRTMIN + 5;

export interface GuestSurroundings {
  readonly network: FleetNetwork;
  readonly cacheDir: string;
  /** Told when something that must not outlive the program comes or goes. */
  readonly onLeftovers: () => void;
  readonly warn: (message: string) => void;
}

/** One real machine: a Debian with its own systemd, its root an overlay over the golden image. */
export class Guest {
  #state: GuestState;
  #process: ChildProcess | undefined;
  #exited: Promise<number | undefined> = Promise.resolve(undefined);
  #cgroups: readonly string[] = [];
  /** Whether an exit of its own accord (a reboot from inside) starts it again. */
  #wanted = false;

  private constructor(
    readonly dir: string,
    state: GuestState,
    private readonly around: GuestSurroundings,
  ) {
    this.#state = state;
  }

  /** A machine that has never run. */
  static make(dir: string, identity: Omit<GuestState, "powered">, around: GuestSurroundings): Guest {
    for (const folder of ["upper", "work", "root"]) mkdirSync(join(dir, folder), { recursive: true, mode: 0o755 });
    const guest = new Guest(dir, { ...identity, powered: false }, around);
    guest.#save();
    return guest;
  }

  /** A machine of an earlier run; undefined where the folder holds none. */
  static load(dir: string, around: GuestSurroundings): Guest | undefined {
    const state = loadState(dir);
    return state === undefined ? undefined : new Guest(dir, state, around);
  }

  get spec(): MachineSpec {
    return this.#state.spec;
  }
  get publicAddress(): string | undefined {
    return this.#state.publicAddress;
  }
  /** Was it on when the fleet was last closed, or is it now? */
  get powered(): boolean {
    return this.#state.powered;
  }
  get running(): boolean {
    return this.#process !== undefined;
  }
  get cgroups(): readonly string[] {
    return this.#cgroups;
  }
  /** Its files while it runs. */
  get root(): string {
    return join(this.dir, "root");
  }
  get links(): GuestLinks {
    const { id } = this.spec;
    // Interface names have 15 characters at most; ids are unique in the namespace.
    return { private: `prv${id}`, public: this.publicAddress === undefined ? undefined : `pub${id}` };
  }

  /** Resolves once its sshd answers. @throws Error with the end of its console. */
  async powerOn(): Promise<void> {
    this.#wanted = true;
    this.#update({ powered: true });
    if (this.#process === undefined) await this.#start();
    await this.#booted();
  }

  /** As when the plug is pulled: nobody is told, neither the daemons nor their peers. */
  async powerCut(): Promise<void> {
    this.#wanted = false;
    this.#update({ powered: false });
    if (this.#process === undefined) return;
    // The links first, or the peers would see their connections closed.
    await this.around.network.setLinks(this.links, "down");
    await this.#kill();
  }

  async shutdown(): Promise<void> {
    this.#wanted = false;
    this.#update({ powered: false });
    await this.#signal(POWEROFF_SIGNAL);
  }

  async reboot(): Promise<void> {
    if (this.#process === undefined) return this.powerOn();
    this.#wanted = false;
    await this.#signal(REBOOT_SIGNAL);
    await this.powerOn();
  }

  /** The program ends: the machine stops in order, and runs again when the fleet is restored. */
  async suspend(): Promise<void> {
    const { powered } = this.#state;
    await this.shutdown();
    this.#update({ powered });
  }

  async reconfigure(spec: MachineSpec, publicAddress: string | undefined): Promise<void> {
    this.#state = { ...this.#state, spec, publicAddress };
    this.#save();
    if (this.#process === undefined) return;
    writeNetwork(this.root, { spec, publicAddress });
    await this.inside(["networkctl", "reload"]);
    await this.#setNeighbours();
  }

  async erase(): Promise<void> {
    await this.powerCut();
    rmSync(this.dir, { recursive: true, force: true });
  }

  /** Runs a command in the running machine, as root. For tests, and for what Hetzner's agent would do. */
  async inside(command: readonly string[], options: RunOptions = {}): Promise<string> {
    const pid = this.#init();
    if (pid === undefined) throw new Error(`machine ${this.spec.name}: it is off`);
    return runInside(pid, command, options);
  }

  async #start(): Promise<void> {
    const { spec, imageHash, publicAddress } = this.#state;
    const lower = imageRoot(this.around.cacheDir, imageHash);
    if (!existsSync(lower))
      throw new Error(
        `machine ${spec.name}: its image ${imageHash} is no longer in ${this.around.cacheDir}; remedy: delete the machine's folder ${this.dir} and its server`,
      );
    await this.#unmount();
    const [upper, work] = [join(this.dir, "upper"), join(this.dir, "work")];
    await run("mount", [
      "-t",
      "overlay",
      this.around.network.name,
      "-o",
      `lowerdir=${lower},upperdir=${upper},workdir=${work}`,
      this.root,
    ]);
    writeSeed(this.root, { spec, publicAddress });
    writeNetwork(this.root, { spec, publicAddress });
    this.#cgroups = makeCgroups(`${this.around.network.name}-${spec.id}`, spec.memoryGb * 1024 ** 3);
    this.around.onLeftovers();

    const { links } = this;
    const child = launch({
      name: `${this.around.network.name}-${spec.id}`,
      hostname: spec.name,
      root: this.root,
      networkNamespace: this.around.network.path,
      links,
      cgroups: this.#cgroups,
      console: this.#console,
    });
    this.#process = child;
    this.#exited = new Promise((resolve) => {
      child.once("error", () => resolve(undefined));
      child.once("exit", (code) => resolve(code ?? undefined));
    }).then(async (code) => {
      this.#process = undefined;
      await this.#tidy();
      if (code === REBOOT_STATUS && this.#wanted) await this.#start().catch((e: Error) => this.around.warn(e.message));
      return code as number | undefined;
    });
    try {
      await this.around.network.attach(links, () => this.#process === child);
      await this.#setNeighbours();
    } catch (error) {
      this.#wanted = false;
      await this.#kill();
      throw new Error(`machine ${spec.name} did not start: ${(error as Error).message}; ${this.#consoleEnd()}`, {
        cause: error,
      });
    }
  }

  async #setNeighbours(): Promise<void> {
    const { spec, publicAddress } = this.#state;
    for (const { address } of spec.privateAddresses)
      await this.around.network.setNeighbour(address, macOf(spec.id, "private"), "private");
    if (publicAddress !== undefined)
      await this.around.network.setNeighbour(publicAddress, macOf(spec.id, "public"), "public");
  }

  async #booted(): Promise<void> {
    for (const started = Date.now(); ; await new Promise((resolve) => setTimeout(resolve, 250))) {
      const pid = this.#init();
      if (pid !== undefined && (await sshAnswers(pid))) return;
      const ended = this.#process === undefined && !this.#wanted;
      if (!ended && Date.now() - started < BOOT_TIMEOUT_MS) continue;
      throw new Error(
        `machine ${this.spec.name}: ${ended ? "it went off while booting" : `SSH does not answer ${BOOT_TIMEOUT_MS / 1000} s after power on`}; ${this.#consoleEnd()}`,
      );
    }
  }

  async #signal(signal: number): Promise<void> {
    const pid = this.#init();
    if (pid === undefined) return this.#kill();
    process.kill(pid, signal);
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<"late">((resolve) => (timer = setTimeout(() => resolve("late"), SHUTDOWN_TIMEOUT_MS)));
    const outcome = await Promise.race([this.#exited, patience]);
    clearTimeout(timer);
    if (outcome === "late") {
      this.around.warn(
        `machine ${this.spec.name} did not stop within ${SHUTDOWN_TIMEOUT_MS / 1000} s; its power is cut`,
      );
      await this.#kill();
    }
  }

  /** Ends its init, and with it every process; nspawn's own end would leave the machine running. */
  async #kill(): Promise<void> {
    const pid = this.#init();
    if (pid !== undefined) process.kill(pid, "SIGKILL");
    for (let attempt = 0; attempt < 50 && this.#process !== undefined; attempt += 1) {
      await Promise.race([this.#exited, new Promise((resolve) => setTimeout(resolve, 100))]);
      if (attempt > 10)
        for (const one of this.#cgroups.flatMap(processesIn)) {
          try {
            process.kill(one, "SIGKILL");
          } catch {
            // Gone in the meantime.
          }
        }
    }
    await this.#exited;
  }

  #init(): number | undefined {
    const pid = this.#process?.pid;
    return pid === undefined ? undefined : initBelow(pid);
  }

  get #console(): string {
    return join(this.dir, "console.log");
  }

  async #tidy(): Promise<void> {
    await this.#unmount();
    for (const cgroup of this.#cgroups) removeCgroup(cgroup);
    this.#cgroups = [];
    this.around.onLeftovers();
  }

  async #unmount(): Promise<void> {
    const mounts = readFileSync("/proc/self/mounts", "utf8").split("\n");
    if (mounts.some((line) => line.split(" ")[1] === this.root)) await run("umount", ["-l", this.root]);
  }

  #consoleEnd(): string {
    const file = this.#console;
    const lines = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n").slice(-8) : [];
    return `the end of its console (${file}):\n${lines.join("\n")}`;
  }

  #update(change: Partial<GuestState>): void {
    this.#state = { ...this.#state, ...change };
    this.#save();
  }

  #save(): void {
    saveState(this.dir, this.#state);
  }
}

import { rmSync } from "node:fs";
import { duplexPair, type Duplex } from "node:stream";
import { join } from "node:path";
import type { MachineSpec } from "../machines";
import { applyHostScript, ScriptFailure } from "./applyHostScript";
import { toolMistake } from "./fileChecks";
import type { DaemonHost } from "./daemons";
import { hostKeyPair } from "./hostKeyPair";
import type { HostScript } from "./hostScript";
import { Logins } from "./logins";
import { MachineDisk } from "./machineDisk";
import type { RoleSimulator } from "./roleSimulator";
import { parseCommand, type KnownCommand } from "./shellCommand";
import { SshEndpoint, type EndpointOwner, type ExecResult } from "./sshEndpoint";
import type { MachineSurroundings } from "./surroundings";
import { bootAccounts, type BootAccounts } from "./userData";

/** One simulated host: answers SSH, keeps what scripts bring, answers as its role would. */
export class SimulatedMachine implements EndpointOwner, DaemonHost {
  readonly disk: MachineDisk;
  #spec: MachineSpec;
  #accounts: BootAccounts;
  #endpoint: SshEndpoint;
  #last: Promise<unknown> = Promise.resolve();
  readonly #logins: Logins;
  readonly #matched = new Set<RoleSimulator>();

  /** @throws Error when the user data is not what cloud-init understands. */
  constructor(
    spec: MachineSpec,
    private readonly around: MachineSurroundings<SimulatedMachine>,
  ) {
    this.#accounts = bootAccounts(spec.userData, spec.sshPublicKeys);
    this.#spec = spec;
    const dir = join(around.stateDir, spec.name);
    this.disk = MachineDisk.load(dir, spec.id) ?? MachineDisk.create(dir, spec.id, spec.name);
    this.#logins = new Logins(this.disk, () => this.#accounts);
    this.#endpoint = this.#boot();
  }

  get id(): number {
    return this.#spec.id;
  }
  get name(): string {
    return this.#spec.name;
  }
  get spec(): MachineSpec {
    return this.#spec;
  }
  get labels(): Readonly<Record<string, string>> {
    return this.#spec.labels;
  }
  get privateAddress(): string | undefined {
    return this.#spec.privateAddresses[0]?.address;
  }
  get reachable(): boolean {
    return this.disk.state.powered && this.around.fault(this.name).unreachable !== true;
  }

  read(path: string): string | undefined {
    return this.disk.read(path);
  }

  units(): readonly string[] {
    const { powered, units } = this.disk.state;
    return powered ? Object.keys(units).filter((name) => units[name]?.endsWith(" running")) : [];
  }

  unit(name: string): "absent" | "begun" | "started" {
    if (!this.units().includes(name)) return "absent";
    return this.around.daemons.hasStarted(this, name) ? "started" : "begun";
  }

  async daemonStarted(): Promise<void> {
    await this.#tellRoles(undefined);
  }

  reconfigure(spec: MachineSpec): void {
    if (spec.name !== this.#spec.name)
      throw new Error(
        `simulated machine ${this.#spec.name} cannot be renamed to ${spec.name}; remedy: delete and create it`,
      );
    this.#accounts = bootAccounts(spec.userData, spec.sshPublicKeys);
    this.#spec = spec;
  }

  setPower(on: boolean): void {
    this.cutOff();
    this.disk.state.powered = on;
    this.disk.save();
    this.around.daemons.stopped(this);
    if (on) this.#endpoint = this.#boot();
    // What a role cannot read it says when the next script comes.
    this.around.daemons.look().catch(() => undefined);
  }

  cutOff(): void {
    this.#endpoint.cutOff();
  }

  async erase(): Promise<void> {
    this.cutOff();
    await this.#last.catch(() => undefined);
    for (const role of this.#matched) await role.onGone(this.id);
    rmSync(this.disk.dir, { recursive: true, force: true });
  }

  /** After a restart of the local cloud: roles see the machine as it was. */
  async resume(): Promise<void> {
    await this.#tellRoles(undefined);
    await this.around.daemons.look();
  }

  /** Hands a connection to this machine's sshd. */
  accept(socket: Duplex): void {
    if (this.reachable) this.#endpoint.accept(socket);
    else socket.destroy();
  }

  authorizedKeys(user: string): readonly string[] {
    return this.#logins.authorizedKeys(user);
  }

  forward(address: string, port: number): Duplex | string {
    if (this.#spec.publicIpv4 === undefined) return "only a machine with a public interface passes connections on";
    if (this.#logins.sshd("AllowTcpForwarding")?.[0] === "no") return "its sshd passes no connections on";
    if (port !== 22) return `port ${port} is not 22`;
    const other = this.around.neighbour(address, new Set(this.#spec.privateAddresses.map((one) => one.networkId)));
    if (other?.reachable !== true) return `nobody answers at ${address}`;
    const [near, far] = duplexPair();
    other.accept(far);
    return near;
  }

  async exec(user: string, command: string, stdin: () => Promise<string>): Promise<ExecResult> {
    const known = parseCommand(command);
    if (known === undefined) {
      return {
        stdout: "",
        stderr: `simulated machine ${this.name} does not know the command ${JSON.stringify(command.slice(0, 80))}; it knows bash -s, cat PATH, scripts in /usr/local/sbin and cloud-init status --wait\n`,
        exitCode: 127,
      };
    }
    const input = known.some(({ kind }) => kind === "script") ? await stdin() : "";
    const work = this.#last
      .catch(() => undefined)
      .then(async () => {
        let result: ExecResult = { stdout: "", stderr: "", exitCode: 0 };
        for (const one of known) {
          const next = await this.#run(one, user, command, input);
          result = {
            stdout: result.stdout + next.stdout,
            stderr: result.stderr + next.stderr,
            exitCode: next.exitCode,
          };
          if (next.exitCode !== 0) break;
        }
        return result;
      });
    this.#last = work;
    return work;
  }

  async #run(command: KnownCommand, user: string, line: string, input: string): Promise<ExecResult> {
    switch (command.kind) {
      case "true":
        return { stdout: "", stderr: "", exitCode: 0 };
      case "installed": {
        if (this.read(command.path) === undefined)
          return { stdout: "", stderr: `${command.path}: No such file or directory\n`, exitCode: 127 };
        const message = this.#line(`${command.path} accepted; a simulated machine does not run it`);
        await this.#note(line, 0, message, undefined);
        return { stdout: `${message}\n`, stderr: "", exitCode: 0 };
      }
      case "cloudInitStatus":
        return { stdout: "status: done\n", stderr: "", exitCode: 0 };
      case "cat": {
        const content = this.read(command.path);
        const readable =
          user === "root" || line.includes("sudo ") || /[4-7]$/.test(this.disk.state.files[command.path]?.mode ?? "");
        if (content === undefined)
          return { stdout: "", stderr: `cat: ${command.path}: No such file or directory\n`, exitCode: 1 };
        return readable
          ? { stdout: content, stderr: "", exitCode: 0 }
          : { stdout: "", stderr: `cat: ${command.path}: Permission denied\n`, exitCode: 1 };
      }
      case "script":
        return this.#script(line, input);
    }
  }

  async #script(line: string, input: string): Promise<ExecResult> {
    const failed = async (message: string, hash?: string): Promise<ExecResult> => {
      await this.#note(line, 1, message, hash);
      return { stdout: "", stderr: `${message}\n`, exitCode: 1 };
    };
    const unreadable = (why: string): Promise<ExecResult> =>
      failed(this.#line(`step syntax: ${why}; remedy: correct what makes the script`));
    const { scripts } = this.around;
    let script: HostScript | undefined;
    try {
      const text = scripts.unpack?.(input) ?? input;
      // What unpacks it is a script, too.
      for (const one of text === input ? [input] : [input, text]) {
        const syntax = await toolMistake("bash", ["-n"], one);
        if (syntax !== undefined) return unreadable(syntax);
      }
      script = scripts.read(text);
    } catch (error) {
      return unreadable(messageOf(error));
    }
    if (script === undefined) {
      const taken = this.around.scripts.takenKey?.(input);
      if (taken !== undefined && !this.#logins.take(taken))
        return failed(this.#line(`account ${taken.user} has no keys`));
      try {
        for (const unit of this.around.scripts.awaits?.(input) ?? []) await this.around.daemons.started(this, unit);
      } catch (error) {
        return failed(
          this.#line(`${messageOf(error)}; remedy: see to those machines, then run the same command again`),
        );
      }
      const message = this.#line("task accepted; a simulated machine checks its syntax and does not run it");
      await this.#note(line, 0, message, undefined);
      return { stdout: `${message}\n`, stderr: "", exitCode: 0 };
    }
    const { hash } = script;
    try {
      const say = (text: string): string => this.#line(text, script.host);
      const { failAtStep } = this.around.fault(this.name);
      const lines = await applyHostScript(this.disk, script, say, failAtStep, {
        noWayOut: () => this.around.noWayOut(this),
        started: (unit) => this.around.daemons.started(this, unit),
      });
      await this.#tellRoles(script);
      await this.around.daemons.look();
      const brief = this.disk.state.applied || lines.length < 2 ? undefined : scripts.first?.(lines.length - 1);
      this.disk.state.applied = true;
      this.disk.save();
      await this.#note(line, 0, lines.join("\n"), hash);
      return { stdout: `${brief === undefined ? lines.join("\n") : say(brief)}\n`, stderr: "", exitCode: 0 };
    } catch (error) {
      this.disk.save();
      if (error instanceof ScriptFailure) return failed(error.message, hash);
      return failed(
        this.#line(`step role: ${messageOf(error)}; remedy: correct the configuration that its role reads`),
        hash,
      );
    }
  }

  async #tellRoles(script: HostScript | undefined): Promise<void> {
    const files = new Set(Object.keys(this.disk.state.files));
    for (const role of this.around.roles) {
      if (role.matches(files)) {
        this.#matched.add(role);
        const made = await role.onApply(this, script);
        for (const [path, content] of Object.entries(made)) {
          this.disk.write(path, content, { mode: "600", owner: "root:root", secret: true, byRole: true, markers: [] });
        }
      } else if (this.#matched.delete(role)) await role.onGone(this.id);
    }
  }

  /** As one of the program's scripts would print it. */
  #line(text: string, host = this.name): string {
    return this.around.scripts.line?.(host, text) ?? `host ${host}: ${text}`;
  }

  async #note(command: string, exitCode: number, output: string, hash: string | undefined): Promise<void> {
    await this.disk.note({
      time: new Date().toISOString(),
      command,
      exitCode,
      output,
      ...(hash === undefined ? {} : { hash }),
    });
  }

  #boot(): SshEndpoint {
    const key =
      this.around.fault(this.name).wrongHostKey === true ? hostKeyPair("stranger").private : this.disk.hostKey;
    return new SshEndpoint(key, this);
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { AskCloud, MachineSpec, PowerAction } from "../machines";
import { admits, FIREWALL_KINDS } from "../publicFirewall";
import { Doors } from "./doors";
import { FleetNetwork, PUBLIC_NET } from "./fleetNetwork";
import { FleetPaths } from "./fleetPaths";
import { Guest, type GuestSurroundings } from "./guest";
import { removeLeftovers } from "./leftovers";
import { LeftoversFile } from "./leftoversFile";
import { Limiter } from "./limiter";
import { allowInstances } from "./inotify";
import { ORIGIN_ADDRESS } from "./origin";
import type { RealMachines, RealMachinesOptions } from "./realMachines";
import type { RunOptions } from "./run";
import { Warden } from "./wardenClient";
import type { Leftovers, Surroundings } from "./wardenProtocol";

/** More at once only make each other slow. */
const BOOTS_AT_ONCE = 4;

/** Machines that are there: a Debian with systemd each, on a network of their own. Call realMachinesAvailable first. */
export async function realMachines(options: RealMachinesOptions): Promise<RealMachines> {
  mkdirSync(options.stateDir, { recursive: true, mode: 0o700 });
  const fleet = new RealFleet(options);
  await fleet.open();
  return fleet;
}

class RealFleet implements RealMachines {
  readonly #guests = new Map<number, Guest>();
  readonly #simulated = new Map<number, MachineSpec>();
  readonly #health = new Map<string, boolean>();
  readonly #doors = new Doors();
  readonly #boots = new Limiter(BOOTS_AT_ONCE);
  readonly #paths: FleetPaths;
  readonly #network: FleetNetwork;
  readonly #surroundings: Surroundings;
  readonly #around: GuestSurroundings;
  readonly #leftoversFile: LeftoversFile;
  #warden: Warden | undefined;

  constructor(private readonly options: RealMachinesOptions) {
    const { nameServers = [], origin } = options;
    this.#surroundings = { nameServers, ...(origin === undefined ? {} : { origin }) };
    const own = [...nameServers, ...(origin === undefined ? [] : [ORIGIN_ADDRESS])];
    this.#network = new FleetNetwork(options.stateDir, own);
    this.#leftoversFile = new LeftoversFile(options.stateDir);
    this.#around = {
      network: this.#network,
      cacheDir: options.cacheDir,
      onLeftovers: () => this.#guard(),
      warn: (message) => this.#warn(message),
    };
    this.#paths = new FleetPaths({
      network: this.#network,
      doors: this.#doors,
      warden: () => this.#warden,
      guests: this.#guests,
      simulated: this.#simulated,
      warn: (message) => this.#warn(message),
    });
  }

  get namespace(): string {
    return this.#network.name;
  }

  async open(): Promise<void> {
    allowInstances();
    await this.#leftoversFile.removeOld();
    this.#guard();
    try {
      await this.#network.make();
      this.#warden = await Warden.start(this.#network.path, this.#surroundings, {
        onHealth: ({ port, server, healthy }) => this.#health.set(`${server}:${port}`, healthy),
        onTrouble: (message) => this.#warn(message),
      });
      this.#guard();
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async create(spec: MachineSpec): Promise<void> {
    if (this.#guests.has(spec.id) || this.#simulated.has(spec.id)) return this.reconfigure(spec);
    if (this.options.simulated?.has(spec) === true) return this.#simulate(spec);
    const dir = join(this.options.stateDir, String(spec.id));
    const publicAddress = spec.publicIpv4 === undefined ? undefined : this.#freePublicAddress();
    const guest = Guest.make(dir, { spec, imageHash: this.options.imageHash, publicAddress }, this.#around);
    this.#guests.set(spec.id, guest);
    this.#guard();
    try {
      await this.#connect(guest);
      await this.#boots.run(() => guest.powerOn());
    } catch (error) {
      await this.delete(spec.id);
      throw error;
    }
  }

  async reconfigure(spec: MachineSpec): Promise<void> {
    if (this.#simulated.has(spec.id)) {
      this.#simulated.set(spec.id, spec);
      await this.options.simulated?.machines.reconfigure(spec);
      return this.#paths.update();
    }
    const guest = this.#known(spec.id);
    const publicAddress =
      spec.publicIpv4 === undefined ? undefined : (guest.publicAddress ?? this.#freePublicAddress());
    await guest.reconfigure(spec, publicAddress);
    await this.#connect(guest);
  }

  async power(id: number, action: PowerAction): Promise<void> {
    if (this.#simulated.has(id)) return this.options.simulated?.machines.power(id, action);
    const guest = this.#known(id);
    switch (action) {
      case "on":
        return this.#boots.run(() => guest.powerOn());
      case "off":
        return guest.powerCut();
      case "shutdown":
        return guest.shutdown();
      case "reboot":
        return guest.reboot();
      case "reset":
        await guest.powerCut();
        return guest.powerOn();
    }
  }

  async delete(id: number): Promise<void> {
    this.#doors.close(id);
    if (this.#simulated.delete(id)) {
      await this.options.simulated?.machines.delete(id);
      return this.#paths.update();
    }
    const guest = this.#guests.get(id);
    if (guest === undefined) return;
    this.#guests.delete(id);
    await guest.erase();
    await this.#paths.update();
  }

  async restore(specs: readonly MachineSpec[]): Promise<void> {
    const ids = new Set(specs.map(({ id }) => String(id)));
    for (const entry of readdirSync(this.options.stateDir, { withFileTypes: true }))
      if (entry.isDirectory() && !ids.has(entry.name))
        rmSync(join(this.options.stateDir, entry.name), { recursive: true, force: true });
    const isSimulated = (spec: MachineSpec): boolean => this.options.simulated?.has(spec) === true;
    await this.options.simulated?.machines.restore(specs.filter(isSimulated));
    const boots: Promise<void>[] = [];
    // By id, as they were created: the first with a public interface gets the fixed port again.
    for (const spec of [...specs].sort((a, b) => a.id - b.id)) {
      if (isSimulated(spec)) {
        await this.#simulate(spec, true);
        continue;
      }
      const guest = Guest.load(join(this.options.stateDir, String(spec.id)), this.#around);
      if (guest === undefined) {
        this.#warn(`machine ${spec.name}: nothing is left of it; it begins anew`);
        boots.push(this.create(spec));
        continue;
      }
      this.#guests.set(spec.id, guest);
      await guest.reconfigure(spec, guest.publicAddress);
      await this.#connect(guest);
      if (guest.powered) boots.push(this.#boots.run(() => guest.powerOn()));
    }
    await Promise.all(boots);
  }

  entry(id: number): { readonly host: string; readonly port: number } | undefined {
    const port = this.#doors.portOf(id);
    return port === undefined ? undefined : { host: "127.0.0.1", port };
  }

  follow(ask: AskCloud): void {
    this.#doors.admit = (id, source) => admits(ask(FIREWALL_KINDS), id, 22, source);
    this.#paths.follow(ask);
  }

  targetHealth(server: number, listenPort: number): "healthy" | "unhealthy" | undefined {
    const healthy = this.#health.get(`${server}:${listenPort}`);
    return healthy === undefined ? undefined : healthy ? "healthy" : "unhealthy";
  }

  powerCut(name: string): Promise<void> {
    return this.#named(name).powerCut();
  }

  setLinks(name: string, state: "up" | "down"): Promise<void> {
    return this.#network.setLinks(this.#named(name).links, state);
  }

  inside(name: string, command: readonly string[], options: RunOptions = {}): Promise<string> {
    return this.#named(name).inside(command, options);
  }

  idOf(name: string): number {
    return this.#named(name).spec.id;
  }

  async close(): Promise<void> {
    this.#paths.close();
    this.#doors.closeAll();
    this.#simulated.clear();
    await Promise.allSettled([...this.#guests.values()].map((guest) => guest.suspend()));
    const leftovers = this.#leftovers();
    await this.#warden?.end();
    // Where there was none, or it was killed.
    await removeLeftovers(leftovers);
    this.#guests.clear();
    this.#leftoversFile.forget();
    await this.options.simulated?.machines.close();
  }

  async #simulate(spec: MachineSpec, restored = false): Promise<void> {
    const { machines } = this.options.simulated ?? {};
    if (machines === undefined) return;
    if (!restored) await machines.create(spec);
    await this.#doors.openInner(spec.id, (socket) => machines.accept(spec.id, socket));
    this.#simulated.set(spec.id, spec);
    await this.#paths.update();
  }

  /** Makes the way to a machine: its network's gateway, and its SSH from outside where it has a public interface. */
  async #connect(guest: Guest): Promise<void> {
    if (guest.publicAddress !== undefined) await this.#doors.openEntry(guest.spec.id, this.options.entryPort ?? 0);
    await this.#paths.update();
  }

  #freePublicAddress(): string {
    const taken = new Set([...this.#guests.values()].map((guest) => guest.publicAddress));
    for (let n = 10; n < 250; n += 1) if (!taken.has(`${PUBLIC_NET.prefix}.${n}`)) return `${PUBLIC_NET.prefix}.${n}`;
    throw new Error("real machines: no public address is left; at most 240 machines may have one");
  }

  #named(name: string): Guest {
    const guest = [...this.#guests.values()].find(({ spec }) => spec.name === name);
    if (guest === undefined) throw new Error(`real machines: there is no machine ${name}`);
    return guest;
  }

  #known(id: number): Guest {
    const guest = this.#guests.get(id);
    if (guest === undefined) throw new Error(`real machines: there is no machine ${id}`);
    return guest;
  }

  #leftovers(): Leftovers {
    const guests = [...this.#guests.values()];
    return {
      namespace: this.#network.name,
      cgroups: guests.flatMap((guest) => guest.cgroups),
      mounts: guests.map((guest) => guest.root),
      folders: [this.#doors.folder, ...(this.options.temporary === true ? [this.options.stateDir] : [])],
    };
  }

  #guard(): void {
    const leftovers = this.#leftovers();
    // A guest may stop while a temporary folder is being removed.
    if (!existsSync(this.options.stateDir)) return;
    this.#leftoversFile.write(leftovers);
    this.#warden?.guard(leftovers);
  }

  #warn(message: string): void {
    this.options.log?.(`machines: ${message}`);
  }
}

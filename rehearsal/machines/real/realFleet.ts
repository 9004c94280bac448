import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Snapshot } from "../../cloud/cloud";
import { processStart } from "../../processStart";
import type { MachineSpec, Machines, PowerAction } from "../machines";
import type { SimulatedMachines } from "../simulated";
import { cloudView } from "./cloudView";
import { EstateNetwork, PUBLIC_NET } from "./estateNetwork";
import { Guest, type GuestSurroundings } from "./guest";
import { removeLeftovers } from "./leftovers";
import { Limiter } from "./limiter";
import type { RunOptions } from "./run";
import { Warden } from "./wardenClient";
import type { Leftovers, Tunnel } from "./wardenProtocol";
import { writeWhole } from "./writeWhole";

/** More at once only make each other slow. */
const BOOTS_AT_ONCE = 4;
/** How soon a change of a load balancer in the API has its effect. */
const FOLLOW_MS = 500;

export interface RealMachinesOptions {
  /** One folder per machine, named by its id. One fleet at a time may use it. */
  readonly stateDir: string;
  /** Golden images: see goldenImage. */
  readonly cacheDir: string;
  /** Image that new machines get. */
  readonly imageHash: string;
  /** Loopback port of the first machine with a public interface, i.e. the bastion. Default: any free one. */
  readonly entryPort?: number;
  /** Those that stay simulated, and which. Default: none. */
  readonly simulated?: { readonly machines: SimulatedMachines; readonly has: (spec: MachineSpec) => boolean };
  /** The folder goes with the fleet, however it ends. Default false. */
  readonly temporary?: boolean;
  readonly log?: (line: string) => void;
}

export interface RealMachines extends Machines {
  /** Namespace of the estate, as `ip -n` wants it. */
  readonly namespace: string;
  /** Plays the load balancers and routes that the API has, until closed. */
  follow(snapshot: () => Snapshot): void;
  /** What the last health check found; undefined: none yet. */
  targetHealth(server: number, listenPort: number): "healthy" | "unhealthy" | undefined;
  /** Pulls the plug: links down, then its init killed. `power(id, "on")` brings it back. */
  powerCut(name: string): Promise<void>;
  /** Cuts a running machine off from everything, or plugs it in again. */
  setLinks(name: string, state: "up" | "down"): Promise<void>;
  /** Runs a command in a machine, as root. */
  inside(name: string, command: readonly string[], options?: RunOptions): Promise<string>;
  idOf(name: string): number;
}

/** Machines that are there: a Debian with systemd each, on a network of their own. Call realMachinesAvailable first. */
export async function realMachines(options: RealMachinesOptions): Promise<RealMachines> {
  mkdirSync(options.stateDir, { recursive: true, mode: 0o700 });
  const fleet = new RealFleet(options);
  await fleet.open();
  return fleet;
}

class RealFleet implements RealMachines {
  readonly #guests = new Map<number, Guest>();
  readonly #simulated = new Map<number, { readonly spec: MachineSpec; readonly server: Server }>();
  readonly #entries = new Map<number, { readonly server: Server; readonly port: number }>();
  readonly #health = new Map<string, boolean>();
  readonly #sockets = new Set<Socket>();
  readonly #boots = new Limiter(BOOTS_AT_ONCE);
  readonly #network: EstateNetwork;
  readonly #around: GuestSurroundings;
  readonly #socketDir = mkdtempSync(join(tmpdir(), "kb-"));
  #balancerAddresses: ReadonlySet<string> = new Set();
  #warden: Warden | undefined;
  #follower: NodeJS.Timeout | undefined;
  #lastView = "";

  constructor(private readonly options: RealMachinesOptions) {
    this.#network = new EstateNetwork(options.stateDir);
    this.#around = {
      network: this.#network,
      cacheDir: options.cacheDir,
      onLeftovers: () => this.#guard(),
      warn: (message) => this.#warn(message),
    };
  }

  get namespace(): string {
    return this.#network.name;
  }

  async open(): Promise<void> {
    await this.#removeOldLeftovers();
    this.#guard();
    try {
      await this.#network.make();
      this.#warden = await Warden.start(this.#network.path, {
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
    const simulated = this.#simulated.get(spec.id);
    if (simulated !== undefined) {
      this.#simulated.set(spec.id, { ...simulated, spec });
      await this.options.simulated?.machines.reconfigure(spec);
      return this.#setPaths();
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
    const simulated = this.#simulated.get(id);
    if (simulated !== undefined) {
      simulated.server.close();
      this.#simulated.delete(id);
      await this.options.simulated?.machines.delete(id);
      return this.#setPaths();
    }
    const guest = this.#guests.get(id);
    if (guest === undefined) return;
    this.#guests.delete(id);
    this.#entries.get(id)?.server.close();
    this.#entries.delete(id);
    await guest.erase();
    await this.#setPaths();
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
    const entry = this.#entries.get(id);
    return entry === undefined ? undefined : { host: "127.0.0.1", port: entry.port };
  }

  follow(snapshot: () => Snapshot): void {
    let busy = false;
    this.#follower = setInterval(() => {
      if (busy) return;
      busy = true;
      this.#apply(snapshot())
        .catch((error: unknown) => this.#warn(error instanceof Error ? error.message : String(error)))
        .finally(() => (busy = false));
    }, FOLLOW_MS);
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
    clearInterval(this.#follower);
    for (const { server } of this.#entries.values()) server.close();
    for (const { server } of this.#simulated.values()) server.close();
    for (const socket of this.#sockets) socket.destroy();
    this.#entries.clear();
    this.#simulated.clear();
    await Promise.allSettled([...this.#guests.values()].map((guest) => guest.suspend()));
    const leftovers = this.#leftovers();
    await this.#warden?.end();
    // Where there was none, or it was killed.
    await removeLeftovers(leftovers);
    this.#guests.clear();
    rmSync(this.#leftoversFile, { force: true });
    await this.options.simulated?.machines.close();
  }

  async #simulate(spec: MachineSpec, restored = false): Promise<void> {
    const { machines } = this.options.simulated ?? {};
    if (machines === undefined) return;
    if (!restored) await machines.create(spec);
    const server = createServer({ noDelay: true }, (socket) => {
      this.#keep(socket);
      machines.accept(spec.id, socket);
    });
    await listen(server, this.#socketOf(spec.id));
    this.#simulated.set(spec.id, { spec, server });
    await this.#setPaths();
  }

  /** Makes the way to a machine: its network's gateway, and its SSH from outside where it has a public interface. */
  async #connect(guest: Guest): Promise<void> {
    const { id, privateAddresses } = guest.spec;
    for (const { networkCidr } of privateAddresses) await this.#network.addGateway(networkCidr);
    if (guest.publicAddress !== undefined && !this.#entries.has(id)) {
      const server = createServer({ noDelay: true, allowHalfOpen: true }, (near) => {
        const far = connect({ path: this.#socketOf(id), allowHalfOpen: true });
        this.#keep(near);
        this.#keep(far);
        far.once("close", () => near.destroy());
        near.once("close", () => far.destroy());
        near.pipe(far).pipe(near);
      });
      const wanted = this.#entries.size === 0 ? (this.options.entryPort ?? 0) : 0;
      await listen(server, wanted);
      const address = server.address();
      this.#entries.set(id, { server, port: typeof address === "object" && address !== null ? address.port : wanted });
    }
    await this.#setPaths();
  }

  /** Tunnels between namespace and sockets, and addresses of what is no machine. */
  async #setPaths(): Promise<void> {
    const simulated = [...this.#simulated.values()].flatMap(({ spec }) =>
      spec.privateAddresses.map((one) => ({ ...one, id: spec.id })),
    );
    for (const { networkCidr } of simulated) await this.#network.addGateway(networkCidr);
    await this.#network.setAddresses(new Set([...simulated.map(({ address }) => address), ...this.#balancerAddresses]));
    const inward: Tunnel[] = [...this.#guests.values()].flatMap((guest) =>
      guest.publicAddress === undefined
        ? []
        : [{ from: { path: this.#socketOf(guest.spec.id) }, to: { host: guest.publicAddress, port: 22 } }],
    );
    const outward: Tunnel[] = simulated.map(({ address, id }) => ({
      from: { host: address, port: 22 },
      to: { path: this.#socketOf(id) },
    }));
    this.#warden?.setTunnels([...inward, ...outward]);
  }

  async #apply(snapshot: Snapshot): Promise<void> {
    if (!this.#network.connected) return;
    const specs = new Map<number, MachineSpec>([
      ...[...this.#guests].map(([id, guest]): [number, MachineSpec] => [id, guest.spec]),
      ...[...this.#simulated].map(([id, { spec }]): [number, MachineSpec] => [id, spec]),
    ]);
    const view = cloudView(snapshot, (id) => specs.get(id)?.privateAddresses[0]?.address);
    const text = JSON.stringify([view.balancers, [...view.routes]]);
    if (text === this.#lastView) return;
    this.#balancerAddresses = new Set(view.balancers.map(({ address }) => address));
    await this.#setPaths();
    await this.#network.setRoutes(view.routes);
    this.#warden?.setBalancers(view.balancers);
    this.#lastView = text;
  }

  #freePublicAddress(): string {
    const taken = new Set([...this.#guests.values()].map((guest) => guest.publicAddress));
    for (let n = 10; n < 250; n += 1) if (!taken.has(`${PUBLIC_NET.prefix}.${n}`)) return `${PUBLIC_NET.prefix}.${n}`;
    throw new Error("real machines: no public address is left; at most 240 machines may have one");
  }

  #socketOf(id: number): string {
    return join(this.#socketDir, `${id}.sock`);
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => undefined);
    socket.once("close", () => this.#sockets.delete(socket));
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

  get #leftoversFile(): string {
    return join(this.options.stateDir, "leftovers.json");
  }

  #leftovers(): Leftovers {
    const guests = [...this.#guests.values()];
    return {
      namespace: this.#network.name,
      cgroups: guests.flatMap((guest) => guest.cgroups),
      mounts: guests.map((guest) => guest.root),
      folders: [this.#socketDir, ...(this.options.temporary === true ? [this.options.stateDir] : [])],
    };
  }

  #guard(): void {
    const leftovers = this.#leftovers();
    // A guest may stop while a temporary folder is being removed.
    if (!existsSync(this.options.stateDir)) return;
    const own = { pid: process.pid, started: processStart(process.pid) };
    writeWhole(this.#leftoversFile, JSON.stringify({ ...own, ...leftovers }));
    this.#warden?.guard(leftovers);
  }

  /** Of a run that ended without a word, and its warden with it. @throws Error when that run still lives. */
  async #removeOldLeftovers(): Promise<void> {
    if (!existsSync(this.#leftoversFile)) return;
    const old = JSON.parse(readFileSync(this.#leftoversFile, "utf8")) as Leftovers & {
      readonly pid: number;
      readonly started?: string;
    };
    const started = processStart(old.pid);
    if (old.pid !== process.pid && started !== undefined && started === (old.started ?? started))
      throw new Error(
        `the machines in ${this.options.stateDir} are in use by process ${old.pid}; remedy: end that rehearsal first`,
      );
    await removeLeftovers(old);
  }

  #warn(message: string): void {
    this.options.log?.(`machines: ${message}`);
  }
}

function listen(server: Server, where: number | string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(
        new Error(
          error.code === "EADDRINUSE"
            ? `port 127.0.0.1:${where} is in use; remedy: end the program that holds it`
            : error.message,
        ),
      ),
    );
    if (typeof where === "string") server.listen(where, () => resolve());
    else server.listen(where, "127.0.0.1", () => resolve());
  });
}

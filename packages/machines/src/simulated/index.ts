import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import type { AskCloud, MachineSpec, Machines, PowerAction } from "../machines";
import { admits, FIREWALL_KINDS } from "../publicFirewall";
import type { HostScripts } from "./hostScript";
import type { HistoryEntry } from "./machineDisk";
import { Daemons, type PeerDaemon } from "./daemons";
import type { RoleSimulator } from "./roleSimulator";
import { SimulatedMachine } from "./simulatedMachine";
import type { MachineFault, MachineSurroundings } from "./surroundings";
import { noWayOut } from "./wayOut";

export type { PeerDaemon } from "./daemons";
export type { AptCall, HostFile, HostScript, HostScripts } from "./hostScript";
export type { HistoryEntry } from "./machineDisk";
export type { RoleSimulator, SimulatedHost } from "./roleSimulator";
export type { MachineFault } from "./surroundings";

export interface SimulatedMachinesOptions {
  /** One folder per machine: its host key, files (readable by this user alone), state and history. */
  readonly stateDir: string;
  /** Loopback port of the first machine with a public interface, i.e. the way in to the others. Default: any free one. */
  readonly entryPort?: number;
  /** How the program's own scripts are understood. Default: not at all; of every script the syntax is checked. */
  readonly scripts?: HostScripts;
  /** What machines do beyond keeping their files. Default: nothing. */
  readonly roles?: readonly RoleSimulator[];
  /** Daemons that do not start alone. Default: every daemon does. */
  readonly daemons?: readonly PeerDaemon[];
  /** How long a start is waited for. Default 60. */
  readonly patienceSeconds?: number;
}

export interface SimulatedMachines extends Machines {
  /** Commands that ran on a machine, oldest first; survives a restart. */
  history(name: string): readonly HistoryEntry[];
  /** Content of a file of a machine. */
  read(name: string, path: string): string | undefined;
  /** Hands a connection to the sshd of a machine that is reached by other ways than a loopback port. */
  accept(id: number, socket: Socket): void;
  /**
   * From now on machines are in that cloud: whom the firewalls of a public interface keep out is not answered, and a
   * machine without one needs a way out. Asked each time.
   */
  follow(ask: AskCloud): void;
  /** Puts a fault on a machine, or takes all away (undefined); a machine that is up reboots. For tests. */
  setFault(name: string, fault: MachineFault | undefined): void;
}

/** Servers that are not there: they answer SSH on loopback, keep and check what they are given, and run none of it. */
export function simulatedMachines(options: SimulatedMachinesOptions): SimulatedMachines {
  return new SimulatedFleet(options);
}

class SimulatedFleet implements SimulatedMachines, MachineSurroundings<SimulatedMachine> {
  readonly stateDir: string;
  readonly roles: readonly RoleSimulator[];
  readonly scripts: HostScripts;
  readonly daemons: Daemons;
  readonly #machines = new Map<number, SimulatedMachine>();
  readonly #listeners = new Map<number, { readonly server: Server; readonly port: number }>();
  readonly #sockets = new Set<Socket>();
  readonly #faults = new Map<string, MachineFault>();
  #ask: AskCloud | undefined;

  constructor(private readonly options: SimulatedMachinesOptions) {
    this.stateDir = options.stateDir;
    mkdirSync(this.stateDir, { recursive: true, mode: 0o700 });
    this.roles = options.roles ?? [];
    this.scripts = options.scripts ?? { read: () => undefined };
    this.daemons = new Daemons(options.daemons ?? [], () => [...this.#machines.values()], options.patienceSeconds);
  }

  async create(spec: MachineSpec): Promise<void> {
    const known = this.#machines.get(spec.id);
    if (known !== undefined) return this.reconfigure(spec);
    const twin = this.#named(spec.name);
    if (twin !== undefined)
      throw new Error(
        `simulated machine ${spec.name}: server ${twin.id} has this name already; remedy: delete it first`,
      );
    const machine = new SimulatedMachine(spec, this);
    this.#machines.set(spec.id, machine);
    await this.#listen(machine);
    await machine.resume();
  }

  async reconfigure(spec: MachineSpec): Promise<void> {
    const machine = this.#known(spec.id);
    machine.reconfigure(spec);
    if (spec.publicIpv4 === undefined) await this.#unlisten(spec.id);
    else await this.#listen(machine);
  }

  async power(id: number, action: PowerAction): Promise<void> {
    const machine = this.#known(id);
    switch (action) {
      case "on":
        if (!machine.disk.state.powered) machine.setPower(true);
        return;
      case "off":
      case "shutdown":
        machine.setPower(false);
        return;
      case "reboot":
      case "reset":
        machine.setPower(true);
        return;
    }
  }

  async delete(id: number): Promise<void> {
    const machine = this.#machines.get(id);
    if (machine === undefined) return;
    this.#machines.delete(id);
    await this.#unlisten(id);
    this.daemons.stopped(machine);
    await machine.erase();
  }

  async restore(specs: readonly MachineSpec[]): Promise<void> {
    const names = new Set(specs.map(({ name }) => name));
    for (const entry of readdirSync(this.stateDir)) {
      if (!names.has(entry)) rmSync(join(this.stateDir, entry), { recursive: true, force: true });
    }
    // By id, as they were created: the first with a public interface gets the fixed port again.
    for (const spec of [...specs].sort((a, b) => a.id - b.id)) await this.create(spec);
  }

  entry(id: number): { readonly host: string; readonly port: number } | undefined {
    const listener = this.#listeners.get(id);
    return listener === undefined ? undefined : { host: "127.0.0.1", port: listener.port };
  }

  async close(): Promise<void> {
    for (const machine of this.#machines.values()) machine.cutOff();
    for (const id of [...this.#listeners.keys()]) await this.#unlisten(id);
    this.#machines.clear();
  }

  history(name: string): readonly HistoryEntry[] {
    return this.#named(name)?.disk.history() ?? [];
  }

  read(name: string, path: string): string | undefined {
    return this.#named(name)?.read(path);
  }

  accept(id: number, socket: Socket): void {
    const machine = this.#machines.get(id);
    if (machine === undefined) socket.destroy();
    else machine.accept(socket);
  }

  follow(ask: AskCloud): void {
    this.#ask = ask;
  }

  setFault(name: string, fault: MachineFault | undefined): void {
    if (fault === undefined) this.#faults.delete(name);
    else this.#faults.set(name, fault);
    const machine = this.#named(name);
    if (machine?.disk.state.powered === true) machine.setPower(true);
  }

  noWayOut({ spec }: SimulatedMachine): string | undefined {
    if (this.#ask === undefined) return undefined;
    return noWayOut(spec, this.#ask(), (address, networkId) => this.neighbour(address, new Set([networkId])));
  }

  fault(name: string): MachineFault {
    return this.#faults.get(name) ?? {};
  }

  neighbour(address: string, networkIds: ReadonlySet<number>): SimulatedMachine | undefined {
    return [...this.#machines.values()].find((machine) =>
      machine.spec.privateAddresses.some((one) => one.address === address && networkIds.has(one.networkId)),
    );
  }

  #named(name: string): SimulatedMachine | undefined {
    return [...this.#machines.values()].find((machine) => machine.name === name);
  }

  #known(id: number): SimulatedMachine {
    const machine = this.#machines.get(id);
    if (machine === undefined) throw new Error(`simulated machines: there is no machine ${id}`);
    return machine;
  }

  async #listen(machine: SimulatedMachine): Promise<void> {
    if (machine.spec.publicIpv4 === undefined || this.#listeners.has(machine.id)) return;
    const server = createServer({ noDelay: true }, (socket) => {
      this.#sockets.add(socket);
      socket.on("error", () => undefined);
      socket.once("close", () => this.#sockets.delete(socket));
      if (admits(this.#ask?.(FIREWALL_KINDS) ?? {}, machine.id, 22, socket.remoteAddress ?? "")) machine.accept(socket);
      // As packets that are dropped: nobody ever answers.
      else socket.resume();
    });
    const wanted = this.#listeners.size === 0 ? (this.options.entryPort ?? 0) : 0;
    const port = await new Promise<number>((resolve, reject) => {
      server.once("error", (error: NodeJS.ErrnoException) => {
        const why =
          error.code === "EADDRINUSE"
            ? "is in use; remedy: end the program that holds it"
            : `cannot be used: ${error.message}`;
        reject(new Error(`simulated machine ${machine.name}: port 127.0.0.1:${wanted} ${why}`));
      });
      server.listen(wanted, "127.0.0.1", () => {
        const address = server.address();
        resolve(typeof address === "object" && address !== null ? address.port : wanted);
      });
    });
    this.#listeners.set(machine.id, { server, port });
  }

  async #unlisten(id: number): Promise<void> {
    const listener = this.#listeners.get(id);
    if (listener === undefined) return;
    this.#listeners.delete(id);
    const closed = new Promise<void>((resolve) => void listener.server.close(() => resolve()));
    if (this.#listeners.size === 0) for (const socket of this.#sockets) socket.destroy();
    this.#machines.get(id)?.cutOff();
    await closed;
  }
}

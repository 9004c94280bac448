import type { Daemons } from "./daemons";
import type { HostScripts } from "./hostScript";
import type { RoleSimulator } from "./roleSimulator";

/** Faults that a test may put on a machine, by its name. */
export interface MachineFault {
  /** Connections are refused. */
  readonly unreachable?: boolean;
  /** It answers with another host key than the one it made. */
  readonly wrongHostKey?: boolean;
  /** Id of the step at which every host script fails, e.g. "unit/app.service". */
  readonly failAtStep?: string;
}

/** What a simulated machine knows of all others. */
export interface MachineSurroundings<Machine> {
  readonly stateDir: string;
  readonly roles: readonly RoleSimulator[];
  readonly scripts: HostScripts;
  readonly daemons: Daemons;
  fault(name: string): MachineFault;
  /** The machine at a private address in one of these networks. */
  neighbour(address: string, networkIds: ReadonlySet<number>): Machine | undefined;
  /** Why a machine reaches nothing outside; undefined where it does. */
  noWayOut(machine: Machine): string | undefined;
}

import type { AskCloud, MachineSpec, Machines } from "../machines";
import type { SimulatedMachines } from "../simulated";
import type { Origin } from "./origin";
import type { RunOptions } from "./run";

export interface RealMachinesOptions {
  /** One folder per machine, named by its id. One fleet at a time may use it. */
  readonly stateDir: string;
  /** Golden images: see goldenImage. */
  readonly cacheDir: string;
  /** Image that new machines get. */
  readonly imageHash: string;
  /** Loopback port of the first machine with a public interface, i.e. the way in to the others. Default: any free one. */
  readonly entryPort?: number;
  /** Those that stay simulated, and which. Default: none. */
  readonly simulated?: { readonly machines: SimulatedMachines; readonly has: (spec: MachineSpec) => boolean };
  /** Where machines ask for names; there are none but the origin's. Default: nobody answers there. */
  readonly nameServers?: readonly string[];
  /** What there is of the internet. Default: nothing. */
  readonly origin?: Origin;
  /** The folder goes with the fleet, however it ends. Default false. */
  readonly temporary?: boolean;
  readonly log?: (line: string) => void;
}

export interface RealMachines extends Machines {
  /** Namespace of its network, as `ip -n` wants it. */
  readonly namespace: string;
  /** Plays the load balancers, routes and firewalls that the API has, until closed. Before, everybody gets in. */
  follow(ask: AskCloud): void;
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

import type { HostScript } from "./hostScript";

/** What a role sees of the machine that it answers for. */
export interface SimulatedHost {
  readonly id: number;
  readonly name: string;
  /** First private IPv4 address. */
  readonly privateAddress: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  /** Content of a file of the virtual file system. */
  read(path: string): string | undefined;
  /** Units that are to run on it. */
  units(): readonly string[];
  /** absent: not to run. begun: it waits for daemons on other machines (PeerDaemon). started: it runs. */
  unit(name: string): "absent" | "begun" | "started";
}

/**
 * The seam for what a role does beyond keeping its files, e.g. a first server that makes a token. It sees every
 * machine; one that `matches` and later no longer does, or is deleted, is told by `onGone`.
 */
export interface RoleSimulator {
  readonly name: string;
  matches(files: ReadonlySet<string>): boolean;
  /**
   * Files (path -> content) that the role's daemons make by themselves. They are kept with mode 0600. Called after each
   * script, and after each start of a daemon that had waited for others.
   */
  onApply(host: SimulatedHost, script: HostScript | undefined): Promise<Readonly<Record<string, string>>>;
  onGone(hostId: number): Promise<void>;
}

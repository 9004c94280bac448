import type { Placement } from "./processArgs";
import type { Resources } from "./quantity";

/** A program that runs at its times, never twice at once: a run that is still going on keeps the next one from starting. */
export interface CronArgs {
  /** Names the CronJob, and its pods in NetworkPolicies: "shop-report"; Kubernetes adds to it: 52 characters at most. */
  readonly name: string;
  /** Minute, hour, day of the month, month, day of the week: "0 3 * * *". */
  readonly schedule: string;
  /** Of the schedule, by its name in the IANA database. Default "Etc/UTC". */
  readonly timeZone?: string;
  /** Default: the image's. */
  readonly command?: readonly string[];
  /** Default: the image's. */
  readonly args?: readonly string[];
  /** Plain values for this program alone. Default: none. */
  readonly env?: Readonly<Record<string, string>>;
  /** Seconds for all attempts of one run together. */
  readonly timeoutSeconds: number;
  /** Further attempts after a failed one. Default 0: the next time comes by itself. */
  readonly retries?: number;
  readonly resources: Resources;
  /** Default: away from AI and monitoring workers where possible. */
  readonly placement?: Placement;
}

/** With its defaults. */
export interface CronPlan extends Omit<CronArgs, "command" | "args"> {
  readonly timeZone: string;
  readonly env: Readonly<Record<string, string>>;
  readonly retries: number;
  readonly placement: Placement;
  readonly command: readonly string[] | undefined;
  readonly args: readonly string[] | undefined;
}

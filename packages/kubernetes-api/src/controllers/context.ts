import type { Cluster } from "../cluster";
import { textAt, type JsonObject } from "../wire/json";

/** Keeps a named workload from becoming ready, or makes a named Job fail. For tests. */
export interface Fault {
  /** e.g. "Deployment", "Job". */
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** e.g. "CrashLoopBackOff"; for a Job e.g. "BackoffLimitExceeded". */
  readonly reason: string;
  readonly message?: string;
  /** Jobs: true fails the Job, false keeps it running for ever. Deployments: true = the progress deadline is over. Default true. */
  readonly final?: boolean;
}

/** What every controller works with. */
export interface ControllerContext {
  readonly cluster: Cluster;
  readonly podCidr: string;
  readonly faults: readonly Fault[];
}

export const nameOf = (object: JsonObject): string => textAt(object, "metadata", "name") ?? "";
export const namespaceOf = (object: JsonObject): string => textAt(object, "metadata", "namespace") ?? "";
export const uidOf = (object: JsonObject): string => textAt(object, "metadata", "uid") ?? "";

export function faultOf({ faults }: ControllerContext, object: JsonObject): Fault | undefined {
  return faults.find(
    (fault) => fault.kind === object.kind && fault.namespace === namespaceOf(object) && fault.name === nameOf(object),
  );
}

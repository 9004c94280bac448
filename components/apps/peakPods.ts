import { partyKey, type Party } from "../topology/party";
import type { AppPlan } from "./appPlan";
import { processPods } from "./labels";
import type { ProcessPlan } from "./processPlan";

/** Pods of a consumer at a time when it has its most replicas and is rolled out. Of a Job, and of whom no plan has: one. */
export function peakPods(apps: readonly AppPlan[], consumer: Party): number {
  const key = partyKey(consumer);
  for (const { namespace, processes } of apps)
    for (const process of processes) if (partyKey(processPods(namespace, process.name)) === key) return peak(process);
  return 1;
}

function peak(process: ProcessPlan): number {
  switch (process.kind) {
    case "deployment": {
      const pods = process.autoscale?.max ?? process.minReplicas;
      // As in renderWorkload: never two at a time, or a quarter more, rounded up.
      return process.rollout === "recreate" ? pods : pods + Math.ceil(pods / 4);
    }
    case "stateful":
      return process.minReplicas;
    case "daemon":
      return process.nodes;
  }
}

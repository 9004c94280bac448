import type { AppPlan } from "../components/apps/appPlan";
import { processPods } from "../components/apps/labels";
import type { Endpoint, Topology } from "../components/topology/topology";

/** Pods that have a token of the Kubernetes API reach it, and no others. Once all applications are planned. */
export function allowTokens(topology: Topology, api: Endpoint, apps: readonly AppPlan[]): void {
  for (const { apiAccess, namespace, processes, crons, migration } of apps) {
    if (!apiAccess) continue;
    const names = [...processes, ...crons, ...(migration === undefined ? [] : [migration])].map(({ name }) => name);
    for (const name of names) topology.allow(processPods(namespace, name), api, "it has a token of the Kubernetes API");
  }
}

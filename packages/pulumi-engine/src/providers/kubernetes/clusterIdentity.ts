import { parseKubeconfig } from "@standin/kubernetes-api/wire/connection";
import { UNKNOWN, type Properties } from "../../provider";

/**
 * Why the official provider takes a configuration for another cluster's, and replaces every object (pulumi-kubernetes,
 * DiffConfig): another clusterIdentifier; without one, another server or authority, or a kubeconfig that nobody knows
 * yet. Undefined: it is the same cluster, and the provider is updated.
 */
export function otherCluster(olds: Properties, news: Properties): string | undefined {
  if (olds.clusterIdentifier !== news.clusterIdentifier) return "clusterIdentifier changes";
  if (typeof news.clusterIdentifier === "string") return undefined;
  if (news.kubeconfig === UNKNOWN) return "kubeconfig is not known yet, and there is no clusterIdentifier";
  const [before, after] = [olds, news].map(({ kubeconfig, context }) => {
    if (typeof kubeconfig !== "string") return undefined;
    const { server, ca } = parseKubeconfig(kubeconfig, typeof context === "string" ? context : undefined);
    return JSON.stringify({ server, ca });
  });
  return before === after ? undefined : "kubeconfig leads to another server, and there is no clusterIdentifier";
}

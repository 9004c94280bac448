import * as pulumi from "@pulumi/pulumi";
import type { ClusterCredential } from "../components/cluster/k3s/clusterCredential";
import type { OperatorGroupName } from "../components/cluster/k3s/operatorGroups";

/**
 * The ways into the cluster, as the stack's outputs: "kubeconfig" with full rights on it, "kubeconfig-viewers" with
 * theirs, all secret; and "kubeconfigEnds", when each of them ends.
 */
export function kubeconfigOutputs(
  program: ClusterCredential,
  operators: ReadonlyMap<OperatorGroupName, ClusterCredential>,
): Readonly<Record<string, pulumi.Output<unknown>>> {
  const all: readonly (readonly [string, ClusterCredential])[] = [
    ["kubeconfig", program],
    ...[...operators].map(([group, credential]) => [`kubeconfig-${group}`, credential] as const),
  ];
  return {
    ...Object.fromEntries(all.map(([output, { kubeconfig }]) => [output, kubeconfig])),
    kubeconfigEnds: pulumi.output(Object.fromEntries(all.map(([output, { endsAt }]) => [output, endsAt]))),
  };
}

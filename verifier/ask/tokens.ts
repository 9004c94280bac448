import type { Declaration } from "../declaration";
import type { Finding } from "../finding";
import { at } from "../read/graph";
import { podSpec, type Workload } from "../read/workload";
import type { World } from "../read/world";
import { hostsOf, podsOf } from "../walk/parties";

/**
 * Who has a token of the Kubernetes API reaches it. Who has none does not, but by a flow of its own: what is declared for
 * any pod is a door for each that is taken over. Pods that come with the cluster all have one.
 */
export function checkTokens(world: World, { flows }: Declaration): readonly Finding[] {
  const { cluster, hosts } = world;
  const api = [...hosts.values()].flatMap(({ address, addressText, listeners }) =>
    listeners
      .filter(({ daemon }) => daemon === "k3sApi")
      .map(({ port }) => ({ range: { first: address, last: address, text: addressText }, port })),
  );
  const asked = flows.filter(
    ({ from, to }) =>
      from.kind === "pods" &&
      hostsOf(world, to.provider).some((host) => api.some(({ range }) => range.first === host.address)),
  );
  return cluster.workloads.flatMap((workload): readonly Finding[] => {
    const token = tokenOf(workload);
    if (token === undefined || workload.hostNetwork) return [];
    if (!token && asked.some(({ from }) => podsOf(world, from).includes(workload))) return [];
    const wrong = api.filter(
      ({ range, port }) => (cluster.policies.permits(workload, "egress", range, port, "tcp") !== undefined) !== token,
    );
    if (wrong.length === 0) return [];
    return [
      {
        question: token ? "open" : "closed",
        subject: `${workload.label} and the Kubernetes API`,
        at: `NetworkPolicies of ${workload.label}`,
        rule: token ? "missing: egress to the API" : "egress to the API",
        value: `${token ? "it has a token, and does not reach" : "it has no token, and reaches"} ${wrong.map(({ range, port }) => `${range.text}:${port}`).join(", ")}`,
        remedy: token
          ? "declare the flow, or mount no token (automountServiceAccountToken: false)"
          : "take the flow back, or give its pods a token (apiAccess)",
      },
    ];
  });
}

/** Is a token put into its pods? Kubernetes' default is yes. Undefined: not said in what is emitted. */
function tokenOf(workload: Workload): boolean | undefined {
  if (workload.resource === undefined) return undefined;
  return at(podSpec(workload), "automountServiceAccountToken") !== false;
}

import type { Kept, KeptFrom } from "../../secrets/kept";
import type { Pods } from "../../topology/party";
import type { Topology } from "../../topology/topology";

/** Pod Security Standards (kubernetes.io, Pod Security Admission). */
export type PodSecurity = "restricted" | "baseline" | "privileged";

export interface NamespacePlan {
  readonly name: string;
  /** Made by the program; the others are there from the start. */
  readonly managed: boolean;
  readonly labels: Readonly<Record<string, string>>;
  /** What its claims hold; it goes with the namespace. */
  readonly keeps: readonly Kept[];
}

/** Is a namespace kept from deletion? Until all whose claims are in it have consented. */
export const isKept = ({ keeps }: NamespacePlan, isProtected: KeptFrom): boolean =>
  keeps.some(({ owner }) => isProtected(owner));

/** Of the ingress controller, whoever installs it. */
export const INGRESS_NAMESPACE = "ingress-nginx";

/**
 * Of Calico's operator. It makes them too, but after the policies that are to be in them; whoever is first, both
 * want the same. Pods in them reach the API and DNS, and nothing else; those on the nodes' network are no concern of
 * NetworkPolicies.
 */
export const CALICO_NAMESPACES = ["calico-system", "tigera-operator"] as const;

/** Namespaces that Kubernetes makes itself. */
const GIVEN: ReadonlySet<string> = new Set(["default", "kube-system", "kube-public", "kube-node-lease"]);

/** What must be weaker than the default, and only because of what runs there. */
const EXCEPTIONS: Readonly<Record<string, PodSecurity>> = {
  // The controller is on the nodes' own network.
  [INGRESS_NAMESPACE]: "privileged",
  // So are calico-node and its operator; the operator sets the same levels.
  ...Object.fromEntries(CALICO_NAMESPACES.map((name) => [name, "privileged" as const])),
};

export interface NamespacesArgs {
  readonly topology: Topology;
  /** Namespaces of workloads that take part in no flow. Default: none. */
  readonly further?: readonly string[];
  /** Default: "restricted", which all pods of applications fit (components/apps/renderPods.ts). */
  readonly podSecurity?: Readonly<Record<string, PodSecurity>>;
  /** What is on claims, by namespace. Default: nothing. */
  readonly keeps?: ReadonlyMap<string, readonly Kept[]>;
}

/** Every namespace with workloads, sorted: those of all pods that take part in a flow, and the ingress'. */
export function namespacePlans({
  topology,
  further = [],
  podSecurity = {},
  keeps = new Map(),
}: NamespacesArgs): readonly NamespacePlan[] {
  const names = new Set([INGRESS_NAMESPACE, ...further, ...podParties(topology).map(({ namespace }) => namespace)]);
  const unknown = Object.keys(podSecurity).filter((name) => !names.has(name));
  if (unknown.length > 0) {
    throw new Error(
      `namespaces: podSecurity names ${unknown.join(", ")}, which no workload is in; allowed: ${[...names].sort().join(", ")}`,
    );
  }
  return [...names].sort().map((name) => {
    if (GIVEN.has(name)) return { name, managed: false, labels: {}, keeps: [] };
    const level = podSecurity[name] ?? EXCEPTIONS[name] ?? "restricted";
    return {
      name,
      managed: true,
      labels: {
        "app.kubernetes.io/managed-by": "pulumi",
        "pod-security.kubernetes.io/enforce": level,
        "pod-security.kubernetes.io/warn": level,
        "pod-security.kubernetes.io/audit": level,
      },
      keeps: keeps.get(name) ?? [],
    };
  });
}

/** All pods that a flow starts from or leads to. */
function podParties(topology: Topology): readonly Pods[] {
  return [...topology.endpoints.map(({ provider }) => provider), ...topology.flows.map(({ from }) => from)].filter(
    (party) => party.kind === "pods",
  );
}

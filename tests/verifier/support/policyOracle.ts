// NetworkPolicies, written once more straight from Kubernetes' documentation (kubernetes.io, Network Policies, and the
// API reference of NetworkPolicySpec), to be held against the verifier. Nothing of the verifier is used here.

export interface OraclePod {
  readonly namespace: string;
  readonly labels: Labels;
  readonly ip: string;
}
export type Labels = Readonly<Record<string, string>>;

interface LabelSelector {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}
interface PolicyPeer {
  readonly podSelector?: LabelSelector;
  readonly namespaceSelector?: LabelSelector;
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] };
}
interface PolicyPort {
  readonly protocol?: string;
  readonly port?: number;
  readonly endPort?: number;
}
interface Rule {
  readonly from?: readonly PolicyPeer[];
  readonly to?: readonly PolicyPeer[];
  readonly ports?: readonly PolicyPort[];
}
export interface NetworkPolicyObject {
  readonly metadata: { readonly namespace: string; readonly name: string };
  readonly spec: {
    readonly podSelector: LabelSelector;
    readonly policyTypes?: readonly string[];
    readonly ingress?: readonly Rule[];
    readonly egress?: readonly Rule[];
  };
}

/** Labels of namespaces by name, as the API server keeps them. */
export type Namespaces = ReadonlyMap<string, Labels>;

/**
 * "For a connection from a source pod to a destination pod to be allowed, both the egress policy on the source pod and
 * the ingress policy on the destination pod need to allow the connection." This asks one of the two sides; the other
 * end is a pod, or an address outside of the cluster.
 */
export function oracle(
  policies: readonly NetworkPolicyObject[],
  namespaces: Namespaces,
  pod: OraclePod,
  direction: "Ingress" | "Egress",
): (other: OraclePod | string, port: number, protocol: "TCP" | "UDP") => boolean {
  // "A pod is isolated if there is any NetworkPolicy that both selects the pod and has [the direction] in its policyTypes."
  const applying = policies.filter(
    ({ metadata, spec }) =>
      metadata.namespace === pod.namespace &&
      selects(spec.podSelector, pod.labels) &&
      typesOf(spec).includes(direction),
  );
  // "By default, a pod is non-isolated."
  if (applying.length === 0) return () => true;
  // "The effects of those lists combine additively."
  return (other, port, protocol) =>
    applying.some(({ metadata, spec }) =>
      ((direction === "Ingress" ? spec.ingress : spec.egress) ?? []).some((rule) => {
        const peers = (direction === "Ingress" ? rule.from : rule.to) ?? [];
        const ports = rule.ports ?? [];
        // "If this field is empty or missing, this rule matches all sources / destinations", "all ports".
        return (
          (ports.length === 0 || ports.some((one) => isPort(one, port, protocol))) &&
          (peers.length === 0 || peers.some((peer) => isPeer(peer, other, metadata.namespace, namespaces)))
        );
      }),
    );
}

/** "If no policyTypes are specified then by default Ingress will always be set and Egress will be set if the NetworkPolicy has any egress rules." */
function typesOf({ policyTypes, egress }: NetworkPolicyObject["spec"]): readonly string[] {
  if (policyTypes !== undefined && policyTypes.length > 0) return policyTypes;
  return egress !== undefined && egress.length > 0 ? ["Ingress", "Egress"] : ["Ingress"];
}

function isPeer(peer: PolicyPeer, other: OraclePod | string, own: string, namespaces: Namespaces): boolean {
  const ip = typeof other === "string" ? other : other.ip;
  if (peer.ipBlock !== undefined) {
    const { cidr, except = [] } = peer.ipBlock;
    return inCidr(ip, cidr) && !except.some((one) => inCidr(ip, one));
  }
  if (typeof other === "string") return false;
  const { podSelector, namespaceSelector } = peer;
  if (namespaceSelector === undefined) {
    // "podSelector: selects particular Pods in the same namespace as the NetworkPolicy."
    return other.namespace === own && selects(podSelector ?? {}, other.labels);
  }
  // "namespaceSelector and podSelector: selects particular Pods within particular namespaces"; alone: all of their pods.
  const labels = namespaces.get(other.namespace) ?? {};
  return selects(namespaceSelector, labels) && selects(podSelector ?? {}, other.labels);
}

/** "An empty label selector matches all objects"; the requirements are ANDed. */
function selects({ matchLabels = {}, matchExpressions = [] }: LabelSelector, labels: Labels): boolean {
  for (const [key, value] of Object.entries(matchLabels)) if (labels[key] !== value) return false;
  for (const { key, operator, values = [] } of matchExpressions) {
    const has = Object.hasOwn(labels, key);
    const listed = values.includes(labels[key] ?? "");
    const holds =
      operator === "In" ? has && listed : operator === "NotIn" ? !has || !listed : operator === "Exists" ? has : !has;
    if (!holds) return false;
  }
  return true;
}

/** "protocol defaults to TCP"; "if port is not provided, this matches all port names and numbers"; endPort is inclusive. */
function isPort({ protocol = "TCP", port: first, endPort }: PolicyPort, port: number, wanted: string): boolean {
  if (protocol !== wanted) return false;
  if (first === undefined) return true;
  return endPort === undefined ? port === first : port >= first && port <= endPort;
}

function inCidr(ip: string, cidr: string): boolean {
  const [network = "", bits = "32"] = cidr.split("/");
  const binary = (address: string): string =>
    address
      .split(".")
      .map((octet) => Number(octet).toString(2).padStart(8, "0"))
      .join("");
  return binary(ip).slice(0, Number(bits)) === binary(network).slice(0, Number(bits));
}

import type { RuleContext } from "../../topology/hostRules";
import { podLabels, type Pods } from "../../topology/party";
import { podRules, type PodPeer, type PodRule, type PodRules } from "../../topology/podRules";
import { Topology } from "../../topology/topology";

/** networking.k8s.io/v1 NetworkPolicy, as far as it is used here. */
export interface NetworkPolicyObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: {
    readonly podSelector: { readonly matchLabels?: Readonly<Record<string, string>> };
    readonly policyTypes: readonly ("Ingress" | "Egress")[];
    readonly ingress?: readonly { readonly from: readonly PolicyPeer[]; readonly ports: readonly PolicyPort[] }[];
    readonly egress?: readonly { readonly to: readonly PolicyPeer[]; readonly ports: readonly PolicyPort[] }[];
  };
}

interface PolicyPort {
  readonly port: number;
  readonly protocol: "TCP" | "UDP";
}

type PolicyPeer =
  | { readonly ipBlock: { readonly cidr: string; readonly except?: string[] } }
  | {
      readonly namespaceSelector: { readonly matchLabels?: Readonly<Record<string, string>> };
      readonly podSelector: { readonly matchLabels?: Readonly<Record<string, string>> };
    };

/** Carries the flows that a policy was made from. */
export const FLOWS_ANNOTATION = "keybuzz.io/flows";

/** Stands for a pod of which nothing is known. */
const NOBODY: Pods = { kind: "pods", namespace: "", app: "" };

/**
 * Every NetworkPolicy: in each namespace one that denies all, both ways, and one that opens what any pod may reach
 * (DNS, the API); for each application one with its own flows. Nothing else is open.
 *
 * Pods on the nodes' own network are outside of NetworkPolicies; the nodes' firewalls hold for them.
 */
export function networkPolicySpecs(
  topology: Topology,
  context: RuleContext,
  namespaces: readonly string[],
): readonly NetworkPolicyObject[] {
  const apps = podRules(topology, context);
  const missing = apps.filter(({ pods }) => !namespaces.includes(pods.namespace));
  if (missing.length > 0) {
    const names = [...new Set(missing.map(({ pods }) => `${pods.namespace} (${pods.app})`))].join(", ");
    throw new Error(
      `network policies: flows of pods in namespaces that are not listed: ${names}; add them to the namespaces`,
    );
  }
  const forAnyPod = anyPodEgress(topology, context);
  return [
    ...namespaces.flatMap((namespace) => [denyAll(namespace), ...forAnyPod.map((policy) => policy(namespace))]),
    ...apps.map(appPolicy),
  ].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

const key = ({ metadata }: NetworkPolicyObject): string => `${metadata.namespace}/${metadata.name}`;

function denyAll(namespace: string): NetworkPolicyObject {
  return {
    metadata: { name: "deny-all", namespace },
    spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
  };
}

/** The flows "from any pod", seen from an application that has no others. */
function anyPodEgress(
  topology: Topology,
  context: RuleContext,
): readonly ((namespace: string) => NetworkPolicyObject)[] {
  const flows = topology.flows.filter(({ from }) => from.kind === "anyPod");
  if (flows.length === 0) return [];
  // The derivation that serves applications serves this too: a topology with these flows and one application.
  const one = new Topology();
  for (const { to, purpose } of flows) one.allow(NOBODY, one.endpoint(to), purpose);
  const egress = podRules(one, context).find(({ pods }) => pods.app === NOBODY.app)?.egress ?? [];
  return [
    (namespace) => ({
      metadata: { name: "allow-any-pod", namespace, annotations: { [FLOWS_ANNOTATION]: reasons(egress) } },
      spec: { podSelector: {}, policyTypes: ["Egress"], egress: egress.map(egressRule) },
    }),
  ];
}

function appPolicy({ pods, ingress, egress }: PodRules): NetworkPolicyObject {
  return {
    metadata: {
      name: `allow-${pods.app}`,
      namespace: pods.namespace,
      annotations: { [FLOWS_ANNOTATION]: reasons([...ingress, ...egress]) },
    },
    spec: {
      podSelector: { matchLabels: podLabels(pods) },
      policyTypes: ["Ingress", "Egress"],
      ingress: ingress.map(({ peers, ...rule }) => ({ from: peers.map(policyPeer), ports: [policyPort(rule)] })),
      egress: egress.map(egressRule),
    },
  };
}

function egressRule({ peers, ...rule }: PodRule): {
  readonly to: readonly PolicyPeer[];
  readonly ports: readonly PolicyPort[];
} {
  return { to: peers.map(policyPeer), ports: [policyPort(rule)] };
}

function policyPort({ port, protocol }: Pick<PodRule, "port" | "protocol">): PolicyPort {
  return { port, protocol: protocol === "tcp" ? "TCP" : "UDP" };
}

function policyPeer(peer: PodPeer): PolicyPeer {
  switch (peer.kind) {
    case "pods":
      return {
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": peer.namespace } },
        podSelector: { matchLabels: podLabels(peer) },
      };
    case "anyPod":
      return { namespaceSelector: {}, podSelector: {} };
    case "cidr":
      return { ipBlock: { cidr: peer.cidr, ...(peer.except === undefined ? {} : { except: [...peer.except] }) } };
  }
}

function reasons(rules: readonly PodRule[]): string {
  return [...new Set(rules.map(({ reason, port, protocol }) => `${port}/${protocol}: ${reason}`))].join("\n");
}

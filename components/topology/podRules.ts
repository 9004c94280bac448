import type { RuleContext } from "./hostRules";
import { partyKey, type Party, type Pods } from "./party";
import type { Protocol, Topology } from "./topology";

/** One peer of a NetworkPolicy rule. */
export type PodPeer =
  | Pods
  | { readonly kind: "anyPod" }
  /** `except`: networks within the CIDR that do not count. */
  | { readonly kind: "cidr"; readonly cidr: string; readonly except?: readonly string[] };

export interface PodRule {
  readonly peers: readonly PodPeer[];
  readonly port: number;
  readonly protocol: Protocol;
  readonly reason: string;
}

/** All that one application's pods may receive and open. Both directions are denied by default. */
export interface PodRules {
  readonly pods: Pods;
  readonly ingress: readonly PodRule[];
  readonly egress: readonly PodRule[];
}

/**
 * NetworkPolicy rules of every application in the topology.
 *
 * Ingress from hosts: a process on a node reaches a pod on another node from its tunnel address, so both the
 * node's address and the tunnel pool are peers. Egress to anything outside the cluster names the one address
 * that the consumer was given.
 */
export function podRules(topology: Topology, context: RuleContext): readonly PodRules[] {
  const all = new Map<string, { pods: Pods; ingress: PodRule[]; egress: PodRule[] }>();
  const of = (pods: Pods): { ingress: PodRule[]; egress: PodRule[] } => {
    const key = partyKey(pods);
    const entry = all.get(key) ?? { pods, ingress: [], egress: [] };
    all.set(key, entry);
    return entry;
  };
  for (const { from, to, purpose } of topology.flows) {
    const port = to.provider.kind === "pods" ? (to.localPort ?? to.port) : to.port;
    const rule = { port, protocol: to.protocol, reason: purpose };
    if (to.provider.kind === "pods") of(to.provider).ingress.push({ peers: ingressPeers(from, context), ...rule });
    if (from.kind === "pods") of(from).egress.push({ peers: egressPeers(to.provider, context), ...rule });
  }
  return [...all.values()].sort((a, b) => partyKey(a.pods).localeCompare(partyKey(b.pods)));
}

const cidr = (address: string): PodPeer => ({ kind: "cidr", cidr: address.includes("/") ? address : `${address}/32` });

function ingressPeers(from: Party, context: RuleContext): readonly PodPeer[] {
  switch (from.kind) {
    case "pods":
      return [from];
    case "anyPod":
      return [{ kind: "anyPod" }];
    case "hosts":
      return [...from.hosts.map((host) => cidr(host.address)), cidr(context.addresses.tunnelPoolCidr)];
    case "loadBalancer":
      return [cidr(from.address)];
    case "operators":
      return from.cidrs.map(cidr);
    case "internet":
      throw new Error("the internet reaches pods through a load balancer and the ingress only");
  }
}

function egressPeers(provider: Party, context: RuleContext): readonly PodPeer[] {
  switch (provider.kind) {
    case "pods":
      return [provider];
    case "anyPod":
      return [{ kind: "anyPod" }];
    case "hosts":
      return provider.hosts.map((host) => cidr(host.address));
    case "loadBalancer":
      return [cidr(provider.address)];
    case "internet":
      // The internet begins where the estate ends: a flow to it opens nothing inside.
      return [{ kind: "cidr", cidr: "0.0.0.0/0", except: insideCidrs(context) }];
    case "operators":
      return provider.cidrs.map(cidr);
  }
}

/** Where a cloud tells each machine of itself: pods are no part of that talk (RFC 3927; docs.hetzner.cloud, metadata). */
const LINK_LOCAL = "169.254.0.0/16";

function insideCidrs({ addresses }: RuleContext): readonly string[] {
  return [addresses.networkCidr, addresses.podCidr, addresses.serviceCidr, LINK_LOCAL];
}

import { exactBlocks } from "./addressBlocks";
import type { AddressPlan } from "./addressPlan";
import { compareAddresses, isIpv4 } from "./addresses";
import type { HostRef, Party } from "./party";
import type { Flow, Protocol, Topology } from "./topology";

/** One opening in a host's own firewall, or an exception to one. Everything else is dropped. */
export interface HostRule {
  /** Default "allow". "deny" is an exception to the openings to everywhere, not to those to single sources. */
  readonly action?: "deny";
  /** Address or CIDR; everywhere only for what Hetzner's firewall filters. */
  readonly from: string;
  readonly port: number;
  readonly protocol: Protocol;
  /** The purposes of the flows that need it. */
  readonly reason: string;
}

/** What the derivation must know of the cluster: pods leave it with their node's address, or with their own. */
export interface RuleContext {
  readonly addresses: AddressPlan;
  readonly nodes: readonly HostRef[];
}

/** Everywhere on the internet: the hosts have no IPv6. */
const EVERYWHERE = "0.0.0.0/0";

/**
 * The source addresses with which a party's packets arrive at a machine.
 *
 * Pods: Calico's natOutgoing gives them their node's address when they leave the cluster's pools; on the same
 * node, or where nat is off, they keep their own. Forgetting the second was the first incident (docs/incidents.md).
 *
 * Operators: from everywhere. Who of them may come is Hetzner's firewall's to say, and nobody else's: it can be changed
 * from anywhere, where a filter on the machine could only be changed by whoever it lets in (docs/decisions/0002).
 */
export function sourceAddresses(party: Party, context: RuleContext): readonly string[] {
  switch (party.kind) {
    case "internet":
      return [EVERYWHERE, "::/0"];
    case "operators":
      return [EVERYWHERE];
    case "hosts":
      return party.hosts.map((host) => host.address);
    case "loadBalancer":
      return [party.address];
    case "pods":
    case "anyPod":
      return [...context.nodes.map((node) => node.address), context.addresses.podCidr];
  }
}

/**
 * Up to so many sources of one port each have a rule of their own, which is what a person wants to read. More are
 * written as blocks of exactly the same addresses: a rule on every node for every node would grow with their square.
 */
const LISTED_AT_MOST = 16;

/** The openings of one host's firewall, derived from the flows that end on it; sorted, without duplicates. */
export function hostRules(topology: Topology, host: HostRef, context: RuleContext): readonly HostRule[] {
  const rules = new Map<string, HostRule & { readonly reasons: Set<string> }>();
  const exceptions: HostRule[] = [];
  for (const flow of topology.flows) {
    if (!endsOn(flow, host)) continue;
    if (flow.from.kind === "operators") {
      const { localPort, port, protocol } = flow.to;
      const reason = "operators come over the internet";
      exceptions.push({
        action: "deny",
        from: context.addresses.networkCidr,
        port: localPort ?? port,
        protocol,
        reason,
      });
    }
    for (const from of sourceAddresses(flow.from, context)) {
      if (from === host.address) continue;
      const port = flow.to.localPort ?? flow.to.port;
      const key = `${from} ${port}/${flow.to.protocol}`;
      const rule = rules.get(key) ?? { from, port, protocol: flow.to.protocol, reason: "", reasons: new Set() };
      rule.reasons.add(flow.purpose);
      rules.set(key, rule);
    }
  }
  const all = [...rules.values()].map(({ reasons, ...rule }) => ({ ...rule, reason: [...reasons].sort().join("; ") }));
  return [...inBlocks(all), ...exceptions].sort(
    (a, b) => a.port - b.port || a.protocol.localeCompare(b.protocol) || compareAddresses(a.from, b.from),
  );
}

/** The same openings, in blocks where one port has many sources for one reason. */
function inBlocks(rules: readonly HostRule[]): HostRule[] {
  const groups = new Map<string, HostRule[]>();
  for (const rule of rules) {
    const key = `${rule.port}/${rule.protocol} ${isIpv4(rule.from) ? rule.reason : rule.from}`;
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [rule]);
    else known.push(rule);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined || group.length <= LISTED_AT_MOST) return group;
    return exactBlocks(group.map(({ from }) => from)).map((from) => ({ ...first, from }));
  });
}

function endsOn(flow: Flow, host: HostRef): boolean {
  return flow.to.provider.kind === "hosts" && flow.to.provider.hosts.some((other) => other.name === host.name);
}

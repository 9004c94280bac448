import { partyKey } from "./party";
import type { Protocol, Topology } from "./topology";

/**
 * One inbound rule of a Hetzner firewall, which filters public interfaces only (docs/reference/hetzner.md), and is the
 * only filter there: the machine's own admits whom it lets through (hostRules.ts).
 */
export interface CloudRule {
  readonly protocol: Protocol;
  readonly port: number;
  readonly sourceCidrs: readonly string[];
  readonly description: string;
}

/**
 * The inbound rules of a host group's public interface: flows from outside the private network that end on it.
 * Empty for a group that only serves the private network, and an empty firewall drops everything.
 */
export function cloudRules(topology: Topology, group: string): readonly CloudRule[] {
  return topology.flows
    .filter(({ to }) => to.provider.kind === "hosts" && to.provider.group === group)
    .flatMap(({ from, to, purpose }) => {
      if (from.kind === "internet") {
        throw new Error(
          `flow "${purpose}" opens ${to.id} of ${partyKey(to.provider)} to the internet; publish it on a public load balancer instead`,
        );
      }
      if (from.kind !== "operators") return [];
      return [{ protocol: to.protocol, port: to.port, sourceCidrs: from.cidrs, description: purpose }];
    })
    .sort((a, b) => a.port - b.port);
}

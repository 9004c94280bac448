import type { PodNetwork } from "../read/cluster";
import type { Workload } from "../read/workload";
import type { PodSubject } from "../read/policies";
import { ANYWHERE, type Range } from "../read/range";
import { blocked, masquerades, passed, type PodSource, type Protocol, type Step } from "./steps";
import type { Host } from "../read/hosts";
import type { World } from "../read/world";

/** A machine's own filter, by the rule that lets the packet in, if there is one. */
export function ufwStep(host: Host, rule: string | undefined, source: string, port: number, protocol: Protocol): Step {
  const value = `${source} -> ${port}/${protocol}`;
  const { off } = host.ufw;
  if (rule === undefined)
    return blocked(
      `UFW of ${host.name}`,
      `allow ${protocol} ${port} from ${source}`,
      value,
      "declare the flow; the rule is derived from it",
    );
  return passed(`UFW of ${host.name}`, off === undefined ? rule : `filters nothing: ${off}`, value);
}

/** What NetworkPolicies let a pod open. */
export function egressStep(
  world: World,
  from: PodSource,
  to: Range | PodSubject,
  label: string,
  port: number,
  protocol: Protocol,
): Step {
  const rule = world.cluster.policies.permits(from.subject, "egress", to, port, protocol);
  const value = `${from.label} -> ${label}:${port}/${protocol}`;
  return rule === undefined
    ? blocked(
        `NetworkPolicies of ${from.label}`,
        `egress to ${label} ${protocol} ${port}`,
        value,
        "declare the flow; the rule is derived from it",
      )
    : passed(`NetworkPolicies of ${from.label}`, rule === "" ? "nothing isolates it" : rule, value);
}

/** What NetworkPolicies let a pod take. */
export function ingressStep(
  world: World,
  to: Workload,
  from: Range | PodSubject,
  label: string,
  port: number,
  protocol: Protocol,
): Step {
  const rule = world.cluster.policies.permits(to, "ingress", from, port, protocol);
  const value = `${label} -> ${to.label}:${port}/${protocol}`;
  return rule === undefined
    ? blocked(
        `NetworkPolicies of ${to.label}`,
        `ingress from ${label} ${protocol} ${port}`,
        value,
        "declare the flow; the rule is derived from it",
      )
    : passed(`NetworkPolicies of ${to.label}`, rule === "" ? "nothing isolates it" : rule, value);
}

/** A node passes its pods' packets on. Both filters must: which of Calico's and UFW's chains comes first is nobody's promise. */
export function forwardStep(node: Host, from: Range, to: Range): Step {
  const rule = node.ufw.passesOn(from, to);
  const value = `${from.text} -> ${to.text}, forwarded`;
  return rule === undefined
    ? blocked(
        `UFW of ${node.name} (forwarding)`,
        `route allow from ${from.text} to ${to.text}`,
        value,
        "let the nodes pass the pod network's packets on: ufw route allow, from the environment's podCidr",
      )
    : passed(`UFW of ${node.name} (forwarding)`, rule === "" ? "it forwards everything" : rule, value);
}

/** Between two nodes: the tunnel's outer packet. */
export function vxlanStep(from: Host, to: Host): Step {
  return ufwStep(to, to.ufw.admits(from.address, 4789, "udp"), from.addressText, 4789, "udp");
}

/** A pod's packet leaves the cluster: passed on by its node, with the node's address. The last step tells whether it did. */
export function leaveSteps(node: Host, network: PodNetwork, to: string): readonly Step[] {
  const forwarded = forwardStep(node, network.workloadPool, ANYWHERE);
  if (!forwarded.ok) return [forwarded];
  const at = `IPPool ${network.workloadPool.text}`;
  if (!network.natOutgoing) {
    const value = "Disabled: no machine outside of the cluster has a way back to a pod";
    return [forwarded, blocked(at, "natOutgoing: Enabled", value, "enable natOutgoing")];
  }
  return [forwarded, passed(at, "natOutgoing", `the source becomes ${node.addressText} on the way to ${to}`)];
}

/** From a machine without a public address to the internet. */
export function wayOut(world: World, node: Host): readonly Step[] {
  if (node.isPublic) return [passed(node.name, "its own public address", node.addressText)];
  const { gateway } = world;
  const at = "way out";
  if (gateway === undefined)
    return [
      blocked(
        at,
        "a network route 0.0.0.0/0 to a machine",
        "there is none",
        "register the NetworkRoute to the NAT gateway",
      ),
    ];
  const name = gateway.name;
  const value = `${node.addressText} through ${name}`;
  if (!gateway.isPublic)
    return [blocked(name, "a public address", "it has none", "give the NAT gateway a public address")];
  if (gateway.sysctl["net.ipv4.ip_forward"] !== "1")
    return [
      blocked(
        name,
        "net.ipv4.ip_forward = 1",
        gateway.sysctl["net.ipv4.ip_forward"] ?? "unset",
        "set it on the NAT gateway",
      ),
    ];
  const route = gateway.ufw.passesOn({ first: node.address, last: node.address, text: node.addressText }, ANYWHERE);
  if (route === undefined)
    return [
      blocked(
        `UFW of ${name} (forwarding)`,
        `route allow from ${node.addressText}`,
        value,
        "let the NAT gateway pass the private network's packets on",
      ),
    ];
  const masquerade = masquerades(gateway.files["/etc/keybuzz/nat.nft"] ?? "", node.address);
  if (masquerade === undefined)
    return [
      blocked(
        `NAT on ${name}`,
        `masquerade ${node.addressText}`,
        value,
        "masquerade the private network on the gateway",
      ),
    ];
  return [passed(`UFW of ${name} (forwarding)`, route, value), passed(`NAT on ${name}`, masquerade, value)];
}

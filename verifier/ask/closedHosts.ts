import type { Exposure } from "./exposure";
import { podClasses } from "./closedPods";
import type { Coverage } from "./coverage";
import type { DeclaredFlow } from "../declaration";
import type { Paths } from "../walk/paths";
import { ANYWHERE, contains, includes, overlaps, PRIVATE, size } from "../read/range";
import { blockedAt, cloudCovers, type Protocol } from "../walk/steps";
import { covers, type UfwRule } from "../read/ufw";
import { Sources } from "./sources";
import type { Host } from "../read/hosts";
import type { World } from "../read/world";

const PROTOCOLS: readonly Protocol[] = ["tcp", "udp"];

interface Result {
  readonly exposures: Exposure[];
  readonly notes: string[];
  openings: number;
}

/** Every opening of every machine's own filter, held against what is declared. */
export function closedHosts(paths: Paths, coverage: Coverage): Result {
  const result: Result = { exposures: [], notes: [], openings: 0 };
  const sources = new Sources(paths.world, coverage);
  for (const host of paths.world.hosts.values()) {
    for (const rule of rulesInForce(host)) {
      for (const { port, protocol } of portsOpened(paths, coverage, host, rule)) {
        machinesLetIn(paths.world, coverage, sources, host, rule, port, protocol, result);
        outsideLetIn(coverage, host, rule, port, protocol, result);
      }
    }
    if (host.ufw.off === undefined) {
      for (const line of host.ufw.rules6) {
        result.exposures.push(
          exposure("anybody by IPv6", host, "IPv6", line, "remove it: nothing in the estate is declared for IPv6"),
        );
      }
    }
    if (host.isPublic && host.cloud === undefined) {
      result.exposures.push({
        from: "the internet",
        to: `${host.name}:*`,
        at: host.name,
        rule: "no Hetzner firewall is attached to its public interface",
        remedy: "attach one, with the declared openings only",
      });
    }
    if (host.cloud !== undefined) cloudOpenings(coverage, host, result);
  }
  if (paths.world.nodes.length > 0) {
    result.notes.push(
      "A node's own processes share its address with its pods: wherever pods may go outside of the cluster, their nodes may as well.",
      "A node always reaches the pods that run on it; no NetworkPolicy can forbid it (kubelet's probes).",
    );
    podsLetIn(paths, coverage, result);
    if (paths.world.cluster.network?.endpointToHost === "Accept") {
      result.exposures.push({
        from: "any pod",
        to: "its own node:*",
        at: "Felix",
        rule: "defaultEndpointToHostAction: Accept lets pods' packets past the node's UFW",
        remedy: "set it to Return, which hands them on to UFW",
      });
    }
  }
  return result;
}

/** The filter's rules, or the one that stands for a filter that is off. */
function rulesInForce({ ufw, name }: Host): readonly UfwRule[] {
  const all = { from: ANYWHERE, firstPort: 1, lastPort: 65535, protocol: "any" as const };
  if (ufw.off !== undefined) return [{ ...all, text: `UFW of ${name} filters nothing: ${ufw.off}` }];
  if (ufw.policies.input === "ACCEPT") return [{ ...all, text: `DEFAULT_INPUT_POLICY="ACCEPT" of ${name}` }];
  return ufw.rules;
}

/** Ports of a rule that matter: where something listens, where a flow goes, or the first if neither. */
function portsOpened(
  paths: Paths,
  coverage: Coverage,
  host: Host,
  rule: UfwRule,
): readonly { readonly port: number; readonly protocol: Protocol }[] {
  if (rule.firstPort === rule.lastPort && rule.protocol !== "any")
    return [{ port: rule.firstPort, protocol: rule.protocol }];
  const listening = paths.ports.portsOf(host).filter(({ port, protocol }) => covers(rule, port, protocol));
  const idle = PROTOCOLS.filter((protocol) => rule.protocol === protocol || rule.protocol === "any")
    .filter((protocol) => !listening.some((one) => one.protocol === protocol))
    .map((protocol) => ({ port: rule.firstPort, protocol }))
    .filter(({ port, protocol }) => coverage.toHost(host, port, protocol).length === 0);
  return [...listening, ...idle];
}

function machinesLetIn(
  world: World,
  coverage: Coverage,
  sources: Sources,
  host: Host,
  rule: UfwRule,
  port: number,
  protocol: Protocol,
  result: Result,
): void {
  const flows = coverage.toHost(host, port, protocol);
  const remedy = "remove that opening, or declare the flow that needs it";
  const { count, undeclared } = sources.within(rule.from, flows);
  const itself = includes(rule.from, host.address) && world.byAddress.get(host.address) === host;
  result.openings += itself ? count - 1 : count;
  for (const source of undeclared) {
    if (source !== host) result.exposures.push(exposure(source.name, host, port, rule.text, remedy));
  }
  const { network, cluster } = world;
  if (network === undefined || !overlaps(network, rule.from)) return;
  const inPods = cluster.network !== undefined && contains(cluster.network.workloadPool, rule.from);
  if (inPods || count === size(rule.from)) return;
  // Somebody who is not there yet.
  result.openings += 1;
  if (flows.some(({ from }) => from.kind === "internet")) return;
  const what =
    size(rule.from) === 1
      ? `whoever takes ${rule.from.text}, which nobody has`
      : contains(rule.from, network)
        ? `any other machine of ${network.text}`
        : `whoever takes an address of ${rule.from.text} that nobody has`;
  result.exposures.push(exposure(what, host, port, rule.text, remedy));
}

/**
 * Through the public interface: Hetzner's firewall and the machine's own must both let it pass. Where the machine's own
 * admits everybody, the answer is the cloud firewall's; without one, it is open.
 */
function outsideLetIn(
  coverage: Coverage,
  host: Host,
  rule: UfwRule,
  port: number,
  protocol: Protocol,
  result: Result,
): void {
  if (!host.isPublic || PRIVATE.some((range) => contains(range, rule.from))) return;
  const openings = host.cloud
    ?.filter((one) => cloudCovers(one, port, protocol) && overlaps(one.from, rule.from))
    .map(({ from }) => from) ?? [rule.from];
  for (const from of openings) {
    const both = size(from) < size(rule.from) ? from : rule.from;
    result.openings += 1;
    if (coverage.fromOutside(coverage.toHost(host, port, protocol), both)) continue;
    // The machine's own filter may admit everybody on a public interface: who may come is then Hetzner's firewall's to say.
    const remedy =
      host.cloud === undefined
        ? "attach a Hetzner firewall that admits the operators' networks only"
        : "let Hetzner's firewall admit the operators' networks only";
    result.exposures.push(exposure(`the internet (${both.text})`, host, port, rule.text, remedy));
  }
}

/** Hetzner's firewall opens what nothing declares, even if the machine's own filter still stops it. */
function cloudOpenings(coverage: Coverage, host: Host, result: Result): void {
  const declared = (port: number, protocol: Protocol): readonly DeclaredFlow[] => coverage.toHost(host, port, protocol);
  for (const opening of host.cloud ?? []) {
    result.openings += 1;
    const [first = 0, last = first] = opening.ports === "any" ? [1, 65535] : opening.ports.split("-").map(Number);
    const protocol = opening.protocol;
    const single = first === last && (protocol === "tcp" || protocol === "udp");
    if (single && coverage.fromOutside(declared(first, protocol), opening.from)) continue;
    result.exposures.push({
      from: `the internet (${opening.from.text})`,
      to: `${host.name}:${opening.ports}`,
      at: `Hetzner firewall of ${host.name}`,
      rule: opening.text,
      remedy: "open only what flows from the operators declare",
    });
  }
}

/** Pods against machines: their egress rules, their node's address, and the machine's own filter together. */
function podsLetIn(paths: Paths, coverage: Coverage, result: Result): void {
  const { world } = paths;
  const [first, second] = world.nodes;
  const { policies } = world.cluster;
  const doors = [...world.hosts.values()].flatMap((host) => {
    // Its own node sees a pod's own address; every other machine that of the pod's node.
    const nodes = (host.isNode ? [host, first === host ? second : first] : [first]).filter((one) => one !== undefined);
    const range = { first: host.address, last: host.address, text: host.addressText };
    return paths.ports.portsOf(host).map(({ port, protocol, daemon }) => {
      return { host, nodes, range, port, protocol, daemon, flows: coverage.toHost(host, port, protocol) };
    });
  });
  for (const pod of podClasses(world)) {
    for (const { host, nodes, range, port, protocol, daemon, flows } of doors) {
      result.openings += nodes.length;
      if (coverage.fromPod(flows, pod.workload ?? pod.subject)) continue;
      // Most end here: only what a pod may open is followed.
      if (policies.permits(pod.subject, "egress", range, port, protocol) === undefined) continue;
      for (const node of nodes) {
        const trail = paths.podToHost(pod, node, host, port, protocol);
        if (blockedAt(trail) !== undefined) continue;
        const egress = trail.steps[0];
        result.exposures.push({
          from: pod.label,
          to: `${host.name}:${port}`,
          at: egress?.at ?? "",
          rule: `${egress?.rule ?? ""}; ${trail.steps.find(({ at }) => at === `UFW of ${host.name}`)?.rule ?? "no filter"}`,
          remedy: `narrow the egress of ${pod.label}, or declare its flow to ${daemon}`,
        });
      }
    }
  }
}

function exposure(from: string, host: Host, port: number | string, rule: string, remedy: string): Exposure {
  return { from, to: `${host.name}:${port}`, at: `UFW of ${host.name}`, rule, remedy };
}

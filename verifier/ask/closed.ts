import { closedHosts } from "./closedHosts";
import { closedPods, podClasses } from "./closedPods";
import { closedRoutes } from "./closedRoutes";
import { Coverage } from "./coverage";
import type { Exposure } from "./exposure";
import type { Declaration } from "../declaration";
import type { Finding } from "../finding";
import type { Paths } from "../walk/paths";
import { blockedAt } from "../walk/steps";

/**
 * The whole matrix of zones, machines and pods against machines, balancers and pods: whatever is open and is no
 * declared flow, with the rule that opens it.
 */
export function checkClosed(
  paths: Paths,
  declaration: Declaration,
): { readonly findings: readonly Finding[]; readonly notes: readonly string[]; readonly openings: number } {
  const coverage = new Coverage(paths, declaration);
  const hosts = closedHosts(paths, coverage);
  const pods = closedPods(paths, coverage);
  const balancers = closedBalancers(paths, coverage);
  const routes = closedRoutes(paths.world.cluster, declaration);
  return {
    findings: toFindings([...hosts.exposures, ...pods.exposures, ...balancers.exposures, ...routes.exposures]),
    notes: [...hosts.notes, ...pods.notes],
    openings: hosts.openings + pods.openings + balancers.openings + routes.openings,
  };
}

/** Hetzner's balancers have no filter: whoever is in the private network, and the internet where they are public, gets in. */
function closedBalancers(paths: Paths, coverage: Coverage): { exposures: Exposure[]; openings: number } {
  const { world } = paths;
  const exposures: Exposure[] = [];
  let openings = 0;
  for (const balancer of world.balancers.values()) {
    const ports = balancer.services.flatMap(({ port, redirectsHttp }) => (redirectsHttp ? [port, 80] : [port]));
    for (const port of ports) {
      const flows = coverage.toBalancer(balancer, port);
      if (flows.some(({ from }) => from.kind === "internet")) {
        openings += 1;
        continue;
      }
      const to = `${balancer.name}:${port}`;
      if (balancer.isPublic) {
        exposures.push({
          from: "the internet",
          to,
          at: balancer.name,
          rule: "its public interface is on",
          remedy: "switch it off (enablePublicInterface: false), or declare the flow from the internet",
        });
      }
      const rule = "a Hetzner load balancer has no filter inside the private network";
      const remedy = `accept it with a reason (environment.accepted), or declare the flow to ${to}`;
      for (const host of world.hosts.values()) {
        openings += 1;
        if (coverage.fromMachine(flows, host) || coverage.fromPodsBehind(flows, host)) continue;
        exposures.push({ from: host.name, to, at: balancer.name, rule, remedy });
      }
      const [node] = world.nodes;
      if (node === undefined) continue;
      for (const pod of podClasses(world)) {
        openings += 1;
        if (coverage.fromPod(flows, pod.subject) || coverage.fromPod(flows, pod.workload ?? pod.subject)) continue;
        const trail = paths.podToBalancer(pod, node, balancer, port);
        if (blockedAt(trail) !== undefined) continue;
        const opened = trail.steps[0]?.rule ?? "";
        exposures.push({
          from: pod.label,
          to,
          at: `NetworkPolicies of ${pod.label}`,
          rule: opened,
          remedy: "narrow that egress rule",
        });
      }
    }
  }
  return { exposures, openings };
}

/** Exposures by one rule to one place are one finding, with all whom it lets in. */
function toFindings(exposures: readonly Exposure[]): readonly Finding[] {
  const groups = new Map<string, Exposure[]>();
  for (const exposure of exposures) {
    const key = `${exposure.to}|${exposure.at}|${exposure.rule}`;
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [exposure]);
    else known.push(exposure);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const from = [...new Set(group.map((one) => one.from))].sort();
    return [
      {
        question: "closed" as const,
        subject: `${from.length <= 3 ? from.join(", ") : `${from.length} sources`} -> ${first.to}`,
        at: first.at,
        rule: `opened by: ${first.rule}`,
        value: `open, and no flow declares it: ${from.join(", ")}`,
        remedy: first.remedy,
        exposure: { from, to: first.to },
      },
    ];
  });
}

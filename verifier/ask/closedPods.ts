import type { Workload } from "../read/workload";
import type { Exposure } from "./exposure";
import type { Coverage } from "./coverage";
import type { Paths } from "../walk/paths";
import { covers, type PolicyRule } from "../read/policies";
import { contains, overlaps, PRIVATE } from "../read/range";
import { blockedAt, type PodSource } from "../walk/steps";
import type { World } from "../read/world";

/** A kind of pod: one that is emitted, or whatever else might be started in a namespace. */
export interface PodClass extends PodSource {
  readonly workload: Workload | undefined;
}

const classes = new WeakMap<World, readonly PodClass[]>();

/** Every kind of pod, and for each namespace one of which nothing is known. */
export function podClasses(world: World): readonly PodClass[] {
  const known = classes.get(world);
  if (known !== undefined) return known;
  const found = [
    ...world.cluster.workloads
      .filter(({ hostNetwork }) => !hostNetwork)
      .map((workload) => ({ label: workload.label, subject: workload, workload })),
    ...world.cluster.namespaces.map((namespace) => ({
      label: `any other pod of namespace ${namespace}`,
      subject: { namespace, labels: {} },
      workload: undefined,
    })),
  ];
  classes.set(world, found);
  return found;
}

/** Every pod against every pod, and nodes against pods: what NetworkPolicies open beyond what is declared. */
export function closedPods(
  paths: Paths,
  coverage: Coverage,
): { exposures: Exposure[]; notes: string[]; openings: number } {
  const { world } = paths;
  const { policies, network } = world.cluster;
  const exposures: Exposure[] = [];
  let openings = 0;
  const [node] = world.nodes;
  if (node === undefined || network === undefined) return { exposures, notes: [], openings };
  for (const { workload } of podClasses(world)) {
    if (workload === undefined) continue;
    for (const { port, protocol: name } of workload.ports) {
      const protocol = name === "udp" ? "udp" : "tcp";
      const to = `${workload.label}:${port}`;
      const flows = coverage.toPod(workload, port, protocol);
      for (const source of podClasses(world)) {
        if (source.workload === workload) continue;
        openings += 1;
        if (coverage.fromPod(flows, source.workload ?? source.subject)) continue;
        const trail = paths.podToPod(source, node, workload, node, port, protocol);
        if (blockedAt(trail) !== undefined) continue;
        const rules = trail.steps.filter(({ at }) => at.startsWith("NetworkPolicies")).map(({ rule }) => rule);
        const remedy = "deny all by default in both namespaces, and open declared flows only";
        exposures.push({
          from: source.label,
          to,
          at: `NetworkPolicies of ${workload.label}`,
          rule: rules.join("; "),
          remedy,
        });
      }
      for (const rule of nodeRules(policies.rules(workload, "ingress"), port, protocol)) {
        for (const from of world.nodes) {
          openings += 1;
          if (coverage.fromMachine(flows, from)) continue;
          const remedy = "tunnel addresses do not tell nodes apart: accept it with a reason, or take the rule away";
          exposures.push({ from: from.name, to, at: `NetworkPolicies of ${workload.label}`, rule: rule.label, remedy });
        }
      }
      if (!policies.isolated(workload, "ingress")) {
        const remedy = "select it by a NetworkPolicy with policyTypes Ingress";
        exposures.push({
          from: "any node",
          to,
          at: `NetworkPolicies of ${workload.label}`,
          rule: "nothing isolates it",
          remedy,
        });
      }
    }
  }
  exposures.push(...unisolated(world), ...outsideBlocks(world), ...reachingOut(coverage, world));
  return { exposures, notes: [], openings };

  function nodeRules(rules: readonly PolicyRule[], port: number, protocol: string): readonly PolicyRule[] {
    const tunnels = network?.tunnelPool;
    return rules.filter(
      (rule) =>
        tunnels !== undefined &&
        covers(rule, port, protocol) &&
        (rule.peers.length === 0 || rule.peers.some((peer) => peer.kind === "block" && overlaps(peer.range, tunnels))),
    );
  }
}

/** Pods that may open any connection to anywhere, and pods that nobody knows but everybody reaches. */
function unisolated(world: World): readonly Exposure[] {
  const { policies } = world.cluster;
  return podClasses(world).flatMap(({ label, subject, workload }) => [
    ...(policies.isolated(subject, "egress")
      ? []
      : [
          {
            from: label,
            to: "the internet:*",
            at: `NetworkPolicies of ${label}`,
            rule: "nothing isolates its egress",
            remedy: "deny all by default in its namespace (policyTypes Egress)",
          },
        ]),
    ...(workload !== undefined || policies.isolated(subject, "ingress")
      ? []
      : [
          {
            from: "any pod and node",
            to: `${label}:*`,
            at: `NetworkPolicies of ${label}`,
            rule: "nothing isolates its ingress",
            remedy: "deny all by default in its namespace (policyTypes Ingress)",
          },
        ]),
  ]);
}

/** Egress rules that lead out of the estate, on ports for which no flow to the internet is declared. */
function reachingOut(coverage: Coverage, world: World): readonly Exposure[] {
  const { policies } = world.cluster;
  return podClasses(world).flatMap(({ label, subject, workload }) =>
    policies.rules(subject, "egress").flatMap((rule) => {
      const out =
        rule.peers.length === 0 ||
        rule.peers.some((peer) => peer.kind === "block" && !PRIVATE.some((range) => contains(range, peer.range)));
      if (!out) return [];
      const ports = rule.ports.length === 0 ? [{ first: 1, last: 65535, protocol: "tcp" }] : rule.ports;
      return ports
        .filter(
          ({ first, last, protocol }) => first !== last || !coverage.toInternet(workload ?? subject, first, protocol),
        )
        .map(({ first, last, protocol }) => ({
          from: label,
          to: `the internet:${first === last ? first : `${first}-${last}`}/${protocol}`,
          at: `NetworkPolicies of ${label}`,
          rule: rule.label,
          remedy: "name the peers of that rule, or declare the flow to the internet",
        }));
    }),
  );
}

/** Rules that name addresses where nothing of the estate is, or pods by their addresses. */
function outsideBlocks(world: World): readonly Exposure[] {
  const { network, policies } = world.cluster;
  if (network === undefined) return [];
  return podClasses(world).flatMap(({ workload }) => {
    if (workload === undefined) return [];
    return policies.rules(workload, "ingress").flatMap((rule) => {
      if (rule.peers.length === 0)
        return [
          {
            from: "anybody",
            to: `${workload.label}:${rule.ports.length === 0 ? "*" : rule.ports.map(({ first }) => first).join()}`,
            at: `NetworkPolicies of ${workload.label}`,
            rule: `${rule.label}, which names no peer`,
            remedy: "name who is let in, even where nobody else gets that far today",
          },
        ];
      return rule.peers.flatMap((peer) => {
        if (peer.kind !== "block") return [];
        const known =
          contains(network.tunnelPool, peer.range) ||
          (peer.range.first === peer.range.last && world.byAddress.has(peer.range.first));
        if (known) return [];
        return [
          {
            from: `addresses ${peer.range.text}`,
            to: `${workload.label}:*`,
            at: `NetworkPolicies of ${workload.label}`,
            rule: rule.label,
            remedy: "name pods by their labels, and machines by their own addresses",
          },
        ];
      });
    });
  });
}

import type { DeclaredFlow } from "./declaration";
import { balancerOf, hostsOf, podsOf, portBehindService } from "./parties";
import type { Paths } from "./paths";
import { parseRange } from "./range";
import { blocked, serviceAt, type PodSource, type Trail } from "./steps";
import type { Workload } from "./cluster";

/**
 * Every path that a declared flow must have: from each of its sources, on each node where those are pods, to each of
 * its destinations, and on through balancers and proxies.
 *
 * Pods may land on any node. Between pods each node is followed once as the source's and once as the destination's,
 * around a ring; the tunnels between all pairs of nodes are a flow of their own.
 */
export function* flowTrails(paths: Paths, { from, to }: DeclaredFlow): Generator<Trail> {
  const { world } = paths;
  const { port, protocol, provider } = to;
  const machines = from.kind === "loadBalancer" ? [balancerOf(world, from)] : hostsOf(world, from);
  const pods = podsOf(world, from).map(asSource);
  const targets = hostsOf(world, provider);
  for (const target of targets) {
    for (const machine of machines) {
      if (machine !== undefined && machine !== target) yield paths.machineToHost(machine, target, port, protocol);
    }
    for (const pod of pods) {
      for (const node of world.nodes) yield paths.podToHost(pod, node, target, port, protocol);
    }
    if (from.kind === "operators") {
      for (const cidr of from.cidrs) {
        const range = parseRange(cidr);
        if (range !== undefined) yield paths.outsideToHost(range, `operators (${cidr})`, target, port, protocol);
      }
    }
  }
  const balancer = balancerOf(world, provider);
  if (balancer !== undefined) {
    if (from.kind === "internet") yield paths.machineToBalancer(undefined, "the internet", balancer, port);
    for (const machine of machines) {
      if (machine !== undefined) yield paths.machineToBalancer(machine, machine.name, balancer, port);
    }
    for (const pod of pods) {
      for (const node of world.nodes) yield paths.podToBalancer(pod, node, balancer, port);
    }
    const service = serviceAt(balancer, port);
    if (service !== undefined && service.port === port) yield* paths.behind(balancer, service);
  }
  if (provider.kind === "internet") {
    for (const pod of pods) {
      for (const node of world.nodes) yield paths.podToOutside(pod, node, port, protocol);
    }
  }
  for (const workload of podsOf(world, provider))
    yield* toPods(paths, from.kind === "hosts" ? machines : [], pods, workload, to);
}

function* toPods(
  paths: Paths,
  machines: readonly unknown[],
  pods: readonly PodSource[],
  workload: Workload,
  { port, protocol, id }: DeclaredFlow["to"],
): Generator<Trail> {
  const { nodes } = paths.world;
  const inner = portBehindService(paths.world, workload, port);
  if (inner === undefined) {
    const remedy = "register a Service whose selector and port lead to these pods";
    const step = blocked(
      `Services of ${workload.namespace}`,
      `a Service for ${workload.label} on ${port}`,
      "there is none",
      remedy,
    );
    yield { label: id, steps: [step] };
    return;
  }
  for (const [index, node] of nodes.entries()) {
    const next = nodes[(index + 1) % nodes.length] ?? node;
    if (machines.includes(node)) {
      yield paths.nodeToPod(node, workload, node, inner, protocol);
      if (next !== node) yield paths.nodeToPod(node, workload, next, inner, protocol);
    }
    for (const pod of pods) {
      yield paths.podToPod(pod, node, workload, node, inner, protocol);
      if (next !== node) yield paths.podToPod(pod, node, workload, next, inner, protocol);
    }
  }
}

/** A workload as a source of packets. */
export function asSource(workload: Workload): PodSource {
  return { label: workload.label, subject: workload };
}

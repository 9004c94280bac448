import type { Balancer } from "../read/balancers";
import { Crowd, type Followed } from "./crowd";
import type { DeclaredFlow, DeclaredParty } from "../declaration";
import { balancerOf, hostsOf, podsOf, portBehindService } from "./parties";
import { opensConnections, type Paths } from "./paths";
import { parseRange } from "../read/range";
import { blocked, serviceAt, type PodSource, type Trail } from "./steps";
import type { Workload } from "../read/workload";
import type { Host } from "../read/hosts";
import type { World } from "../read/world";

/**
 * Every path that a declared flow must have: from each of its sources, on each node where those are pods, to each of
 * its destinations, and on through balancers and proxies. Sources that only their address tells apart are followed
 * once: see Crowd.
 *
 * Pods may land on any node. Between pods each node is followed once as the source's and once as the destination's,
 * around a ring; the tunnels between all pairs of nodes are a flow of their own.
 */
export function* flowTrails(paths: Paths, flow: DeclaredFlow): Generator<Followed> {
  yield* toMachines(paths, flow);
  for (const trail of toOthers(paths, flow)) yield { trail, times: 1 };
}

function machinesOf(world: World, party: DeclaredParty): readonly (Host | Balancer)[] {
  return party.kind === "loadBalancer"
    ? [balancerOf(world, party)].filter((one) => one !== undefined)
    : hostsOf(world, party);
}

function* toMachines(paths: Paths, { from, to }: DeclaredFlow): Generator<Followed> {
  const { world } = paths;
  const { port, protocol, provider } = to;
  const machines = new Crowd(machinesOf(world, from), opensConnections);
  const pods = podsOf(world, from).map(asSource);
  for (const target of hostsOf(world, provider)) {
    const admitted = paths.ports.admitted(target, port, protocol);
    yield* machines.follow(admitted, target, (machine) =>
      machine === target ? undefined : paths.machineToHost(machine, target, port, protocol),
    );
    for (const pod of pods)
      yield* paths.nodes.follow(admitted, target, (node) => paths.podToHost(pod, node, target, port, protocol));
    if (from.kind === "operators") {
      for (const cidr of from.cidrs) {
        const range = parseRange(cidr);
        if (range === undefined) continue;
        yield { trail: paths.outsideToHost(range, `operators (${cidr})`, target, port, protocol), times: 1 };
      }
    }
  }
}

function* toOthers(paths: Paths, { from, to }: DeclaredFlow): Generator<Trail> {
  const { world } = paths;
  const { port, protocol, provider } = to;
  const machines = machinesOf(world, from);
  const pods = podsOf(world, from).map(asSource);
  const balancer = balancerOf(world, provider);
  if (balancer !== undefined) {
    if (from.kind === "internet") yield paths.machineToBalancer(undefined, "the internet", balancer, port);
    for (const machine of machines) yield paths.machineToBalancer(machine, machine.name, balancer, port);
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
    yield* toPods(paths, new Set(from.kind === "hosts" ? machines : []), pods, workload, to);
}

function* toPods(
  paths: Paths,
  machines: ReadonlySet<unknown>,
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
    if (machines.has(node)) {
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

import { flowLabel, type Declaration, type DeclaredFlow } from "../declaration";
import type { Finding } from "../finding";
import type { Daemon } from "../read/listeners";
import { balancerOf, hostsOf, podsOf } from "../walk/parties";
import type { Paths } from "../walk/paths";
import { serversBehind } from "../walk/proxies";
import { serviceAt } from "../walk/steps";
import type { Balancer } from "../read/balancers";
import type { Host } from "../read/hosts";
import { sharedClaims } from "../read/claims";
import { placesFor } from "../read/nodePlaces";
import { podSpec, type Workload } from "../read/workload";
import type { World } from "../read/world";

/** Daemons whose cluster goes on only while a majority of its members does. */
export const VOTERS: ReadonlySet<Daemon> = new Set<Daemon>(["patroniRaft", "etcdPeer", "sentinel", "erlang", "galera"]);

/** With each single machine, balancer, placement group and location taken away: which flows go on? */
export function checkAlive(
  paths: Paths,
  declaration: Declaration,
): { readonly findings: readonly Finding[]; readonly losses: number } {
  const { world } = paths;
  const findings: Finding[] = [];
  const losses = [...world.hosts.values(), ...world.balancers.values()];
  const endingWith = flowsEndingWith(paths, declaration);
  for (const lost of losses) {
    const dying = endingWith(lost);
    if (dying.length === 0) continue;
    findings.push({
      question: "alive",
      subject: `loss of ${lost.name}`,
      at: lost.name,
      rule: "nothing takes its place",
      value: `${dying.length} flow(s) end: ${dying.map(flowLabel).join("; ")}`,
      remedy: `add a second one beside ${lost.name}, or accept it as a single point with a reason (environment.accepted)`,
      singlePoint: lost.name,
    });
  }
  findings.push(...placements(world), ...singlePods(paths, declaration));
  const locations = new Set([...world.hosts.values()].map(({ location }) => location));
  if (locations.size === 1) {
    const [location = ""] = locations;
    findings.push({
      question: "alive",
      subject: `loss of location ${location}`,
      at: `location ${location}`,
      rule: "every machine is there",
      value: `all ${world.hosts.size} machines`,
      remedy: "spread the machines over locations, or accept it with a reason",
      singlePoint: `location ${location}`,
    });
  }
  const groups = new Set([...world.hosts.values()].map(({ placement }) => placement));
  return { findings, losses: losses.length + groups.size + locations.size };
}

/** Asks for one machine or balancer after the other: which flows end with it. */
export function flowsEndingWith(
  paths: Paths,
  { flows }: Declaration,
): (lost: Host | Balancer) => readonly DeclaredFlow[] {
  const ends = flows.map((flow) => ({
    flow,
    balancer: balancerOf(paths.world, flow.to.provider),
    group: new Set<Host | Balancer>(hostsOf(paths.world, flow.to.provider)),
  }));
  return (lost) => ends.filter((end) => !survives(paths, end, lost)).map(({ flow }) => flow);
}

/** A flow, and what it leads to. */
interface End {
  readonly flow: DeclaredFlow;
  readonly balancer: Balancer | undefined;
  readonly group: ReadonlySet<Host | Balancer>;
}

function survives(paths: Paths, { flow: { from, to }, balancer, group }: End, lost: Host | Balancer): boolean {
  const { world } = paths;
  if (to.provider.kind === "internet") return world.gateway !== lost;
  if (balancer !== undefined) {
    if (balancer === lost) return balancer.isPublic && hasTwin(world, balancer, to.port);
    return behindAlive(paths, balancer.targets, serviceAt(balancer, to.port)?.destinationPort ?? 0, lost);
  }
  if (to.provider.kind === "hosts") {
    // Who speaks to every machine of the estate does not need all of them.
    if (lost.kind === "balancer" || !group.has(lost)) return true;
    if (to.id === "hosts/ssh") return true;
    // Among themselves only what is left of a cluster matters.
    if (group.size === 1) return from.kind === "hosts" && from.hosts.length === 1 && from.hosts[0] === lost.name;
    return majority(group.size, lost);
  }
  return true;
}

/** What proxies on those of these machines that are left send a port's connections to goes on. */
function behindAlive(paths: Paths, proxies: readonly Host[], port: number, lost: Host | Balancer): boolean {
  return proxies.some((proxy) => {
    if (proxy === lost) return false;
    const listener = paths.ports.listenerAt(proxy, port, "tcp");
    const servers = listener === undefined ? undefined : serversBehind(proxy, listener);
    if (servers === undefined) return true;
    const group = servers.flatMap(({ address }) => {
      const host = paths.world.byAddress.get(address);
      return host?.kind === "host" ? [host] : [];
    });
    if (lost.kind === "balancer" || !group.includes(lost)) return servers.length > 0;
    return group.length > 1 && majority(group.length, lost);
  });
}

/** A group of so many goes on without one of them. */
function majority(members: number, lost: Host): boolean {
  const votes = lost.listeners.some(({ daemon }) => VOTERS.has(daemon));
  const left = members - 1;
  return votes ? left > members / 2 : left > 0;
}

function hasTwin(world: World, lost: Balancer, port: number): boolean {
  return [...world.balancers.values()].some(
    (other) => other !== lost && other.isPublic && serviceAt(other, port) !== undefined && other.targets.length > 0,
  );
}

/** Machines that stand in for each other must not stand on one physical machine. */
function placements(world: World): readonly Finding[] {
  const groups = new Map<string, Host[]>();
  for (const host of world.hosts.values()) {
    const known = groups.get(host.group);
    if (known === undefined) groups.set(host.group, [host]);
    else known.push(host);
  }
  return [...groups].flatMap(([group, hosts]) => {
    const loose = hosts.filter(({ placement }) => placement === undefined);
    if (hosts.length < 2 || loose.length === 0) return [];
    return [
      {
        question: "alive" as const,
        subject: `loss of one physical machine under ${group}`,
        at: group,
        rule: "missing: a placement group of type spread",
        value: `${loose.map(({ name }) => name).join(", ")} may stand beside another of ${group}`,
        remedy: "put all machines of the group into one spread placement group",
        singlePoint: `placement ${group}`,
      },
    ];
  });
}

/** Pods that flows lead to, of which there is one, or all on one node. */
function singlePods({ world }: Paths, { flows }: Declaration): readonly Finding[] {
  const providers = new Map(
    flows.flatMap((flow) => podsOf(world, flow.to.provider).map((workload) => [workload.label, workload] as const)),
  );
  return [...providers.values()].flatMap((workload) => {
    const { label, kind } = workload;
    const together = kind === "Job" || kind === "CronJob" ? undefined : oneNode(world, workload);
    if (together === undefined) return [];
    return [
      {
        question: "alive" as const,
        subject: `loss of the node under ${label}`,
        at: label,
        ...together,
        singlePoint: label,
      },
    ];
  });
}

const SPREAD = "run two or more, kept on different nodes, or accept it with a reason";

/** Why all pods may be on one node; undefined: they are not. */
function oneNode(
  { cluster, places }: World,
  workload: Workload,
): Pick<Finding, "rule" | "value" | "remedy"> | undefined {
  const { replicas, spread, resource } = workload;
  if (replicas === undefined) return undefined;
  if (replicas < 2) return { rule: "replicas", value: `${replicas}`, remedy: SPREAD };
  const pinned = sharedClaims(cluster, workload).find((claim) => claim.oneNode);
  if (pinned !== undefined)
    return {
      rule: `claim ${pinned.name}: ReadWriteOnce${pinned.local ? ", on a node's own disk" : ""}`,
      value: `all ${replicas} replicas are on the one node that has it`,
      remedy: "a class that several nodes can mount (sharedClass), or accept it with a reason",
    };
  if (!spread)
    return {
      rule: "missing: topologySpreadConstraints by kubernetes.io/hostname",
      value: `${replicas} replicas may share one node`,
      remedy: SPREAD,
    };
  if (resource === undefined) return undefined;
  const fitting = placesFor(podSpec(workload), places);
  if (fitting.length !== 1) return undefined;
  return {
    rule: "nodeSelector, affinity and tolerations",
    value: `${replicas} replicas, and ${fitting[0]?.name} alone takes them`,
    remedy: "a placement that more workers fit (also), more workers of that duty, or accept it with a reason",
  };
}

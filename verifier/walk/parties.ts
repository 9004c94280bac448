import { selected } from "../read/cluster";
import { containerPort, type Workload } from "../read/workload";
import type { DeclaredParty } from "../declaration";
import { matches, readSelector } from "../read/policies";
import type { Balancer } from "../read/balancers";
import type { Host } from "../read/hosts";
import type { World } from "../read/world";

/** Who of the emitted estate a declared party is. */
export function hostsOf(world: World, party: DeclaredParty): readonly Host[] {
  if (party.kind !== "hosts") return [];
  return party.hosts.flatMap((name) => world.hosts.get(name) ?? []);
}

export function balancerOf(world: World, party: DeclaredParty): Balancer | undefined {
  return party.kind === "loadBalancer" ? world.balancers.get(party.name) : undefined;
}

/** The pods of a party that are not on the nodes' own network. */
export function podsOf(world: World, party: DeclaredParty): readonly Workload[] {
  const { cluster } = world;
  if (party.kind === "anyPod") return cluster.workloads.filter(({ hostNetwork }) => !hostNetwork);
  if (party.kind !== "pods") return [];
  return selected(cluster, party.namespace, party.labels).filter(({ hostNetwork }) => !hostNetwork);
}

/** What a declared party names and the estate does not have. */
export function missingOf(world: World, party: DeclaredParty): readonly string[] {
  switch (party.kind) {
    case "internet":
    case "operators":
    case "anyPod":
      return [];
    case "hosts":
      return party.hosts.filter((name) => !world.hosts.has(name));
    case "loadBalancer":
      return world.balancers.has(party.name) ? [] : [party.name];
    case "pods":
      return podsOf(world, party).length > 0 ? [] : [`pods of ${party.namespace}/${party.app}`];
  }
}

/** The container's port behind a pod's declared one; undefined when no Service leads there. */
export function portBehindService(world: World, workload: Workload, port: number): number | undefined {
  // K3s ships its own Services along with its pods.
  if (workload.resource === undefined) return port;
  for (const service of world.cluster.services) {
    if (service.namespace !== workload.namespace) continue;
    if (Object.keys(service.selector).length === 0) continue;
    if (!matches(readSelector({ matchLabels: service.selector }), workload.labels)) continue;
    const entry = service.ports.find((one) => one.port === port);
    if (entry !== undefined) return containerPort(workload, entry.targetPort);
  }
  return undefined;
}

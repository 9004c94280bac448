import type { Declaration } from "../verifier/declaration";
import type { EmittedGraph } from "../verifier/read/graph";
import type { Balancer } from "../verifier/read/balancers";
import type { Host } from "../verifier/read/hosts";
import type { Workload } from "../verifier/read/workload";
import type { World } from "../verifier/read/world";
import type { Box, Item } from "./model";

/** Boxes without a lane: that depends on the flows. */
export type Unplaced = Omit<Box, "lane">;

export const INTERNET = "outside internet";
export const AWAY = "outside services";
export const OPERATORS = "outside operators";

export const machineId = (name: string): string => `machine ${name}`;
export const workloadId = (label: string): string => `workload ${label}`;
export const balancerBox = (name: string): string => `balancer ${name}`;
export const namespaceBox = (name: string): string => `namespace ${name}`;
/** All nodes of the Kubernetes cluster stand in one box. */
export const NODES = "machines kubernetes";
export const machinesBox = (host: Host): string => (host.isNode ? NODES : `machines ${host.group}`);

const SERVER = "hcloud:index/server:Server";

/** Everybody and everything that may stand at an end of a flow, in an order that depends on names alone. */
export function boxesOf(graph: EmittedGraph, world: World, declaration: Declaration): readonly Unplaced[] {
  return [
    ...outsiders(declaration),
    ...[...world.balancers.values()].map(balancer).sort(byId),
    ...machines(graph, world),
    ...namespaces(world),
  ];
}

const byId = (a: { readonly id: string }, b: { readonly id: string }): number =>
  a.id < b.id ? -1 : a.id > b.id ? 1 : 0;

function outsiders({ flows }: Declaration): readonly Unplaced[] {
  const outside = (id: string, name: string, note: string): Unplaced => {
    return { id, kind: "outside", name, note, sections: [], sum: note };
  };
  const cidrs = flows.flatMap(({ from }) => (from.kind === "operators" ? from.cidrs : []));
  const boxes: Unplaced[] = [];
  if (flows.some(({ from }) => from.kind === "internet")) boxes.push(outside(INTERNET, "the internet", "everybody"));
  if (cidrs.length > 0) boxes.push(outside(OPERATORS, "operators", [...new Set(cidrs)].sort().join(", ")));
  if (flows.some(({ to }) => to.provider.kind === "internet"))
    boxes.push(outside(AWAY, "services outside", "what the estate calls"));
  return boxes;
}

function balancer({ name, isPublic, addressText, services }: Balancer): Unplaced {
  const ports = services.map(({ port }) => port).sort((a, b) => a - b);
  return {
    id: balancerBox(name),
    kind: "balancer",
    name,
    note: `${isPublic ? "public" : "private"}, ${ports.length === 1 ? `port ${ports.join()}` : `${ports.length} ports`}`,
    sections: [],
    // Its targets are at the other end of its flows.
    sum: JSON.stringify([isPublic, addressText, services]),
  };
}

function machines(graph: EmittedGraph, world: World): readonly Unplaced[] {
  const types = new Map(
    graph.resources.flatMap(({ type, name, inputs }) =>
      type === SERVER
        ? [[typeof inputs["name"] === "string" ? inputs["name"] : name, String(inputs["serverType"])] as const]
        : [],
    ),
  );
  const hosts = [...world.hosts.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  const item = (host: Host): Item => {
    const type = types.get(host.name) ?? "";
    const sum = JSON.stringify([type, host.addressText, host.location, host.placement, host.isPublic]);
    return { id: machineId(host.name), name: host.name, note: type, sum };
  };
  return [...grouped(hosts, machinesBox)]
    .map(([id, some]): Unplaced => {
      const groups = [...grouped(some, ({ group }) => group)].map(([title, few]) => ({ title, items: few.map(item) }));
      const name = id.slice("machines ".length);
      const everywhere = id !== NODES ? [] : world.cluster.workloads.filter(({ hostNetwork }) => hostNetwork);
      const note = everywhere.map((workload) => workload.label.split("/")[1]).sort().join(", "); // prettier-ignore
      const sections = groups.length > 1 ? groups : groups.map(({ items }) => ({ title: "", items }));
      return { id, kind: "machines", name, note: note === "" ? "" : `each: ${note}`, sections, sum: note };
    })
    .sort(byId);
}

function namespaces({ cluster }: World): readonly Unplaced[] {
  // Those on the nodes' own network are seen at the nodes.
  const workloads = cluster.workloads.filter(({ hostNetwork }) => !hostNetwork);
  return [...grouped(workloads, ({ namespace }) => namespace)]
    .map(([name, some]): Unplaced => {
      const once = (one: Workload): boolean => one.kind === "Job" || one.kind === "CronJob";
      const items = some
        .map((one) => ({ once: once(one), item: workloadItem(one) }))
        .sort((a, b) => Number(a.once) - Number(b.once) || byId(a.item, b.item))
        .map((one) => one.item);
      return { id: namespaceBox(name), kind: "namespace", name, note: "", sections: [{ title: "", items }], sum: "" };
    })
    .sort(byId);
}

function workloadItem({ label, namespace, kind, replicas, resource }: Workload): Item {
  const note = kind === "Job" || kind === "CronJob" ? "job" : replicas === undefined ? "on each node" : `× ${replicas}`;
  const { spec, data } = (resource?.inputs ?? {}) as { readonly spec?: unknown; readonly data?: unknown };
  return { id: workloadId(label), name: label.slice(namespace.length + 1), note, sum: JSON.stringify([spec, data]) };
}

/** In the order in which they first appear. */
export function grouped<T>(items: Iterable<T>, key: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const known = groups.get(key(item));
    if (known === undefined) groups.set(key(item), [item]);
    else known.push(item);
  }
  return groups;
}

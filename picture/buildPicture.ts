import { costText, monthlyCost } from "../cost/monthly";
import { PRICES, type Prices } from "../cost/prices";
import { flowLabel, readDeclaration, type Declaration } from "../verifier/declaration";
import { flowsEndingWith } from "../verifier/ask/alive";
import type { Accepted } from "../verifier/finding";
import { routePaths } from "../verifier/pathOf";
import { GraphIndex, type EmittedGraph, type EmittedResource } from "../verifier/read/graph";
import type { World } from "../verifier/read/world";
import { buildWorld } from "../verifier/read/world";
import { verify } from "../verifier/verify";
import { Paths } from "../verifier/walk/paths";
import { balancerBox, boxesOf, machineId, workloadId, type Unplaced } from "./boxes";
import { bundlesOf, flowsOf } from "./flows";
import { laneOf } from "./lanes";
import type { Loss, Picture, Price } from "./model";

/** Where nothing can be drawn. */
export class NothingDeclaredError extends Error {
  override readonly name = "NothingDeclaredError";
}

/**
 * An estate as it is drawn, from what is emitted and what the verifier finds in it.
 *
 * @throws NothingDeclaredError where it declares no flow
 */
export function buildPicture(graph: EmittedGraph, stack: string, prices: Prices = PRICES): Picture {
  const declaration = readDeclaration(graph);
  if (declaration === undefined)
    throw new NothingDeclaredError(`${stack} declares no flows: no Platform resource carries its declaration`);
  const world = buildWorld(graph);
  const paths = new Paths(world);
  const verdict = verify(graph);
  const flows = flowsOf(paths, declaration);
  const pods = new Map(world.cluster.workloads.map(({ label, replicas }) => [workloadId(label), replicas]));
  const bundles = bundlesOf(flows, (item) => (pods.has(item) ? (pods.get(item) ?? world.nodes.length) : 1));
  const lane = laneOf(world, bundles);
  const boxes = boxesOf(graph, world, declaration).map((box: Unplaced) => ({ ...box, lane: lane(box.id) }));
  const resources = graph.resources.filter(({ type }) => type.startsWith("hcloud:"));
  return {
    stack,
    boxes,
    bundles,
    flows,
    routes: declaration.routes.map((declared) => ({
      id: `route ${declared.host}${declared.path}`,
      declared,
      paths: routePaths(world, declaration, declared),
      workload: workloadId(`${declared.namespace}/${declared.app}`),
    })),
    losses: lossesOf(paths, declaration, verdict.accepted),
    prices: pricesOf(graph, world, prices),
    proved: verdict.ok,
    cost: costText(monthlyCost(resources, prices), prices),
  };
}

function lossesOf(
  paths: Paths,
  declaration: Declaration,
  accepted: readonly Accepted[],
): Readonly<Record<string, Loss>> {
  const endingWith = flowsEndingWith(paths, declaration);
  const { hosts, balancers } = paths.world;
  const all = [...hosts.values(), ...balancers.values()].map((lost): readonly [string, Loss] => [
    lost.kind === "host" ? machineId(lost.name) : balancerBox(lost.name),
    {
      ends: endingWith(lost).map(flowLabel),
      reasons: accepted.flatMap(({ finding, reasons }) => (finding.singlePoint === lost.name ? reasons : [])),
    },
  ]);
  return Object.fromEntries(all);
}

const PRICED = {
  server: "hcloud:index/server:Server",
  balancer: "hcloud:index/loadBalancer:LoadBalancer",
  volume: "hcloud:index/volume:Volume",
  address: "hcloud:index/primaryIp:PrimaryIp",
} as const;

/** By machine and balancer: itself, its volumes and its addresses. */
function pricesOf(graph: EmittedGraph, { hosts, balancers }: World, prices: Prices): Readonly<Record<string, Price>> {
  const index = new GraphIndex(graph);
  const parts = new Map<string, EmittedResource[]>();
  const add = (id: string, resource: EmittedResource): void => {
    const known = parts.get(id);
    if (known === undefined) parts.set(id, [resource]);
    else known.push(resource);
  };
  const named = ({ inputs, name }: EmittedResource): string =>
    typeof inputs["name"] === "string" ? inputs["name"] : name;
  const addresses = new Map(index.ofType(PRICED.address).map((address) => [String(address.id), address]));
  for (const server of index.ofType(PRICED.server)) {
    const id = machineId(named(server));
    add(id, server);
    for (const net of Array.isArray(server.inputs["publicNets"]) ? (server.inputs["publicNets"] as unknown[]) : [])
      for (const key of ["ipv4", "ipv6"]) {
        const address = addresses.get(String((net as Readonly<Record<string, unknown>>)[key]));
        if (address !== undefined) add(id, address);
      }
  }
  for (const volume of index.ofType(PRICED.volume)) {
    const server = index.refer(volume, "serverId", PRICED.server);
    if (server !== undefined) add(machineId(named(server)), volume);
  }
  for (const one of index.ofType(PRICED.balancer)) add(balancerBox(named(one)), one);
  const wanted = [...[...hosts.keys()].map(machineId), ...[...balancers.keys()].map(balancerBox)];
  return Object.fromEntries(
    wanted.map((id): readonly [string, Price] => {
      const some = parts.get(id) ?? [];
      const cost = monthlyCost(some, prices);
      const unknown = cost.monthly === 0 && Object.keys(cost.unknown).length > 0;
      return [id, { text: unknown ? "its price is not known" : costText(cost, prices), of: some.map(partText) }];
    }),
  );
}

function partText({ type, inputs }: EmittedResource): string {
  const text = (key: string): string => {
    const value = inputs[key];
    return typeof value === "string" || typeof value === "number" ? String(value) : "of unknown type";
  };
  switch (type) {
    case PRICED.server:
      return `server ${text("serverType")}${inputs["backups"] === true ? " with backups" : ""}`;
    case PRICED.volume:
      return `volume of ${text("size")} GB`;
    case PRICED.address:
      return `public ${text("type")}`;
    default:
      return `load balancer ${text("loadBalancerType")}`;
  }
}

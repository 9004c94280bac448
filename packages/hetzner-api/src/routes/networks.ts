import { z } from "zod";
import { invalidField, limitExceeded, notFound, refused } from "../http/apiError";
import type { Router } from "../http/router";
import { requireRoom, requireRow, type CloudContext } from "../model/context";
import { NETWORK_ZONES } from "../model/catalog";
import type { NetworkRow, Route, Subnet } from "../model/rows";
import {
  block,
  contains,
  freeSubnetRange,
  gatewayOf,
  overlaps,
  privateBlock,
  toNumber,
  type Block,
} from "../rules/addresses";
import { labels, name, parseBody } from "../rules/body";
import { actionAnswer, actionOn, registerProtection, registerResource } from "./resource";

const MAX_SUBNETS = 50;
const MAX_ROUTES = 100;

const subnetBody = z.object({
  type: z.enum(["cloud", "server", "vswitch"]),
  ip_range: z.string().optional(),
  network_zone: z.enum(NETWORK_ZONES),
  vswitch_id: z.int().positive().optional(),
});
const routeBody = z.object({ destination: z.string(), gateway: z.ipv4("must be an IPv4 address") });
const createBody = z.object({
  name,
  ip_range: z.string(),
  labels: labels.optional(),
  subnets: z.array(subnetBody).optional(),
  routes: z.array(routeBody).optional(),
  expose_routes_to_vswitch: z.boolean().optional(),
});

/** Ids of the servers and load balancers in a network. */
export function attachedTo(cloud: CloudContext, network: number): { servers: number[]; load_balancers: number[] } {
  const inside = (row: { readonly privateNet: readonly { readonly network: number }[] }) =>
    row.privateNet.some((net) => net.network === network);
  return {
    servers: cloud.store
      .list("server")
      .filter(inside)
      .map((row) => row.id),
    load_balancers: cloud.store
      .list("load_balancer")
      .filter(inside)
      .map((row) => row.id),
  };
}

/** Every address in use in a network. */
export function takenAddresses(cloud: CloudContext, network: number): Set<string> {
  const servers = cloud.store.list("server").flatMap((row) => row.privateNet);
  const balancers = cloud.store
    .list("load_balancer")
    .flatMap((row) => row.privateNet.map((net) => ({ ...net, alias_ips: [] })));
  return new Set(
    [...servers, ...balancers].filter((net) => net.network === network).flatMap((net) => [net.ip, ...net.alias_ips]),
  );
}

function withSubnet(network: NetworkRow, wish: z.infer<typeof subnetBody>): NetworkRow {
  if (network.subnets.length >= MAX_SUBNETS) throw limitExceeded("subnets per network", MAX_SUBNETS);
  const ipRange = wish.ip_range ?? freeSubnetRange(network);
  if (ipRange === undefined) throw refused("no_subnet_available", `no /24 is free in ${network.ipRange}`);
  const range = privateBlock(ipRange, "ip_range", 30);
  if (!contains(block(network.ipRange) as Block, range))
    throw invalidField("ip_range", `${ipRange} is not inside the network's ${network.ipRange}`);
  for (const other of network.subnets) {
    if (overlaps(block(other.ip_range) as Block, range))
      throw invalidField("ip_range", `${ipRange} overlaps with the subnet ${other.ip_range}`);
  }
  for (const route of network.routes) {
    if (route.destination !== "0.0.0.0/0" && overlaps(block(route.destination) as Block, range))
      throw invalidField("ip_range", `${ipRange} overlaps with the route to ${route.destination}`);
  }
  if ((wish.type === "vswitch") !== (wish.vswitch_id !== undefined))
    throw invalidField("vswitch_id", "is needed for, and only for, subnets of type vswitch");
  const subnet: Subnet = {
    type: wish.type,
    ip_range: ipRange,
    network_zone: wish.network_zone,
    vswitch_id: wish.vswitch_id ?? null,
  };
  return { ...network, subnets: [...network.subnets, subnet] };
}

function withRoute(network: NetworkRow, route: Route): NetworkRow {
  if (network.routes.length >= MAX_ROUTES) throw limitExceeded("routes per network", MAX_ROUTES);
  const isDefault = route.destination === "0.0.0.0/0";
  const range = isDefault ? undefined : privateBlock(route.destination, "destination", 32);
  const clash = network.routes.find((other) =>
    isDefault || other.destination === "0.0.0.0/0"
      ? other.destination === route.destination
      : overlaps(block(other.destination) as Block, range as Block),
  );
  if (clash !== undefined)
    throw invalidField("destination", `${route.destination} overlaps with the route to ${clash.destination}`);
  const subnet = network.subnets.find(
    (other) => range !== undefined && overlaps(block(other.ip_range) as Block, range),
  );
  if (subnet !== undefined)
    throw invalidField("destination", `${route.destination} overlaps with the subnet ${subnet.ip_range}`);
  const own = block(network.ipRange) as Block;
  const gateway = toNumber(route.gateway);
  if (gateway < own.first || gateway > own.last)
    throw invalidField("gateway", `${route.gateway} is not inside the network's ${network.ipRange}`);
  if (route.gateway === gatewayOf(network))
    throw invalidField("gateway", `${route.gateway} is the network's own gateway`);
  return { ...network, routes: [...network.routes, route] };
}

export function networkRoutes(router: Router, cloud: CloudContext): void {
  const render = (row: NetworkRow): object => ({
    id: row.id,
    name: row.name,
    ip_range: row.ipRange,
    subnets: row.subnets.map((subnet) => ({ ...subnet, gateway: gatewayOf(row) })),
    routes: row.routes,
    ...attachedTo(cloud, row.id),
    protection: row.protection,
    labels: row.labels,
    created: row.created,
    expose_routes_to_vswitch: row.exposeRoutesToVswitch,
  });
  registerResource(router, cloud, {
    kind: "network",
    plural: "networks",
    render,
    name,
    update: (row, body) => {
      const wish = parseBody(z.object({ expose_routes_to_vswitch: z.boolean().optional() }), body);
      return { ...row, exposeRoutesToVswitch: wish.expose_routes_to_vswitch ?? row.exposeRoutesToVswitch };
    },
    remove: (row) => {
      const { servers, load_balancers: balancers } = attachedTo(cloud, row.id);
      if (servers.length + balancers.length > 0) {
        throw refused(
          "resource_in_use",
          `network has attached resources: servers [${servers.join(", ")}], load balancers [${balancers.join(", ")}]`,
        );
      }
      cloud.store.remove("network", row.id);
      return { status: 204 };
    },
  });
  registerProtection(router, cloud, "network", "networks");
  router.post("/networks", ({ body }) => {
    const wish = parseBody(createBody, body);
    privateBlock(wish.ip_range, "ip_range", 24);
    requireRoom(cloud, "network", wish.name);
    let row: NetworkRow = {
      id: cloud.store.nextId(),
      name: wish.name,
      labels: wish.labels ?? {},
      created: new Date().toISOString(),
      ipRange: wish.ip_range,
      subnets: [],
      routes: [],
      protection: { delete: false },
      exposeRoutesToVswitch: wish.expose_routes_to_vswitch ?? false,
    };
    for (const subnet of wish.subnets ?? []) row = withSubnet(row, subnet);
    for (const route of wish.routes ?? []) row = withRoute(row, route);
    return { status: 201, body: { network: render(cloud.store.put("network", row)) } };
  });
  networkActions(router, cloud);
}

function networkActions(router: Router, cloud: CloudContext): void {
  const change = (command: string, next: (row: NetworkRow, body: unknown) => NetworkRow): void => {
    router.post(`/networks/:id/actions/${command}`, ({ params, body }) => {
      const row = requireRow(cloud, "network", params["id"] ?? "");
      cloud.actions.requireCalm("network", row.id);
      cloud.store.put("network", next(row, body));
      return actionAnswer(
        cloud.actions.start(actionOn("network", row.id, command, { locks: [{ id: row.id, type: "network" }] })),
      );
    });
  };
  change("add_subnet", (row, body) => withSubnet(row, parseBody(subnetBody, body)));
  change("add_route", (row, body) => withRoute(row, parseBody(routeBody, body)));
  change("delete_route", (row, body) => {
    const wish = parseBody(routeBody, body);
    const routes = row.routes.filter(
      (route) => route.destination !== wish.destination || route.gateway !== wish.gateway,
    );
    if (routes.length === row.routes.length) throw notFound("route", `${wish.destination} via ${wish.gateway}`);
    return { ...row, routes };
  });
  change("delete_subnet", (row, body) => {
    const wish = parseBody(z.object({ ip_range: z.string() }), body);
    const subnet = row.subnets.find((candidate) => candidate.ip_range === wish.ip_range);
    if (subnet === undefined) throw notFound("subnet", wish.ip_range);
    const range = block(subnet.ip_range) as Block;
    const inUse = [...takenAddresses(cloud, row.id)].some(
      (ip) => toNumber(ip) >= range.first && toNumber(ip) <= range.last,
    );
    // The real provider recognises this refusal by its words.
    if (inUse) throw refused("service_error", "cannot remove subnet because servers are attached to it");
    return { ...row, subnets: row.subnets.filter((candidate) => candidate !== subnet) };
  });
  change("change_ip_range", (row, body) => {
    const wish = parseBody(z.object({ ip_range: z.string() }), body);
    const range = privateBlock(wish.ip_range, "ip_range", 24);
    if (!contains(range, block(row.ipRange) as Block))
      throw invalidField(
        "ip_range",
        `${wish.ip_range} does not contain the present ${row.ipRange}: a network can only grow`,
      );
    return { ...row, ipRange: wish.ip_range };
  });
}

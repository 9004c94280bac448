import { z } from "zod";
import { invalidField, notFound } from "../http/apiError";
import type { Router } from "../http/router";
import { renderAction } from "../model/actions";
import {
  findLoadBalancerType,
  findLocation,
  locationOf,
  LOCATIONS,
  renderLoadBalancerType,
  type LoadBalancerType,
} from "../model/catalog";
import { requireRoom, requireRow, type CloudContext } from "../model/context";
import type { LoadBalancerRow, LoadBalancerTarget, PrimaryIpRow, ServerRow } from "../model/rows";
import { pickAddress } from "../rules/addresses";
import { id, idOrName, labels, name, parseBody } from "../rules/body";
import { checkServices, newService, serviceBody } from "../rules/services";
import { addTarget, serversBehind, targetBody, toTarget } from "../rules/targets";
import { takenAddresses } from "./networks";
import { defaultDnsPtr, ipv6Network, nextNumber, requireFits } from "./primaryIps";
import { actionAnswer, actionOn, registerProtection, registerResource } from "./resource";

export const algorithmBody = z.object({ type: z.enum(["round_robin", "least_connections"]) });
const createBody = z.object({
  name,
  load_balancer_type: idOrName,
  algorithm: algorithmBody.nullish(),
  services: z.array(serviceBody).nullish(),
  targets: z.array(targetBody).nullish(),
  labels: labels.nullish(),
  public_interface: z.boolean().nullish(),
  network: id.nullish(),
  network_zone: z.string().nullish(),
  public_net: z.object({ ipv4: id.nullish(), ipv6: id.nullish() }).nullish(),
  location: idOrName.nullish(),
});

/** @throws ApiError invalid_input */
export function requireLoadBalancerType(idOrTypeName: string): LoadBalancerType {
  const type = findLoadBalancerType(idOrTypeName);
  if (type === undefined) throw invalidField("load_balancer_type", `load balancer type '${idOrTypeName}' not found`);
  return type;
}

export const typeOf = (row: LoadBalancerRow): LoadBalancerType => findLoadBalancerType(row.type) as LoadBalancerType;

/** Why a service cannot have a certificate; undefined: it can. */
export const certificateMistake = (cloud: CloudContext) => (certificate: number) => {
  const row = cloud.store.get("certificate", certificate);
  if (row === undefined) return `certificate ${certificate} not found`;
  return row.issuance === "failed" ? `certificate ${certificate} was not issued` : undefined;
};

/** 203.0.113.0/24 and 198.51.100.0/24, the documentation ranges: load balancers are not reached for real. */
export function documentationAddress(n: number): string {
  const [range, host] = [Math.floor(n / 254) % 2 === 0 ? "203.0.113" : "198.51.100", (n % 254) + 1];
  return `${range}.${host}`;
}

/** The row with an attachment to a network. @throws ApiError */
export function attached(
  cloud: CloudContext,
  row: LoadBalancerRow,
  wish: { readonly network: number; readonly ip?: string | undefined; readonly ipRange?: string | undefined },
): LoadBalancerRow {
  const network = requireRow(cloud, "network", wish.network);
  const ip = pickAddress(network, takenAddresses(cloud, network.id), {
    ip: wish.ip,
    ipRange: wish.ipRange,
    networkZone: locationOf(row).network_zone,
  });
  return { ...row, privateNet: [{ network: network.id, ip }] };
}

const ownId = (primaryIp: number | undefined): object =>
  primaryIp === undefined ? {} : { id: primaryIp, blocked: false };

function renderTarget(cloud: CloudContext, row: LoadBalancerRow, target: LoadBalancerTarget): object {
  const health = (server: ServerRow) =>
    row.services.map((service) => ({
      listen_port: service.listen_port,
      status: cloud.settings.targetHealth(server, service),
    }));
  const servers = serversBehind(cloud, row, target);
  if (target.type === "server") return { ...target, health_status: servers.flatMap(health) };
  return {
    ...target,
    targets: servers.map((server) => ({
      type: "server",
      server: { id: server.id },
      health_status: health(server),
      use_private_ip: target.use_private_ip,
    })),
  };
}

export function renderLoadBalancer(cloud: CloudContext, row: LoadBalancerRow): object {
  const ptr = (ip: string) => row.dnsPtr[ip] ?? defaultDnsPtr(ip);
  return {
    id: row.id,
    name: row.name,
    public_net: {
      enabled: row.publicEnabled,
      ipv4: { ...ownId(row.primaryIps?.ipv4), ip: row.ipv4, dns_ptr: ptr(row.ipv4) },
      ipv6: { ...ownId(row.primaryIps?.ipv6), ip: row.ipv6, dns_ptr: row.dnsPtr[row.ipv6] ?? null },
    },
    private_net: row.privateNet,
    location: locationOf(row),
    load_balancer_type: renderLoadBalancerType(typeOf(row), cloud.settings.prices),
    protection: row.protection,
    labels: row.labels,
    created: row.created,
    services: row.services,
    targets: row.targets.map((target) => renderTarget(cloud, row, target)),
    algorithm: { type: row.algorithm },
    outgoing_traffic: 0,
    ingoing_traffic: 0,
    included_traffic: 20 * 1024 ** 4,
  };
}

/** A Primary IP that is there becomes the balancer's, for its life. @throws ApiError */
function takePrimaryIp(
  cloud: CloudContext,
  primaryIp: number | null | undefined,
  as: { readonly type: "ipv4" | "ipv6"; readonly location: string; readonly assignee: number },
): PrimaryIpRow[] {
  if (typeof primaryIp !== "number") return [];
  const ip = requireRow(cloud, "primary_ip", primaryIp);
  requireFits(ip, as);
  return [cloud.store.put("primary_ip", { ...ip, assignee: as.assignee })];
}

function placeOf(wish: z.infer<typeof createBody>): string {
  if (typeof wish.location === "string" && typeof wish.network_zone === "string")
    throw invalidField("location", "give only one of location and network_zone");
  const place =
    typeof wish.location === "string"
      ? findLocation(wish.location)
      : LOCATIONS.find((one) => one.network_zone === wish.network_zone);
  if (place === undefined)
    throw invalidField(
      typeof wish.location === "string" ? "location" : "network_zone",
      "one of location and network_zone is needed, and must exist",
    );
  return place.name;
}

export function loadBalancerRoutes(router: Router, cloud: CloudContext): void {
  registerResource(router, cloud, {
    kind: "load_balancer",
    plural: "load_balancers",
    render: (row) => renderLoadBalancer(cloud, row),
    name,
    remove: (row) => {
      cloud.store.remove("load_balancer", row.id);
      for (const ip of cloud.store.list("primary_ip").filter(({ assignee }) => assignee === row.id)) {
        if (ip.autoDelete && !ip.protection.delete) cloud.store.remove("primary_ip", ip.id);
        else cloud.store.put("primary_ip", { ...ip, assignee: null });
      }
      return actionAnswer(cloud.actions.start(actionOn("load_balancer", row.id, "delete_load_balancer")));
    },
  });
  registerProtection(router, cloud, "load_balancer", "load_balancers");
  router.post("/load_balancers", ({ body }) => {
    const wish = parseBody(createBody, body);
    const type = requireLoadBalancerType(wish.load_balancer_type);
    const location = placeOf(wish);
    requireRoom(cloud, "load_balancer", wish.name);
    const balancerId = cloud.store.nextId();
    const own = (["ipv4", "ipv6"] as const).flatMap((type) =>
      takePrimaryIp(cloud, wish.public_net?.[type], { type, location, assignee: balancerId }),
    );
    const given = (type: "ipv4" | "ipv6") => own.find((ip) => ip.type === type);
    const number = nextNumber(cloud, "load_balancer_ip");
    let row: LoadBalancerRow = {
      id: balancerId,
      name: wish.name,
      labels: wish.labels ?? {},
      created: new Date().toISOString(),
      type: type.name,
      location,
      algorithm: wish.algorithm?.type ?? "round_robin",
      publicEnabled: wish.public_interface ?? true,
      ipv4: given("ipv4")?.ip ?? documentationAddress(number),
      ipv6: (given("ipv6")?.ip ?? ipv6Network(nextNumber(cloud, "ipv6"))).replace("/64", "1"),
      ...(own.length === 0 ? {} : { primaryIps: Object.fromEntries(own.map((ip) => [ip.type, ip.id])) }),
      dnsPtr: {},
      privateNet: [],
      services: (wish.services ?? []).map(newService),
      targets: [],
      protection: { delete: false },
    };
    if (typeof wish.network === "number") row = attached(cloud, row, { network: wish.network });
    checkServices(row.services, type, certificateMistake(cloud));
    for (const target of wish.targets ?? []) row = addTarget(cloud, row, type, toTarget(target));
    cloud.store.put("load_balancer", row);
    const action = cloud.actions.start(actionOn("load_balancer", row.id, "create_load_balancer"));
    return { status: 201, body: { load_balancer: renderLoadBalancer(cloud, row), action: renderAction(action) } };
  });
}

/** The address's owner must be this load balancer. @throws ApiError not_found */
export function withDnsPtr(row: LoadBalancerRow, ip: string, dnsPtr: string | null): LoadBalancerRow {
  if (ip !== row.ipv4 && ip !== row.ipv6) throw notFound("ip", ip);
  const { [ip]: _before, ...others } = row.dnsPtr;
  return { ...row, dnsPtr: dnsPtr === null ? others : { ...others, [ip]: dnsPtr } };
}

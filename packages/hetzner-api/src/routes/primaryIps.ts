import { z } from "zod";
import * as ipaddr from "ipaddr.js";
import { invalidField, notFound, refused } from "../http/apiError";
import type { Router } from "../http/router";
import { renderAction } from "../model/actions";
import { findLocation, locationOf, renderDatacenter } from "../model/catalog";
import { requireRoom, requireRow, type CloudContext } from "../model/context";
import type { Labels, PrimaryIpRow } from "../model/rows";
import { id, idOrName, labels, name, noDatacenter, parseBody } from "../rules/body";
import { actionAnswer, actionOn, registerProtection, registerResource } from "./resource";

/** The name an address has until it is given one. */
export function defaultDnsPtr(ip: string): string {
  return `static.${ip.split(".").reverse().join(".")}.clients.your-server.de`;
}

/** The next number of a counted series, kept in the state. */
export function nextNumber(cloud: CloudContext, series: string): number {
  const value = Number(cloud.store.meta(series) ?? 0);
  cloud.store.putMeta(series, String(value + 1));
  return value;
}

/** The n-th /64 of the IPv6 documentation range. */
export const ipv6Network = (n: number): string => `2001:db8:0:${(n + 1).toString(16)}::/64`;

export interface NewPrimaryIp {
  readonly name: string;
  readonly type: "ipv4" | "ipv6";
  readonly location: string;
  readonly labels: Labels;
  readonly autoDelete: boolean;
  readonly assignee: number | null;
}

/** An IPv4 one comes from the servers' addresses, whatever it is for, and keeps its address for life. */
export function createPrimaryIp(cloud: CloudContext, wish: NewPrimaryIp): PrimaryIpRow {
  requireRoom(cloud, "primary_ip", wish.name);
  const ip =
    wish.type === "ipv4"
      ? cloud.settings.publicAddress(nextNumber(cloud, "ipv4"))
      : ipv6Network(nextNumber(cloud, "ipv6"));
  const common = { created: new Date().toISOString(), dnsPtr: {}, protection: { delete: false } };
  return cloud.store.put("primary_ip", { ...wish, ...common, id: cloud.store.nextId(), ip });
}

const owns = (row: PrimaryIpRow, ip: string): boolean =>
  row.type === "ipv4"
    ? row.ip === ip
    : ipaddr.IPv6.isValid(ip) && ipaddr.IPv6.parse(ip).match(ipaddr.IPv6.parseCIDR(row.ip));

/** Sets or (null) resets the reverse name of an address of one of these primary IPs. @throws ApiError */
export function setDnsPtr(cloud: CloudContext, rows: readonly PrimaryIpRow[], ip: string, dnsPtr: string | null): void {
  const row = rows.find((candidate) => owns(candidate, ip));
  if (row === undefined) throw notFound("ip", ip);
  const { [ip]: _before, ...others } = row.dnsPtr;
  cloud.store.put("primary_ip", { ...row, dnsPtr: dnsPtr === null ? others : { ...others, [ip]: dnsPtr } });
}

const createBody = z.object({
  name,
  type: z.enum(["ipv4", "ipv6"]),
  location: idOrName.optional(),
  datacenter: noDatacenter,
  assignee_type: z.literal("server").nullish(),
  assignee_id: id.nullish(),
  auto_delete: z.boolean().nullish(),
  labels: labels.nullish(),
});

export function primaryIpRoutes(router: Router, cloud: CloudContext): void {
  const render = (row: PrimaryIpRow): object => ({
    id: row.id,
    name: row.name,
    labels: row.labels,
    created: row.created,
    blocked: false,
    datacenter: renderDatacenter(locationOf(row)),
    location: locationOf(row),
    ip: row.ip,
    dns_ptr:
      row.type === "ipv4"
        ? [{ ip: row.ip, dns_ptr: row.dnsPtr[row.ip] ?? defaultDnsPtr(row.ip) }]
        : Object.entries(row.dnsPtr).map(([ip, dns_ptr]) => ({ ip, dns_ptr })),
    protection: row.protection,
    type: row.type,
    auto_delete: row.autoDelete,
    assignee_type: isBalancer(cloud, row.assignee) ? "load_balancer" : "server",
    assignee_id: row.assignee,
  });
  registerResource(router, cloud, {
    kind: "primary_ip",
    plural: "primary_ips",
    render,
    name,
    sortFields: ["id", "created"],
    filters: { ip: (row, values) => values.some((ip) => owns(row, ip)) },
    update: (row, body) => ({
      ...row,
      autoDelete: parseBody(z.object({ auto_delete: z.boolean().nullish() }), body).auto_delete ?? row.autoDelete,
    }),
    remove: (row) => {
      if (row.assignee !== null)
        throw refused("must_be_unassigned", `primary IP ${row.id} is assigned to ${row.assignee}: unassign it first`);
      cloud.store.remove("primary_ip", row.id);
      return { status: 204 };
    },
  });
  registerProtection(router, cloud, "primary_ip", "primary_ips");
  router.post("/primary_ips", ({ body }) => {
    const wish = parseBody(createBody, body);
    const server = typeof wish.assignee_id === "number" ? requireRow(cloud, "server", wish.assignee_id) : undefined;
    if ((server === undefined) === (wish.location === undefined))
      throw invalidField("location", "give exactly one of location and assignee_id");
    const place = findLocation(server?.location ?? wish.location ?? "");
    if (place === undefined) throw invalidField("location", `location '${String(wish.location)}' not found`);
    const row = createPrimaryIp(cloud, {
      name: wish.name,
      type: wish.type,
      location: place.name,
      labels: wish.labels ?? {},
      autoDelete: wish.auto_delete ?? false,
      assignee: null,
    });
    const assigned = server === undefined ? row : assign(cloud, row, server.id);
    const action = cloud.actions.start(actionOn("primary_ip", row.id, "create_primary_ip"));
    return { status: 201, body: { primary_ip: render(assigned), action: renderAction(action) } };
  });
  router.post("/primary_ips/:id/actions/assign", ({ params, body }) => {
    const row = requireRow(cloud, "primary_ip", params["id"] ?? "");
    const wish = parseBody(z.object({ assignee_type: z.literal("server"), assignee_id: id }), body);
    assign(cloud, row, wish.assignee_id);
    return actionAnswer(cloud.actions.start(actionOn("primary_ip", row.id, "assign_primary_ip")));
  });
  router.post("/primary_ips/:id/actions/unassign", ({ params }) => {
    const row = requireRow(cloud, "primary_ip", params["id"] ?? "");
    if (row.assignee === null) throw refused("primary_ip_not_assigned", `primary IP ${row.id} is not assigned`);
    if (isBalancer(cloud, row.assignee))
      throw refused("unsupported_error", `load balancer ${row.assignee} keeps primary IP ${row.id} for life`);
    requireStopped(cloud, row.assignee);
    cloud.store.put("primary_ip", { ...row, assignee: null });
    return actionAnswer(cloud.actions.start(actionOn("primary_ip", row.id, "unassign_primary_ip")));
  });
  router.post("/primary_ips/:id/actions/change_dns_ptr", ({ params, body }) => {
    const row = requireRow(cloud, "primary_ip", params["id"] ?? "");
    const wish = parseBody(z.object({ ip: z.string(), dns_ptr: z.string().nullable() }), body);
    setDnsPtr(cloud, [row], wish.ip, wish.dns_ptr);
    return actionAnswer(cloud.actions.start(actionOn("primary_ip", row.id, "change_dns_ptr")));
  });
}

const isBalancer = (cloud: CloudContext, assignee: number | null): boolean =>
  assignee !== null && cloud.store.get("load_balancer", assignee) !== undefined;

/** It is free, and can serve there. @throws ApiError */
export function requireFits(
  ip: PrimaryIpRow,
  wish: { readonly type: "ipv4" | "ipv6"; readonly location: string },
): void {
  if (ip.type !== wish.type) throw refused("primary_ip_version_mismatch", `primary IP ${ip.id} is ${ip.type}`);
  if (ip.assignee !== null)
    throw refused("primary_ip_assigned", `primary IP ${ip.id} is already assigned to ${ip.assignee}`);
  if (ip.location !== wish.location)
    throw refused(
      "primary_ip_datacenter_mismatch",
      `primary IP ${ip.id} is in ${ip.location}, and not in ${wish.location}`,
    );
}

function requireStopped(cloud: CloudContext, serverId: number): void {
  const server = requireRow(cloud, "server", serverId);
  if (server.status !== "off")
    throw refused("server_not_stopped", `server ${serverId} must be off, it is ${server.status}`);
}

function assign(cloud: CloudContext, row: PrimaryIpRow, serverId: number): PrimaryIpRow {
  requireStopped(cloud, serverId);
  const server = requireRow(cloud, "server", serverId);
  requireFits(row, { type: row.type, location: server.location });
  if (cloud.store.list("primary_ip").some((other) => other.assignee === serverId && other.type === row.type)) {
    throw refused(`server_has_${row.type}`, `server ${serverId} already has an ${row.type} address`);
  }
  cloud.machines.reconfigureSoon(serverId);
  return cloud.store.put("primary_ip", { ...row, assignee: serverId });
}

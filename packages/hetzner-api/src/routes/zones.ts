import { z } from "zod";
import { invalidField, isProtected } from "../http/apiError";
import type { Router } from "../http/router";
import { renderAction } from "../model/actions";
import { findZone, requireRoom, type CloudContext } from "../model/context";
import { isDelegated } from "../model/delegation";
import type { RrsetRow, ZoneRow } from "../model/rows";
import { labels, parseBody } from "../rules/body";
import { NAMESERVERS, rrsetBody, ttl, zoneName } from "../rules/dns";
import { actionAnswer, actionOn, registerProtection, registerResource } from "./resource";
import { createRrset, rrsetsOf } from "./rrsets";

const DEFAULT_TTL = 3600;
const nameserver = z.object({
  address: z.union([z.ipv4(), z.ipv6()]),
  port: z.int().min(1).max(65535).default(53),
  tsig_key: z.string().optional(),
  tsig_algorithm: z.enum(["hmac-md5", "hmac-sha1", "hmac-sha256"]).optional(),
});
const createBody = z.object({
  name: zoneName,
  mode: z.enum(["primary", "secondary"]),
  ttl: ttl.nullish(),
  labels: labels.nullish(),
  primary_nameservers: z.array(nameserver).nullish(),
  rrsets: z.array(rrsetBody).nullish(),
  zonefile: z.undefined("the local cloud does not read zone files, send rrsets").optional(),
});

/** The zone as text, records in the order of their names. */
function zonefile(cloud: CloudContext, zone: ZoneRow): string {
  const lines = rrsetsOf(cloud, zone).flatMap((rrset) =>
    rrset.records.map(({ value }) => `${rrset.name}\t${rrset.ttl ?? zone.ttl}\tIN\t${rrset.type}\t${value}`),
  );
  return [`$ORIGIN\t${zone.name}.`, `$TTL\t${zone.ttl}`, ...lines, ""].join("\n");
}

function addApexRecords(cloud: CloudContext, zone: ZoneRow): void {
  const serial = `${new Date().toISOString().slice(0, 10).replaceAll("-", "")}00`;
  const apex = (type: string, values: readonly string[], rrsetTtl: number | null): RrsetRow => ({
    id: cloud.store.nextId(),
    zone: zone.id,
    name: "@",
    type,
    ttl: rrsetTtl,
    labels: {},
    records: values.map((value) => ({ value, comment: "" })),
    protection: { change: false },
    created: zone.created,
  });
  cloud.store.put(
    "rrset",
    apex("SOA", [`${NAMESERVERS[0] ?? ""} dns.hetzner.com. ${serial} 86400 10800 3600000 3600`], null),
  );
  cloud.store.put("rrset", apex("NS", NAMESERVERS, null));
}

export function zoneRoutes(router: Router, cloud: CloudContext): void {
  const find = (idOrName: string): ZoneRow => findZone(cloud, idOrName);
  const render = (row: ZoneRow): object => ({
    id: row.id,
    name: row.name,
    created: row.created,
    mode: row.mode,
    primary_nameservers: row.primaryNameservers,
    labels: row.labels,
    protection: row.protection,
    ttl: row.ttl,
    status: "ok",
    record_count: rrsetsOf(cloud, row).reduce((sum, rrset) => sum + rrset.records.length, 0),
    authoritative_nameservers: {
      assigned: NAMESERVERS,
      delegated: isDelegated(cloud.store, row.name) ? NAMESERVERS : [],
      delegation_last_check: row.created,
      delegation_status: isDelegated(cloud.store, row.name) ? "valid" : "invalid",
    },
    registrar: "unknown",
  });
  registerResource(router, cloud, {
    kind: "zone",
    plural: "zones",
    render,
    name: undefined,
    find,
    filters: { mode: (row, values) => values.includes(row.mode) },
    remove: (row) => {
      if (rrsetsOf(cloud, row).some((rrset) => rrset.protection.change))
        throw isProtected(`a record set of zone ${row.name}`, "change");
      for (const rrset of rrsetsOf(cloud, row)) cloud.store.remove("rrset", rrset.id);
      cloud.store.remove("zone", row.id);
      return actionAnswer(cloud.actions.start(actionOn("zone", row.id, "delete_zone")));
    },
  });
  registerProtection(router, cloud, "zone", "zones", find);
  router.get("/zones/:id/zonefile", ({ params }) => ({
    status: 200,
    body: { zonefile: zonefile(cloud, find(params["id"] ?? "")) },
  }));
  router.post("/zones", ({ body }) => {
    const wish = parseBody(createBody, body);
    if ((wish.mode === "secondary") !== (wish.primary_nameservers ?? []).length > 0)
      throw invalidField("primary_nameservers", "are needed for, and only for, mode secondary");
    requireRoom(cloud, "zone", wish.name);
    const row = cloud.store.put("zone", {
      id: cloud.store.nextId(),
      name: wish.name,
      labels: wish.labels ?? {},
      created: new Date().toISOString(),
      mode: wish.mode,
      ttl: wish.ttl ?? DEFAULT_TTL,
      protection: { delete: false },
      primaryNameservers: wish.primary_nameservers ?? [],
    });
    addApexRecords(cloud, row);
    for (const rrset of wish.rrsets ?? []) createRrset(cloud, row, rrset);
    const action = cloud.actions.start(actionOn("zone", row.id, "create_zone"));
    return { status: 201, body: { zone: render(row), action: renderAction(action) } };
  });
  router.post("/zones/:id/actions/change_ttl", ({ params, body }) => {
    const row = find(params["id"] ?? "");
    cloud.store.put("zone", { ...row, ttl: parseBody(z.object({ ttl }), body).ttl });
    return actionAnswer(cloud.actions.start(actionOn("zone", row.id, "change_zone_ttl")));
  });
  router.post("/zones/:id/actions/change_primary_nameservers", ({ params, body }) => {
    const row = find(params["id"] ?? "");
    if (row.mode !== "secondary")
      throw invalidField("primary_nameservers", "only zones of mode secondary have primary nameservers");
    const wish = parseBody(z.object({ primary_nameservers: z.array(nameserver).min(1) }), body);
    cloud.store.put("zone", { ...row, primaryNameservers: wish.primary_nameservers });
    return actionAnswer(cloud.actions.start(actionOn("zone", row.id, "change_zone_primary_nameservers")));
  });
}

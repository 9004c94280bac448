import { z } from "zod";
import { invalidField, invalidInput, isProtected, notFound, notUnique, type InvalidField } from "../http/apiError";
import { filterRows, paginate, sortRows } from "../http/listing";
import type { Answer, Call, Router } from "../http/router";
import { renderAction } from "../model/actions";
import { findZone, type CloudContext } from "../model/context";
import type { DnsRecord, RrsetRow, ZoneRow } from "../model/rows";
import { labels, parseBody } from "../rules/body";
import { record, recordMistake, records, rrsetBody, ttl, type RrsetType } from "../rules/dns";
import { actionAnswer, actionOn } from "./resource";

export function rrsetsOf(cloud: CloudContext, zone: ZoneRow): RrsetRow[] {
  return cloud.store.list("rrset").filter((row) => row.zone === zone.id);
}

const render = (row: RrsetRow): object => ({
  id: `${row.name}/${row.type}`,
  name: row.name,
  type: row.type,
  ttl: row.ttl,
  labels: row.labels,
  protection: row.protection,
  records: row.records,
  zone: row.zone,
});

/** @throws ApiError invalid_input */
function checkRecords(type: RrsetType, list: readonly DnsRecord[]): void {
  const fields = list.flatMap(({ value }, index): InvalidField[] => {
    const message = recordMistake(type, value);
    return message === undefined ? [] : [{ name: `records.${index}.value`, messages: [message] }];
  });
  if (fields.length > 0) throw invalidInput(fields);
  const values = list.map((one) => one.value);
  const twice = values.find((value, index) => values.indexOf(value) !== index);
  if (twice !== undefined) throw invalidField("records", `'${twice}' is given twice`);
  if (type === "CNAME" && list.length > 1) throw invalidField("records", "a CNAME has exactly one record");
}

/** @throws ApiError uniqueness_error, invalid_input */
export function createRrset(cloud: CloudContext, zone: ZoneRow, wish: z.infer<typeof rrsetBody>): RrsetRow {
  const here = rrsetsOf(cloud, zone).filter((row) => row.name === wish.name);
  if (here.some((row) => row.type === wish.type)) throw notUnique("name", `${wish.name}/${wish.type}`);
  const others = here.filter((row) => row.type === "CNAME" || wish.type === "CNAME");
  if (others.length > 0) throw invalidField("type", `a CNAME cannot stand beside other records of '${wish.name}'`);
  if (wish.type === "SOA") throw invalidField("type", "SOA records are made with their zone");
  if (zone.mode === "secondary")
    throw invalidField("zone", "records of a secondary zone come from its primary nameservers");
  checkRecords(wish.type, wish.records);
  return cloud.store.put("rrset", {
    id: cloud.store.nextId(),
    zone: zone.id,
    name: wish.name,
    type: wish.type,
    ttl: wish.ttl ?? null,
    labels: wish.labels ?? {},
    records: wish.records,
    protection: { change: false },
    created: new Date().toISOString(),
  });
}

function locate(
  cloud: CloudContext,
  { params }: Call,
): { zone: ZoneRow; name: string; type: string; row: RrsetRow | undefined } {
  const zone = findZone(cloud, params["id"] ?? "");
  const [name, type] = [params["name"] ?? "", params["type"] ?? ""];
  return { zone, name, type, row: rrsetsOf(cloud, zone).find((row) => row.name === name && row.type === type) };
}

export function rrsetRoutes(router: Router, cloud: CloudContext): void {
  cloud.shelves.set("rrsets", () => cloud.store.list("rrset").map(render));
  const started = (zone: ZoneRow, command: string, status = 201): Answer =>
    actionAnswer(cloud.actions.start(actionOn("zone", zone.id, command)), {}, status);
  const found = (call: Call): { zone: ZoneRow; row: RrsetRow } => {
    const { zone, name, type, row } = locate(cloud, call);
    if (row === undefined) throw notFound("rrset", `${name}/${type}`);
    return { zone, row };
  };
  const changeable = (call: Call): { zone: ZoneRow; row: RrsetRow } => {
    const result = found(call);
    if (result.row.protection.change) throw isProtected(`rrset ${result.row.name}/${result.row.type}`, "change");
    return result;
  };
  router.get("/zones/:id/rrsets", ({ params, query }) => {
    const rows = filterRows(rrsetsOf(cloud, findZone(cloud, params["id"] ?? "")), query, {
      type: (row, values) => values.includes(row.type),
    });
    const page = paginate(sortRows(rows, query, ["id", "name", "created"]), query);
    return { status: 200, body: { rrsets: page.items.map(render), meta: page.meta } };
  });
  router.post("/zones/:id/rrsets", ({ params, body }) => {
    const zone = findZone(cloud, params["id"] ?? "");
    const row = createRrset(cloud, zone, parseBody(rrsetBody, body));
    return {
      status: 201,
      body: {
        rrset: render(row),
        action: renderAction(cloud.actions.start(actionOn("zone", zone.id, "create_rrset"))),
      },
    };
  });
  const path = "/zones/:id/rrsets/:name/:type";
  router.get(path, (call) => ({ status: 200, body: { rrset: render(found(call).row) } }));
  router.put(path, (call) => {
    const { row } = found(call);
    const wish = parseBody(z.object({ labels: labels.nullish() }), call.body);
    return {
      status: 200,
      body: { rrset: render(cloud.store.put("rrset", { ...row, labels: wish.labels ?? row.labels })) },
    };
  });
  router.delete(path, (call) => {
    const { zone, row } = changeable(call);
    if (row.name === "@" && (row.type === "SOA" || row.type === "NS"))
      throw invalidField("type", `the ${row.type} records of the zone itself cannot be deleted`);
    cloud.store.remove("rrset", row.id);
    return started(zone, "delete_rrset");
  });
  router.post(`${path}/actions/change_protection`, (call) => {
    const { zone, row } = found(call);
    cloud.store.put("rrset", { ...row, protection: parseBody(z.object({ change: z.boolean() }), call.body) });
    return started(zone, "change_rrset_protection");
  });
  router.post(`${path}/actions/change_ttl`, (call) => {
    const { zone, row } = changeable(call);
    cloud.store.put("rrset", { ...row, ttl: parseBody(z.object({ ttl: ttl.nullable() }), call.body).ttl });
    return started(zone, "change_rrset_ttl");
  });
  router.post(`${path}/actions/set_records`, (call) => {
    const { zone, row } = changeable(call);
    const wish = parseBody(z.object({ records }), call.body);
    checkRecords(row.type as RrsetType, wish.records);
    cloud.store.put("rrset", { ...row, records: wish.records });
    return started(zone, "set_rrset_records");
  });
  recordRoutes(router, cloud, path, changeable, started);
}

type Changeable = (call: Call) => { zone: ZoneRow; row: RrsetRow };

function recordRoutes(
  router: Router,
  cloud: CloudContext,
  path: string,
  changeable: Changeable,
  started: (zone: ZoneRow, command: string, status?: number) => Answer,
): void {
  // Adding to a set that is not there makes it; removing the last record removes it.
  router.post(`${path}/actions/add_records`, (call) => {
    const wish = parseBody(z.object({ records, ttl: ttl.nullish() }), call.body);
    const { zone, name, type, row } = locate(cloud, call);
    if (row === undefined) {
      createRrset(cloud, zone, parseBody(rrsetBody, { name, type, records: wish.records, ttl: wish.ttl }));
      return started(zone, "add_rrset_records");
    }
    changeable(call);
    if (typeof wish.ttl === "number" && wish.ttl !== row.ttl)
      throw invalidField("ttl", `the record set has ${String(row.ttl)} already`);
    const next = [...row.records, ...wish.records];
    checkRecords(row.type as RrsetType, next);
    cloud.store.put("rrset", { ...row, records: next });
    return started(zone, "add_rrset_records");
  });
  router.post(`${path}/actions/remove_records`, (call) => {
    const wish = parseBody(z.object({ records: z.array(record.partial({ comment: true })).min(1) }), call.body);
    const { zone, row } = changeable(call);
    const gone = wish.records.map((one) => one.value);
    const missing = gone.find((value) => !row.records.some((one) => one.value === value));
    if (missing !== undefined) throw notFound("record", missing);
    const left = row.records.filter((one) => !gone.includes(one.value));
    if (left.length === 0) cloud.store.remove("rrset", row.id);
    else cloud.store.put("rrset", { ...row, records: left });
    return started(zone, "remove_rrset_records");
  });
  router.post(`${path}/actions/update_records`, (call) => {
    const wish = parseBody(z.object({ records }), call.body);
    const { zone, row } = changeable(call);
    const missing = wish.records.find((one) => !row.records.some((own) => own.value === one.value));
    if (missing !== undefined) throw notFound("record", missing.value);
    const comment = new Map(wish.records.map((one) => [one.value, one.comment]));
    cloud.store.put("rrset", {
      ...row,
      records: row.records.map((one) => ({ ...one, comment: comment.get(one.value) ?? one.comment })),
    });
    return started(zone, "update_rrset_records", 200);
  });
}

import type { CheckFailure, Properties, Value } from "../../../provider";
import type { Api } from "../api";
import { child, named, type ApiNamed, type Definition } from "../definition";
import { scalar, flag, integer, labels, sameValue, text, type Shape } from "../properties";
import type { WithActions } from "../client";

const fixedNeeded = { required: true, replace: true } as const;
const ttlRange = { between: [60, 2147483647] } as const;

interface ApiNameserver {
  readonly address: string;
  readonly port: number;
  readonly tsig_key?: string;
  readonly tsig_algorithm?: string;
}

interface ApiZone extends ApiNamed {
  readonly mode: string;
  readonly ttl: number;
  readonly primary_nameservers?: readonly ApiNameserver[];
  readonly authoritative_nameservers: { readonly assigned: readonly string[] };
  readonly registrar: string;
}

const nameserverShape: Shape = {
  list: {
    object: {
      address: text({ required: true }),
      port: integer({ default: 53 }),
      tsigKey: text(),
      tsigAlgorithm: text(),
    },
  },
};

const toApiNameservers = (value: Value | undefined): object[] =>
  ((value ?? []) as readonly Properties[]).map(({ address, port, tsigKey, tsigAlgorithm }) => ({
    address,
    port: port ?? 53,
    ...(tsigKey === undefined ? {} : { tsig_key: tsigKey }),
    ...(tsigAlgorithm === undefined ? {} : { tsig_algorithm: tsigAlgorithm }),
  }));

const fromApiNameservers = (list: readonly ApiNameserver[]): Properties[] =>
  list.map((one) => ({
    address: one.address,
    port: one.port,
    ...(one.tsig_key === undefined ? {} : { tsigKey: one.tsig_key }),
    ...(one.tsig_algorithm === undefined ? {} : { tsigAlgorithm: one.tsig_algorithm }),
  }));

export const zone: Definition = named<ApiZone>({
  kind: "zone",
  plural: "zones",
  fixedName: true,
  protection: flag(),
  properties: {
    mode: text({ ...fixedNeeded, oneOf: ["primary", "secondary"] }),
    ttl: integer(ttlRange),
    primaryNameservers: { shape: nameserverShape },
  },
  computed: ["authoritativeNameservers", "deleteProtection", "primaryNameservers", "registrar", "ttl"],
  rules: ({ mode, primaryNameservers }): CheckFailure[] => {
    const given = primaryNameservers !== undefined;
    return (mode === "secondary") === given || typeof mode !== "string"
      ? []
      : [{ property: "primaryNameservers", reason: `must ${given ? "not " : ""}be given when mode is ${mode}` }];
  },
  body: ({ mode, ttl, primaryNameservers }) => ({
    mode,
    ttl: ttl ?? 3600,
    ...(primaryNameservers === undefined ? {} : { primary_nameservers: toApiNameservers(primaryNameservers) }),
  }),
  outputs: (row) => ({
    mode: row.mode,
    ttl: row.ttl,
    registrar: row.registrar,
    primaryNameservers: fromApiNameservers(row.primary_nameservers ?? []),
    authoritativeNameservers: { assigneds: row.authoritative_nameservers.assigned },
  }),
  converge: async (api, row, inputs) => {
    const path = `/zones/${row.id}/actions`;
    const ttl = inputs["ttl"] ?? 3600;
    if (ttl !== row.ttl) await api.act(`${path}/change_ttl`, { ttl });
    const wanted = inputs["primaryNameservers"];
    if (
      wanted !== undefined &&
      !sameValue(wanted, fromApiNameservers(row.primary_nameservers ?? []), nameserverShape)
    ) {
      await api.act(`${path}/change_primary_nameservers`, { primary_nameservers: toApiNameservers(wanted) });
    }
  },
});

interface ApiRrset {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly ttl: number | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly protection: { readonly change: boolean };
  readonly records: readonly { readonly value: string; readonly comment: string }[];
}

const rrsetPath = ({ zone: zoneName, name, type }: Properties): string =>
  `/zones/${encodeURIComponent(scalar(zoneName))}/rrsets/${encodeURIComponent(scalar(name))}/${scalar(type)}`;

const getRrset = async (api: Api, key: Properties): Promise<ApiRrset | undefined> =>
  (await api.get<{ rrset: ApiRrset }>(rrsetPath(key)))?.rrset;

const recordShape: Shape = { set: { object: { value: text({ required: true }), comment: text() } } };
const fromRecords = (rows: ApiRrset["records"]): Properties[] =>
  rows.map(({ value, comment }) => ({ value, ...(comment === "" ? {} : { comment }) }));

/** "<zone>/<name>/<type>[/<value>]"; the value may hold slashes. @throws Error */
function parseRecordId(id: string, withValue: boolean): Properties {
  const [zoneName, name, type, ...rest] = id.split("/");
  if (zoneName === undefined || name === undefined || type === undefined || withValue !== rest.length > 0) {
    throw new Error(
      `"${id}" is no id of a DNS record${withValue ? "" : " set"}: it must be <zone>/<name>/<type>${withValue ? "/<value>" : ""}`,
    );
  }
  return { zone: zoneName, name, type, ...(withValue ? { value: rest.join("/") } : {}) };
}

export const zoneRrset: Definition = child({
  properties: {
    zone: text(fixedNeeded),
    name: text(fixedNeeded),
    type: text(fixedNeeded),
    ttl: integer(ttlRange),
    labels,
    changeProtection: flag(),
    records: { shape: recordShape, required: true },
  },
  computed: ["changeProtection", "labels"],
  // The real provider leaves the zone out: two zones may have a record set of the same id.
  id: ({ name, type }) => `${scalar(name)}/${scalar(type)}`,
  make: async (api, { zone: zoneName, name, type, ttl, labels: tags, records }) => {
    const body = {
      name,
      type,
      records,
      ...(ttl === undefined ? {} : { ttl }),
      ...(tags === undefined ? {} : { labels: tags }),
    };
    await api.wait(await api.send<WithActions>("POST", `/zones/${encodeURIComponent(scalar(zoneName))}/rrsets`, body));
  },
  read: async (api, _id, last) => {
    const row = await getRrset(api, last ?? {});
    if (row === undefined) return undefined;
    const { name, type, ttl, labels: tags, protection, records } = row;
    return {
      zone: last?.["zone"] ?? "",
      name,
      type,
      ...(ttl === null ? {} : { ttl }),
      labels: tags,
      changeProtection: protection.change,
      records: fromRecords(records),
    };
  },
  converge: async (api, _id, inputs, actual) => {
    const path = rrsetPath(inputs);
    const wanted = inputs["changeProtection"];
    const protectionChanges = typeof wanted === "boolean" && wanted !== actual["changeProtection"];
    if (protectionChanges && !wanted) await api.act(`${path}/actions/change_protection`, { change: false });
    if (inputs["ttl"] !== actual["ttl"]) await api.act(`${path}/actions/change_ttl`, { ttl: inputs["ttl"] ?? null });
    if (!sameValue(inputs["records"], actual["records"], recordShape))
      await api.act(`${path}/actions/set_records`, { records: inputs["records"] });
    if (!sameValue(inputs["labels"] ?? {}, actual["labels"], labels.shape))
      await api.send("PUT", path, { labels: inputs["labels"] ?? {} });
    if (protectionChanges && wanted) await api.act(`${path}/actions/change_protection`, { change: true });
  },
  delete: (api, _id, last) => api.remove(rrsetPath(last)),
  importId: (id) => {
    const last = parseRecordId(id, false);
    return { id: `${scalar(last["name"])}/${scalar(last["type"])}`, last };
  },
});

const rrsetKey = (...parts: readonly (Value | undefined)[]): string => parts.map((part) => scalar(part)).join("/");

export const zoneRecord: Definition = child({
  properties: {
    zone: text(fixedNeeded),
    name: text(fixedNeeded),
    type: text(fixedNeeded),
    value: text(fixedNeeded),
    comment: text(),
  },
  computed: ["comment"],
  id: ({ zone: zoneName, name, type, value }) => `${rrsetKey(zoneName, name, type)}/${scalar(value)}`,
  make: (api, inputs) => {
    const { value, comment } = inputs;
    return api.act(`${rrsetPath(inputs)}/actions/add_records`, {
      records: [{ value, ...(comment === undefined ? {} : { comment }) }],
    });
  },
  read: async (api, id) => {
    const key = parseRecordId(id, true);
    const record = (await getRrset(api, key))?.records.find((one) => one.value === key["value"]);
    return record === undefined ? undefined : { ...key, comment: record.comment };
  },
  converge: async (api, _id, inputs, actual) => {
    const comment = inputs["comment"] ?? "";
    if (comment === actual["comment"]) return;
    // This one endpoint answers 200 with its action; act() takes either.
    await api.act(`${rrsetPath(inputs)}/actions/update_records`, { records: [{ value: inputs["value"], comment }] });
  },
  delete: (api, _id, last) =>
    api.actUnlessGone(`${rrsetPath(last)}/actions/remove_records`, { records: [{ value: last["value"] }] }),
});

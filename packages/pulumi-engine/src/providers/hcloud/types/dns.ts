import { scalar } from "../../../bridge/check";
import type { CheckFailure, Properties, Value } from "../../../provider";
import type { Api } from "../api";
import type { WithActions } from "../client";
import { child, LABELS, named, type ApiNamed, type Definition } from "../definition";

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

const protectZone = (api: Api, id: string | number, on: Value | undefined): Promise<void> =>
  api.act(`/zones/${id}/actions/change_protection`, { delete: on === true });

export const zone: Definition = named<ApiZone>({
  kind: "zone",
  plural: "zones",
  kit: "framework",
  rules: {
    name: { replace: true },
    mode: { replace: true, oneOf: ["primary", "secondary"] },
    ttl: { default: 3600, between: [60, 2147483647] },
    labels: LABELS,
    deleteProtection: { unsettled: true },
    primaryNameservers: { unsettled: true },
    "primaryNameservers.port": { default: 53 },
    authoritativeNameservers: { unsettled: true },
    registrar: { unsettled: true },
  },
  validate: ({ mode, primaryNameservers }): CheckFailure[] => {
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
    deleteProtection: row.protection?.delete ?? false,
  }),
  finish: async (api, row, { deleteProtection }) => {
    if (deleteProtection !== undefined) await protectZone(api, row.id, deleteProtection);
  },
  update: async (api, row, change) => {
    const { inputs } = change;
    const path = `/zones/${row.id}/actions`;
    if (change.has("ttl")) await api.act(`${path}/change_ttl`, { ttl: inputs["ttl"] ?? 3600 });
    const { primaryNameservers: servers, deleteProtection } = inputs;
    if (servers !== undefined && change.has("primaryNameservers"))
      await api.act(`${path}/change_primary_nameservers`, { primary_nameservers: toApiNameservers(servers) });
    if (deleteProtection !== undefined && change.has("deleteProtection"))
      await protectZone(api, row.id, deleteProtection);
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

const protectRrset = (api: Api, key: Properties, on: Value): Promise<void> =>
  api.act(`${rrsetPath(key)}/actions/change_protection`, { change: on });

export const zoneRrset: Definition = child({
  kit: "framework",
  rules: {
    zone: { replace: true },
    name: { replace: true },
    type: { replace: true },
    ttl: { between: [60, 2147483647] },
    labels: LABELS,
    changeProtection: { unsettled: true },
    records: { set: true },
  },
  // The real provider leaves the zone out: two zones may have a record set of the same id.
  id: ({ name, type }) => `${scalar(name)}/${scalar(type)}`,
  make: async (api, { zone: zoneName, name, type, ttl, labels, records }, made) => {
    const body = {
      name,
      type,
      records,
      ...(ttl === undefined ? {} : { ttl }),
      ...(labels === undefined ? {} : { labels }),
    };
    const path = `/zones/${encodeURIComponent(scalar(zoneName))}/rrsets`;
    const answer = await api.send<WithActions>("POST", path, body);
    made();
    await api.wait(answer);
  },
  finish: async (api, _id, inputs) => {
    const { changeProtection } = inputs;
    if (changeProtection !== undefined) await protectRrset(api, inputs, changeProtection);
  },
  read: async (api, _id, last) => {
    const row = (await api.get<{ rrset: ApiRrset }>(rrsetPath(last)))?.rrset;
    if (row === undefined) return undefined;
    const { name, type, ttl, labels, protection, records } = row;
    return {
      zone: last["zone"] ?? "",
      name,
      type,
      ...(ttl === null ? {} : { ttl }),
      labels,
      changeProtection: protection.change,
      records: records.map(({ value, comment }) => ({ value, ...(comment === "" ? {} : { comment }) })),
    };
  },
  update: async (api, _id, change) => {
    const { inputs } = change;
    const path = rrsetPath(inputs);
    const { changeProtection, ttl = null, records, labels = {} } = inputs;
    const protects = changeProtection !== undefined && change.has("changeProtection");
    if (protects && changeProtection === false) await protectRrset(api, inputs, false);
    if (change.has("ttl")) await api.act(`${path}/actions/change_ttl`, { ttl });
    if (change.has("records")) await api.act(`${path}/actions/set_records`, { records });
    if (change.has("labels")) await api.send("PUT", path, { labels });
    if (protects && changeProtection === true) await protectRrset(api, inputs, true);
  },
  delete: (api, _id, last) => api.remove(rrsetPath(last)),
  importId: (id) => {
    const [zoneName, name, type, ...rest] = id.split("/");
    if (zoneName === undefined || name === undefined || type === undefined || rest.length > 0)
      throw new Error(`"${id}" is no id of a DNS record set: it must be <zone>/<name>/<type>`);
    return { id: `${name}/${type}`, last: { zone: zoneName, name, type } };
  },
});

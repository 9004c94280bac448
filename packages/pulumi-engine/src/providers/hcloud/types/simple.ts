import { exactlyOne, LABELS, named, OFF, type ApiNamed, type Definition } from "../definition";

interface ApiPlacementGroup extends ApiNamed {
  readonly type: string;
  readonly servers: readonly number[];
}

export const placementGroup: Definition = named<ApiPlacementGroup>({
  kind: "placement_group",
  plural: "placement_groups",
  rules: { type: { oneOf: ["spread"] } },
  body: ({ type }) => ({ type }),
  outputs: (row) => ({ type: row.type, servers: row.servers }),
});

interface ApiSshKey extends ApiNamed {
  readonly fingerprint: string;
  readonly public_key: string;
}

export const sshKey: Definition = named<ApiSshKey>({
  kind: "ssh_key",
  plural: "ssh_keys",
  kit: "framework",
  rules: { labels: LABELS, publicKey: { replace: true } },
  body: ({ publicKey }) => ({ public_key: publicKey }),
  outputs: (row) => ({ publicKey: row.public_key, fingerprint: row.fingerprint }),
});

interface ApiPrimaryIp extends ApiNamed {
  readonly type: string;
  readonly ip: string;
  readonly location: { readonly name: string };
  readonly datacenter?: { readonly name: string } | null;
  readonly auto_delete: boolean;
  readonly assignee_type: string;
  readonly assignee_id: number | null;
}

export const primaryIp: Definition = named<ApiPrimaryIp>({
  kind: "primary_ip",
  plural: "primary_ips",
  kit: "framework",
  protectable: true,
  rules: {
    labels: LABELS,
    type: { replace: true, oneOf: ["ipv4", "ipv6"] },
    location: { replace: true },
    assigneeId: { unsettled: true },
    assigneeType: { unsettled: true, oneOf: ["server"] },
    autoDelete: OFF,
  },
  validate: (inputs) => [
    ...exactlyOne("location", "assigneeId")(inputs),
    ...(inputs["datacenter"] === undefined
      ? []
      : [{ property: "datacenter", reason: "was removed from the Hetzner API, use location" }]),
  ],
  body: ({ type, location, assigneeId, autoDelete }) => ({
    type,
    auto_delete: autoDelete ?? false,
    ...(location === undefined ? {} : { location }),
    ...(assigneeId === undefined ? {} : { assignee_type: "server", assignee_id: assigneeId }),
  }),
  outputs: (row) => ({
    type: row.type,
    ipAddress: row.ip.replace(/\/\d+$/, ""),
    ...(row.type === "ipv6" ? { ipNetwork: row.ip } : {}),
    location: row.location.name,
    ...(row.datacenter === undefined || row.datacenter === null ? {} : { datacenter: row.datacenter.name }),
    autoDelete: row.auto_delete,
    assigneeId: row.assignee_id ?? 0,
    assigneeType: row.assignee_type,
  }),
  update: async (api, row, change) => {
    const { autoDelete = false, assigneeId } = change.inputs;
    const path = `/primary_ips/${row.id}`;
    if (assigneeId !== undefined && change.has("assigneeId")) {
      if (row.assignee_id !== null) await api.act(`${path}/actions/unassign`);
      await api.act(`${path}/actions/assign`, { assignee_type: "server", assignee_id: assigneeId });
    }
    if (change.has("autoDelete")) await api.send("PUT", path, { auto_delete: autoDelete });
  },
  // An address is only taken from a server that is off.
  remove: async (api, id, row) => {
    const server = row?.assignee_id ?? 0;
    if (server !== 0) {
      await api.unlessGone(() => api.act(`/servers/${server}/actions/poweroff`));
      await api.unlessGone(() => api.act(`/primary_ips/${id}/actions/unassign`));
      await api.unlessGone(() => api.act(`/servers/${server}/actions/poweron`));
    }
    await api.remove(`/primary_ips/${id}`);
  },
});

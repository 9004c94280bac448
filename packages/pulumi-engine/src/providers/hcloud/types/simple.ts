import type { Properties } from "../../../provider";
import { hasCode } from "../api";
import { exactlyOne, named, PROTECTION, type ApiNamed, type Definition } from "../definition";
import { fixed, flag, integer, text } from "../properties";

const fixedNeeded = { required: true, replace: true } as const;

interface ApiPlacementGroup extends ApiNamed {
  readonly type: string;
  readonly servers: readonly number[];
}

export const placementGroup: Definition = named<ApiPlacementGroup>({
  kind: "placement_group",
  plural: "placement_groups",
  properties: { type: text({ required: true, oneOf: ["spread"] }) },
  computed: ["servers"],
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
  properties: { publicKey: text(fixedNeeded) },
  computed: ["fingerprint", "labels"],
  body: ({ publicKey }) => ({ public_key: publicKey }),
  outputs: (row) => ({ publicKey: row.public_key, fingerprint: row.fingerprint }),
});

interface ApiPrimaryIp extends ApiNamed {
  readonly type: string;
  readonly ip: string;
  readonly location: { readonly name: string };
  readonly auto_delete: boolean;
  readonly assignee_type: string;
  readonly assignee_id: number | null;
}

export const primaryIp: Definition = named<ApiPrimaryIp>({
  kind: "primary_ip",
  plural: "primary_ips",
  protection: flag(),
  properties: {
    type: text({ ...fixedNeeded, oneOf: ["ipv4", "ipv6"] }),
    location: text(fixed),
    datacenter: text(),
    assigneeId: integer(),
    assigneeType: text({ oneOf: ["server"] }),
    autoDelete: flag(),
  },
  computed: [
    "assigneeId",
    "assigneeType",
    "autoDelete",
    "datacenter",
    "deleteProtection",
    "ipAddress",
    "ipNetwork",
    "labels",
    "location",
  ],
  rules: (inputs) => [
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
  outputs: (row): Properties => ({
    type: row.type,
    ipAddress: row.ip.replace(/\/\d+$/, ""),
    ...(row.type === "ipv6" ? { ipNetwork: row.ip } : {}),
    location: row.location.name,
    autoDelete: row.auto_delete,
    assigneeId: row.assignee_id ?? 0,
    assigneeType: row.assignee_type,
  }),
  converge: async (api, row, inputs) => {
    const autoDelete = inputs["autoDelete"] ?? false;
    if (autoDelete !== row.auto_delete) await api.send("PUT", `/primary_ips/${row.id}`, { auto_delete: autoDelete });
    const wanted = inputs["assigneeId"];
    if (wanted === undefined || wanted === row.assignee_id) return;
    const path = `/primary_ips/${row.id}/actions`;
    if (row.assignee_id !== null) await api.act(`${path}/unassign`);
    await api.act(`${path}/assign`, { assignee_type: "server", assignee_id: wanted });
  },
  // An address is only taken from a server that is off.
  beforeDelete: async (api, row) => {
    if (row.assignee_id === null) return;
    await api.actUnlessGone(`/servers/${row.assignee_id}/actions/poweroff`);
    await api.actUnlessGone(`/primary_ips/${row.id}/actions/unassign`);
    await api.actUnlessGone(`/servers/${row.assignee_id}/actions/poweron`);
  },
});

interface ApiVolume extends ApiNamed {
  readonly size: number;
  readonly location: { readonly name: string };
  readonly server: number | null;
  readonly linux_device: string;
}

export const volume: Definition = named<ApiVolume>({
  kind: "volume",
  plural: "volumes",
  protection: PROTECTION,
  properties: {
    size: integer({ required: true, between: [10, 10240] }),
    location: text(fixed),
    serverId: integer(),
    automount: flag(),
    format: text({ oneOf: ["ext4", "xfs"] }),
  },
  computed: ["linuxDevice", "location", "serverId"],
  rules: exactlyOne("location", "serverId"),
  body: ({ size, location, serverId, automount, format }) => ({
    size,
    ...(location === undefined ? {} : { location }),
    ...(serverId === undefined ? {} : { server: serverId }),
    ...(automount === undefined ? {} : { automount }),
    ...(format === undefined ? {} : { format }),
  }),
  outputs: (row) => ({
    size: row.size,
    location: row.location.name,
    serverId: row.server ?? 0,
    linuxDevice: row.linux_device,
  }),
  converge: async (api, row, inputs) => {
    const [path, wanted] = [`/volumes/${row.id}/actions`, inputs["serverId"]];
    if (inputs["size"] !== row.size) await api.act(`${path}/resize`, { size: inputs["size"] });
    if (wanted === undefined || wanted === row.server) return;
    if (row.server !== null) await api.act(`${path}/detach`);
    await api.act(`${path}/attach`, {
      server: wanted,
      ...(inputs["automount"] === undefined ? {} : { automount: inputs["automount"] }),
    });
  },
  beforeDelete: async (api, row) => {
    if (row.server === null) return;
    try {
      await api.actUnlessGone(`/volumes/${row.id}/actions/detach`);
    } catch (error) {
      if (!hasCode(error, "volume_not_attached")) throw error;
    }
  },
});

import { createHash } from "node:crypto";
import type { CheckFailure, Properties, Value } from "../../../provider";
import { isNotFound, type Api } from "../api";
import { named, PROTECTION, type ApiNamed, type Definition } from "../definition";
import { fixed, flag, integer, integers, strings, text } from "../properties";
import { parseNetworkPart } from "./network";

export interface ApiPrivateNet {
  readonly network: number;
  readonly ip: string;
  readonly alias_ips: readonly string[];
  readonly mac_address: string;
}

export interface ApiServer extends ApiNamed {
  readonly status: string;
  readonly location: { readonly name: string };
  readonly image: { readonly id: number; readonly name: string | null } | null;
  readonly server_type: { readonly name: string };
  readonly public_net: {
    readonly ipv4: { readonly id: number; readonly ip: string } | null;
    readonly ipv6: { readonly id: number; readonly ip: string } | null;
    readonly firewalls: readonly { readonly id: number }[];
  };
  readonly private_net: readonly ApiPrivateNet[];
  readonly backup_window: string | null;
  readonly protection: { readonly delete: boolean; readonly rebuild: boolean };
  readonly placement_group: { readonly id: number } | null;
  readonly primary_disk_size: number;
}

interface NetworkInput {
  readonly networkId?: number;
  readonly subnetId?: string;
  readonly ip?: string;
  readonly aliasIps?: readonly string[];
}

interface PublicNetInput {
  readonly ipv4Enabled: boolean;
  readonly ipv6Enabled: boolean;
  readonly ipv4?: number;
  readonly ipv6?: number;
}

const MAX_USER_DATA_BYTES = 32 * 1024;
const OFF = flag({ default: false });

const networksOf = (inputs: Properties): readonly NetworkInput[] =>
  (inputs["networks"] ?? []) as unknown as readonly NetworkInput[];
const publicNetOf = (inputs: Properties): PublicNetInput | undefined =>
  (inputs["publicNets"] as unknown as readonly PublicNetInput[] | undefined)?.[0];
const isPrivateOnly = (inputs: Properties): boolean => {
  const net = publicNetOf(inputs);
  return net !== undefined && !net.ipv4Enabled && !net.ipv6Enabled;
};
const networkIdOf = (net: NetworkInput): number => net.networkId ?? parseNetworkPart(net.subnetId ?? "").networkId;

/** What the real provider keeps of user data in its state. */
export const userDataHash = (userData: string): string => createHash("sha1").update(userData).digest("base64");

function rules(inputs: Properties): CheckFailure[] {
  const failures: CheckFailure[] = [];
  const { userData, publicNets, datacenter, networks } = inputs;
  if (typeof userData === "string" && Buffer.byteLength(userData) > MAX_USER_DATA_BYTES) {
    failures.push({
      property: "userData",
      reason: `must be at most 32 KiB, found ${Buffer.byteLength(userData)} bytes`,
    });
  }
  if (datacenter !== undefined)
    failures.push({ property: "datacenter", reason: "was removed from the Hetzner API, use location" });
  if (Array.isArray(publicNets) && publicNets.length > 1)
    failures.push({ property: "publicNets", reason: `must have at most one entry, found ${publicNets.length}` });
  for (const [index, net] of (Array.isArray(networks) ? (networks as readonly NetworkInput[]) : []).entries()) {
    if (net.networkId === undefined && net.subnetId === undefined)
      failures.push({ property: `networks[${index}]`, reason: "networkId or subnetId must be given" });
  }
  return failures;
}

async function attach(api: Api, serverId: number, net: NetworkInput): Promise<void> {
  await api.act(`/servers/${serverId}/actions/attach_to_network`, {
    network: networkIdOf(net),
    ...(net.ip === undefined ? {} : { ip: net.ip }),
    ...(net.subnetId === undefined ? {} : { ip_range: parseNetworkPart(net.subnetId).cidr }),
    alias_ips: net.aliasIps ?? [],
  });
}

async function convergeNetworks(api: Api, row: ApiServer, inputs: Properties): Promise<void> {
  if (inputs["networks"] === undefined) return;
  const wanted = networksOf(inputs);
  const fits = (net: NetworkInput, own: ApiPrivateNet): boolean =>
    networkIdOf(net) === own.network && (net.ip ?? own.ip) === own.ip;
  for (const own of row.private_net) {
    if (!wanted.some((net) => fits(net, own)))
      await api.act(`/servers/${row.id}/actions/detach_from_network`, { network: own.network });
  }
  for (const net of wanted) {
    const own = row.private_net.find((one) => fits(net, one));
    if (own === undefined) await attach(api, row.id, net);
    else if (JSON.stringify([...(net.aliasIps ?? [])].sort()) !== JSON.stringify([...own.alias_ips].sort())) {
      await api.act(`/servers/${row.id}/actions/change_alias_ips`, {
        network: own.network,
        alias_ips: net.aliasIps ?? [],
      });
    }
  }
}

async function convergeFirewalls(api: Api, row: ApiServer, inputs: Properties): Promise<void> {
  if (!Array.isArray(inputs["firewallIds"]) || inputs["ignoreRemoteFirewallIds"] === true) return;
  const wanted = inputs["firewallIds"] as readonly number[];
  const actual = row.public_net.firewalls.map((one) => one.id);
  const server = [{ type: "server", server: { id: row.id } }];
  for (const id of actual.filter((one) => !wanted.includes(one)))
    await api.actUnlessGone(`/firewalls/${id}/actions/remove_from_resources`, { remove_from: server });
  for (const id of wanted.filter((one) => !actual.includes(one)))
    await api.act(`/firewalls/${id}/actions/apply_to_resources`, { apply_to: server });
}

/** Powers the server off when the change needs it. True: it was running. */
async function withServerOff(api: Api, row: ApiServer, work: () => Promise<void>): Promise<void> {
  if (row.status !== "off") await api.act(`/servers/${row.id}/actions/poweroff`);
  await work();
  if (row.status !== "off") await api.act(`/servers/${row.id}/actions/poweron`);
}

async function convergeShape(api: Api, row: ApiServer, inputs: Properties): Promise<void> {
  if (row.server_type.name !== inputs["serverType"]) {
    const body = { server_type: inputs["serverType"], upgrade_disk: inputs["keepDisk"] !== true };
    await withServerOff(api, row, () => api.act(`/servers/${row.id}/actions/change_type`, body));
  }
  const [group, wantedGroup] = [row.placement_group?.id, inputs["placementGroupId"]];
  if (group !== wantedGroup) {
    await withServerOff(api, row, async () => {
      if (group !== undefined) await api.act(`/servers/${row.id}/actions/remove_from_placement_group`);
      if (wantedGroup !== undefined)
        await api.act(`/servers/${row.id}/actions/add_to_placement_group`, { placement_group: wantedGroup });
    });
  }
  if ((row.backup_window !== null) !== (inputs["backups"] === true)) {
    await api.act(`/servers/${row.id}/actions/${inputs["backups"] === true ? "enable" : "disable"}_backup`);
  }
}

async function convergePublicNet(api: Api, row: ApiServer, inputs: Properties): Promise<void> {
  const wanted = publicNetOf(inputs);
  if (wanted === undefined) return;
  for (const family of ["ipv4", "ipv6"] as const) {
    const [actual, enabled, wish] = [row.public_net[family], wanted[`${family}Enabled`], wanted[family]];
    const fits = enabled ? actual !== null && (wish === undefined || wish === actual.id) : actual === null;
    if (fits) continue;
    await withServerOff(api, row, async () => {
      if (actual !== null) await api.act(`/primary_ips/${actual.id}/actions/unassign`);
      if (!enabled) return;
      const assignee = { assignee_type: "server", assignee_id: row.id };
      if (wish !== undefined) return api.act(`/primary_ips/${wish}/actions/assign`, assignee);
      await api.wait(
        await api.send("POST", "/primary_ips", {
          name: `primary_ip-${row.id}-${family}`,
          type: family,
          auto_delete: true,
          ...assignee,
        }),
      );
    });
  }
}

async function converge(api: Api, row: ApiServer, inputs: Properties, before: Properties | undefined): Promise<void> {
  await convergeNetworks(api, row, inputs);
  // A private server is created stopped, attached, and only then powered on; and a create may have been cut off, or its
  // first boot have failed. A server that has been seen running and is off now was stopped by someone on purpose.
  if (row.status === "off" && before?.["status"] !== "running") await api.act(`/servers/${row.id}/actions/poweron`);
  const current = (await api.get<{ server: ApiServer }>(`/servers/${row.id}`))?.server ?? row;
  await convergeFirewalls(api, current, inputs);
  await convergePublicNet(api, current, inputs);
  await convergeShape(api, current, inputs);
  const protection = { delete: inputs["deleteProtection"] === true, rebuild: inputs["rebuildProtection"] === true };
  if (protection.delete !== row.protection.delete || protection.rebuild !== row.protection.rebuild) {
    await api.act(`/servers/${row.id}/actions/change_protection`, protection);
  }
}

function body(inputs: Properties): object {
  const net = publicNetOf(inputs);
  const optional = (name: string, value: Value | undefined): object => (value === undefined ? {} : { [name]: value });
  return {
    server_type: inputs["serverType"],
    ...optional("image", inputs["image"]),
    ...optional("location", inputs["location"]),
    ...optional("user_data", inputs["userData"]),
    ...optional("ssh_keys", inputs["sshKeys"]),
    ...optional("placement_group", inputs["placementGroupId"]),
    ...(inputs["firewallIds"] === undefined
      ? {}
      : { firewalls: (inputs["firewallIds"] as readonly number[]).map((firewall) => ({ firewall })) }),
    ...(net === undefined
      ? {}
      : {
          public_net: {
            enable_ipv4: net.ipv4Enabled,
            enable_ipv6: net.ipv6Enabled,
            ...optional("ipv4", net.ipv4),
            ...optional("ipv6", net.ipv6),
          },
        }),
    ...(isPrivateOnly(inputs) && networksOf(inputs).length > 0 ? { start_after_create: false } : {}),
  };
}

function outputs(row: ApiServer, last: Properties | undefined): Properties {
  const ipv6 = row.public_net.ipv6?.ip;
  const networks = networksOf(last ?? {});
  const userData = last?.["userData"];
  return {
    serverType: row.server_type.name,
    image:
      row.image === null
        ? ""
        : last?.["image"] === String(row.image.id)
          ? String(row.image.id)
          : (row.image.name ?? String(row.image.id)),
    location: row.location.name,
    datacenter: "",
    status: row.status,
    backups: row.backup_window !== null,
    backupWindow: row.backup_window ?? "",
    ipv4Address: row.public_net.ipv4?.ip ?? "",
    ipv6Address: ipv6 === undefined ? "" : ipv6.replace(/\/\d+$/, "1"),
    ipv6Network: ipv6 ?? "<nil>",
    firewallIds: row.public_net.firewalls.map((one) => one.id),
    primaryDiskSize: row.primary_disk_size,
    rebuildProtection: row.protection.rebuild,
    deleteProtection: row.protection.delete,
    ...(row.placement_group === null ? {} : { placementGroupId: row.placement_group.id }),
    ...(typeof userData === "string" && !isHash(userData) ? { userData: userDataHash(userData) } : {}),
    ...(networks.length === 0 ? {} : { networks: row.private_net.map((own) => networkOutput(own, networks)) }),
  };
}

const isHash = (value: string): boolean => /^[A-Za-z0-9+/]{27}=$/.test(value);

function networkOutput(own: ApiPrivateNet, wanted: readonly NetworkInput[]): Properties {
  const wish = wanted.find((net) => networkIdOf(net) === own.network);
  return {
    networkId: own.network,
    ...(wish?.subnetId === undefined ? {} : { subnetId: wish.subnetId }),
    ip: own.ip,
    aliasIps: own.alias_ips,
    macAddress: own.mac_address,
  };
}

export const server: Definition = named<ApiServer>({
  kind: "server",
  plural: "servers",
  protection: PROTECTION,
  rules,
  properties: {
    serverType: text({ required: true }),
    image: text(fixed),
    location: text(fixed),
    datacenter: text(fixed),
    userData: text(fixed),
    sshKeys: { shape: { list: "string" }, replace: true },
    allowDeprecatedImages: flag(),
    keepDisk: OFF,
    backups: OFF,
    iso: text(),
    rescue: text(),
    ignoreRemoteFirewallIds: OFF,
    firewallIds: { shape: integers },
    placementGroupId: integer(),
    rebuildProtection: OFF,
    shutdownBeforeDeletion: OFF,
    networks: {
      shape: {
        set: {
          object: {
            networkId: integer(),
            subnetId: text(),
            ip: text(),
            // The Pulumi provider injects it, against a permanent difference.
            aliasIps: { shape: strings, default: [] },
            macAddress: text(),
          },
        },
      },
    },
    publicNets: {
      shape: {
        set: {
          object: {
            ipv4Enabled: flag({ default: true }),
            ipv6Enabled: flag({ default: true }),
            ipv4: integer(),
            ipv6: integer(),
          },
        },
      },
    },
  },
  computed: [
    "image",
    "location",
    "datacenter",
    "status",
    "backupWindow",
    "ipv4Address",
    "ipv6Address",
    "ipv6Network",
    "firewallIds",
    "primaryDiskSize",
  ],
  body,
  outputs,
  converge,
  beforeDelete: async (api, row, last) => {
    if (last["shutdownBeforeDeletion"] !== true || row.status === "off") return;
    try {
      await api.act(`/servers/${row.id}/actions/shutdown`);
    } catch (error) {
      if (!isNotFound(error)) api.log("warning", `server ${row.name} did not shut down, it is deleted as it is`);
    }
  },
});

import { createHash } from "node:crypto";
import type { CheckFailure, Properties, Value } from "../../../provider";
import { isNotFound } from "../api";
import { named, PROTECTION, type Definition } from "../definition";
import { fixed, flag, integer, integers, strings, text } from "../properties";
import { convergeServer } from "./serverConverge";
import {
  isPrivateOnly,
  networkIdOf,
  networksOf,
  publicNetOf,
  type ApiPrivateNet,
  type ApiServer,
  type NetworkInput,
} from "./serverShape";

const MAX_USER_DATA_BYTES = 32 * 1024;

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
    keepDisk: flag(),
    backups: flag(),
    iso: text(),
    rescue: text(),
    ignoreRemoteFirewallIds: flag(),
    firewallIds: { shape: integers },
    placementGroupId: integer(),
    rebuildProtection: flag(),
    shutdownBeforeDeletion: flag(),
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
  converge: convergeServer,
  beforeDelete: async (api, row, last) => {
    if (last["shutdownBeforeDeletion"] !== true || row.status === "off") return;
    try {
      await api.act(`/servers/${row.id}/actions/shutdown`);
    } catch (error) {
      if (!isNotFound(error)) api.log("warning", `server ${row.name} did not shut down, it is deleted as it is`);
    }
  },
});

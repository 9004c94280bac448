import { createHash } from "node:crypto";
import type { CheckFailure, Properties, Value } from "../../../provider";
import type { Api } from "../api";
import { named, OFF, type Definition } from "../definition";
import { attach, powerOn, protectServer, updateServer } from "./serverUpdate";
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
const hashed = (userData: string): string => createHash("sha1").update(userData).digest("base64");

function validate(inputs: Properties): CheckFailure[] {
  const failures: CheckFailure[] = [];
  const { userData, publicNets, networks } = inputs;
  if (typeof userData === "string" && Buffer.byteLength(userData) > MAX_USER_DATA_BYTES) {
    failures.push({
      property: "userData",
      reason: `must be at most 32 KiB, found ${Buffer.byteLength(userData)} bytes`,
    });
  }
  for (const property of ["datacenter", "iso", "rescue"].filter((name) => inputs[name] !== undefined))
    failures.push({
      property,
      reason:
        property === "datacenter"
          ? "was removed from the Hetzner API, use location"
          : "is not part of the embedded engine; use the Pulumi CLI",
    });
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
    ...(isPrivateOnly(inputs) ? { start_after_create: false } : {}),
  };
}

async function finish(api: Api, row: ApiServer, inputs: Properties): Promise<void> {
  for (const net of networksOf(inputs))
    if (!row.private_net.some((own) => own.network === networkIdOf(net))) await attach(api, row, net);
  if (isPrivateOnly(inputs) && row.status === "off") await powerOn(api, row);
  if (inputs["backups"] === true) await api.act(`/servers/${row.id}/actions/enable_backup`);
  if (inputs["deleteProtection"] === true || inputs["rebuildProtection"] === true)
    await protectServer(api, row, inputs);
}

function outputs(row: ApiServer, last: Properties): Properties {
  const ipv6 = row.public_net.ipv6?.ip;
  const networks = networksOf(last);
  const image = row.image ?? { id: 0, name: "" };
  return {
    serverType: row.server_type.name,
    image: last["image"] === String(image.id) ? String(image.id) : (image.name ?? String(image.id)),
    location: row.location.name,
    ...(row.datacenter === undefined || row.datacenter === null ? {} : { datacenter: row.datacenter.name }),
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
    placementGroupId: row.placement_group?.id ?? 0,
    ...(networks.length === 0 ? {} : { networks: row.private_net.map((own) => networkOutput(own, networks)) }),
  };
}

/** In the words in which it was asked for: by network or by subnet. */
function networkOutput(own: ApiPrivateNet, wanted: readonly NetworkInput[]): Properties {
  const wish = wanted.find((net) => networkIdOf(net) === own.network);
  const bySubnet = wish?.subnetId !== undefined && wish.subnetId !== "";
  return {
    ...(bySubnet && (wish.networkId ?? 0) === 0 ? {} : { networkId: own.network }),
    ...(bySubnet ? { subnetId: wish.subnetId ?? "" } : {}),
    ip: own.ip,
    aliasIps: own.alias_ips,
    macAddress: own.mac_address,
  };
}

export const server: Definition = named<ApiServer>({
  kind: "server",
  plural: "servers",
  validate,
  rules: {
    userData: { kept: hashed, same: (before, after) => before.trim() === after.trim() },
    keepDisk: OFF,
    backups: OFF,
    ignoreRemoteFirewallIds: OFF,
    deleteProtection: OFF,
    rebuildProtection: OFF,
    shutdownBeforeDeletion: OFF,
    firewallIds: { set: true },
    networks: { set: true },
    "networks.networkId": { computed: true },
    "networks.subnetId": { computed: true },
    "networks.ip": { computed: true },
    // The Pulumi provider gives it where it is not given, against a permanent difference.
    "networks.aliasIps": { computed: true, set: true, default: [] },
    "networks.macAddress": { computed: true },
    publicNets: { set: true },
    "publicNets.ipv4Enabled": { default: true },
    "publicNets.ipv6Enabled": { default: true },
    "publicNets.ipv4": { computed: true },
    "publicNets.ipv6": { computed: true },
  },
  body,
  outputs,
  finish,
  update: updateServer,
  // One that is gone already is an error, as it is for the real provider.
  remove: async (api, id, _row, last) => {
    const path = `/servers/${id}`;
    if (last["shutdownBeforeDeletion"] === true) {
      await api.act(`${path}/actions/shutdown`);
      const off = await api.until(async () => (await api.get<{ server: ApiServer }>(path))?.server.status === "off");
      if (!off) api.log("warning", `server ${id} did not shut down in time, it is deleted as it is`);
    }
    await api.wait(await api.send("DELETE", path));
  },
});

import type { Properties } from "../../../provider";
import type { Api } from "../api";
import { parseNetworkPart } from "./network";
import {
  networkIdOf,
  networksOf,
  publicNetOf,
  type ApiPrivateNet,
  type ApiServer,
  type NetworkInput,
} from "./serverShape";

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

/** Makes a server be what its inputs say. `before`: the last known outputs. */
export async function convergeServer(
  api: Api,
  row: ApiServer,
  inputs: Properties,
  before: Properties | undefined,
): Promise<void> {
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

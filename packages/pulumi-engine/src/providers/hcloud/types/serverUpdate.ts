import type { Properties } from "../../../provider";
import { hasCode, type Api } from "../api";
import type { Change } from "../definition";
import { attachBody, networkIdOf, networksOf, publicNetOf, type ApiServer, type NetworkInput } from "./serverShape";

const BUSY = ["conflict", "locked", "service_error"] as const;
const actions = (row: ApiServer): string => `/servers/${row.id}/actions`;

/** Attaching a server that is attached already is fine. */
export async function attach(api: Api, row: ApiServer, net: NetworkInput): Promise<void> {
  const body = { ...attachBody(net), alias_ips: net.aliasIps ?? [] };
  try {
    await api.retry([...BUSY, "no_subnet_available"], () => api.act(`${actions(row)}/attach_to_network`, body));
  } catch (error) {
    if (!hasCode(error, "server_already_attached")) throw error;
  }
}

const detach = (api: Api, row: ApiServer, network: number): Promise<void> =>
  api.unlessGone(() => api.retry(BUSY, () => api.act(`${actions(row)}/detach_from_network`, { network })));

/** Whatever stands against it is tried again. */
export const powerOn = (api: Api, row: ApiServer): Promise<void> =>
  api.retry("any", () => api.act(`${actions(row)}/poweron`));

async function updateNetworks(api: Api, row: ApiServer, inputs: Properties): Promise<void> {
  const wanted = new Map(networksOf(inputs).map((net) => [networkIdOf(net), net]));
  for (const own of row.private_net) {
    const net = wanted.get(own.network);
    wanted.delete(own.network);
    if (net === undefined) await detach(api, row, own.network);
    // The API cannot change an address.
    else if ((net.ip ?? "") !== own.ip) {
      await detach(api, row, own.network);
      await attach(api, row, net);
    } else if (JSON.stringify([...(net.aliasIps ?? [])].sort()) !== JSON.stringify([...own.alias_ips].sort()))
      await api.act(`${actions(row)}/change_alias_ips`, { network: own.network, alias_ips: net.aliasIps ?? [] });
  }
  for (const net of wanted.values()) await attach(api, row, net);
}

async function updateFirewalls(api: Api, row: ApiServer, inputs: Properties): Promise<void> {
  const wanted = (inputs["firewallIds"] ?? []) as readonly number[];
  const actual = row.public_net.firewalls.map((one) => one.id);
  const server = [{ type: "server", server: { id: row.id } }];
  for (const id of actual.filter((one) => !wanted.includes(one)))
    await api.act(`/firewalls/${id}/actions/remove_from_resources`, { remove_from: server });
  for (const id of wanted.filter((one) => !actual.includes(one)))
    await api.act(`/firewalls/${id}/actions/apply_to_resources`, { apply_to: server });
}

/** Powers off hard, and on again at the end, also after a failure. */
async function updatePublicNet(api: Api, row: ApiServer, { inputs, state }: Change): Promise<void> {
  const [before, after] = [publicNetOf(state), publicNetOf(inputs)];
  await api.act(`${actions(row)}/poweroff`);
  try {
    for (const family of ["ipv4", "ipv6"] as const) {
      if (after === undefined) continue;
      const [actual, wish, managed] = [row.public_net[family], after[family], (before?.[family] ?? 0) !== 0];
      const fits = after[`${family}Enabled`] ? actual !== null && (wish ?? actual.id) === actual.id : actual === null;
      if (fits) continue;
      if (actual !== null) {
        await api.act(`/primary_ips/${actual.id}/actions/unassign`);
        // An address that the server had drawn for itself goes.
        if (!managed) await api.remove(`/primary_ips/${actual.id}`);
      }
      if (!after[`${family}Enabled`]) continue;
      const assignee = { assignee_type: "server", assignee_id: row.id };
      if (wish !== undefined) await api.act(`/primary_ips/${wish}/actions/assign`, assignee);
      else {
        const body = { name: `primary_ip-${row.id}-${family}`, type: family, auto_delete: true, ...assignee };
        await api.wait(await api.send("POST", "/primary_ips", body));
      }
    }
  } finally {
    await powerOn(api, row);
  }
}

/** Powers off hard where it runs, and leaves it off, also where the type is refused. */
async function updateType(api: Api, row: ApiServer, { serverType, keepDisk }: Properties): Promise<void> {
  if (row.status === "running") await api.act(`${actions(row)}/poweroff`);
  await api.act(`${actions(row)}/change_type`, { server_type: serverType, upgrade_disk: keepDisk !== true });
}

/** A running server is never taken out of a group; the API refuses to put one in. */
async function updateGroup(api: Api, row: ApiServer, wanted: Properties[string] | undefined): Promise<void> {
  if (row.placement_group !== null) {
    if (row.status !== "off")
      throw new Error(
        `server ${row.name} runs: the provider takes no running server out of a placement group. ` +
          "Shut it down, run up again, and start it",
      );
    await api.act(`${actions(row)}/remove_from_placement_group`);
  }
  if (typeof wanted === "number") await api.act(`${actions(row)}/add_to_placement_group`, { placement_group: wanted });
}

export const protectServer = (api: Api, row: ApiServer, inputs: Properties): Promise<void> =>
  api.act(`${actions(row)}/change_protection`, {
    delete: inputs["deleteProtection"] === true,
    rebuild: inputs["rebuildProtection"] === true,
  });

/** Each change by its own calls, in the provider's order; `row` is what was there before any of them. */
export async function updateServer(api: Api, row: ApiServer, change: Change): Promise<void> {
  const { inputs } = change;
  if (change.has("serverType")) await updateType(api, row, inputs);
  if (change.has("backups"))
    await api.act(`${actions(row)}/${inputs["backups"] === true ? "enable" : "disable"}_backup`);
  if (change.has("networks")) await updateNetworks(api, row, inputs);
  if (change.has("firewallIds")) await updateFirewalls(api, row, inputs);
  if (change.has("publicNets")) await updatePublicNet(api, row, change);
  if (change.has("placementGroupId")) await updateGroup(api, row, inputs["placementGroupId"]);
  if (change.has("deleteProtection") || change.has("rebuildProtection")) await protectServer(api, row, inputs);
}

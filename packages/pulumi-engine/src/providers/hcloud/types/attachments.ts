import type { Properties, Value } from "../../../provider";
import { hasCode, type Api } from "../api";
import { child, exactlyOne, type Definition } from "../definition";
import { scalar, fixed, flag, integer, integers, strings, text } from "../properties";
import { parseNetworkPart } from "./network";
import type { ApiServer } from "./serverShape";

const fixedNeeded = { required: true, replace: true } as const;

/** "<owner>-<network>", as the ids of attachments to networks are. @throws Error */
export function parsePair(id: string): readonly [owner: string, network: number] {
  const match = /^(\d+)-(\d+)$/.exec(id);
  if (match === null) throw new Error(`"${id}" is no id of an attachment: it must be <id>-<network id>`);
  return [match[1] ?? "", Number(match[2])];
}

export const networkIdIn = (inputs: Properties): number =>
  typeof inputs["networkId"] === "number"
    ? inputs["networkId"]
    : parseNetworkPart(scalar(inputs["subnetId"])).networkId;

/** The body of attach_to_network, for servers and load balancers. */
export function attachBody(inputs: Properties): object {
  const { ip, subnetId, aliasIps } = inputs;
  return {
    network: networkIdIn(inputs),
    ...(ip === undefined ? {} : { ip }),
    ...(typeof subnetId === "string" ? { ip_range: parseNetworkPart(subnetId).cidr } : {}),
    ...(aliasIps === undefined ? {} : { alias_ips: aliasIps }),
  };
}

const getServer = async (api: Api, id: string): Promise<ApiServer | undefined> =>
  (await api.get<{ server: ApiServer }>(`/servers/${id}`))?.server;

export const serverNetwork: Definition = child({
  properties: {
    serverId: integer(fixedNeeded),
    networkId: integer(fixed),
    subnetId: text(fixed),
    ip: text(fixed),
    aliasIps: { shape: strings },
  },
  computed: ["networkId", "ip", "aliasIps", "macAddress"],
  rules: exactlyOne("networkId", "subnetId"),
  id: (inputs) => `${scalar(inputs["serverId"])}-${networkIdIn(inputs)}`,
  make: (api, inputs) =>
    api.act(`/servers/${scalar(inputs["serverId"])}/actions/attach_to_network`, attachBody(inputs)),
  read: async (api, id) => {
    const [serverId, networkId] = parsePair(id);
    const net = (await getServer(api, serverId))?.private_net.find((one) => one.network === networkId);
    return net === undefined
      ? undefined
      : { serverId: Number(serverId), networkId, ip: net.ip, aliasIps: net.alias_ips, macAddress: net.mac_address };
  },
  converge: async (api, id, inputs, actual) => {
    const sorted = (value: Value | undefined): string =>
      JSON.stringify([...((value ?? []) as readonly string[])].sort());
    if (sorted(inputs["aliasIps"]) === sorted(actual["aliasIps"])) return;
    const [serverId, networkId] = parsePair(id);
    await api.act(`/servers/${serverId}/actions/change_alias_ips`, {
      network: networkId,
      alias_ips: inputs["aliasIps"] ?? [],
    });
  },
  delete: async (api, id) => {
    const [serverId, networkId] = parsePair(id);
    await api.actUnlessGone(`/servers/${serverId}/actions/detach_from_network`, { network: networkId });
  },
});

interface ApiFirewallTarget {
  readonly type: "server" | "label_selector";
  readonly server?: { readonly id: number };
  readonly label_selector?: { readonly selector: string };
}

const serverTarget = (id: number): ApiFirewallTarget => ({ type: "server", server: { id } });
const selectorTarget = (selector: string): ApiFirewallTarget => ({
  type: "label_selector",
  label_selector: { selector },
});
const targetsIn = ({ serverIds, labelSelectors }: Properties): ApiFirewallTarget[] => [
  ...((serverIds ?? []) as readonly number[]).map(serverTarget),
  ...((labelSelectors ?? []) as readonly string[]).map(selectorTarget),
];
const keyOf = (target: ApiFirewallTarget): string => String(target.server?.id ?? target.label_selector?.selector);

async function appliedTo(api: Api, firewall: string): Promise<readonly ApiFirewallTarget[] | undefined> {
  return (await api.get<{ firewall: { applied_to: readonly ApiFirewallTarget[] } }>(`/firewalls/${firewall}`))?.firewall
    .applied_to;
}

/** Makes a firewall apply to exactly these. */
export async function convergeApplied(
  api: Api,
  firewall: string,
  actual: readonly ApiFirewallTarget[],
  wanted: readonly ApiFirewallTarget[],
): Promise<void> {
  const keys = (targets: readonly ApiFirewallTarget[]): Set<string> => new Set(targets.map(keyOf));
  const less = actual
    .filter((target) => !keys(wanted).has(keyOf(target)))
    .map(({ type, server, label_selector: selector }) => ({ type, server, label_selector: selector }));
  const more = wanted.filter((target) => !keys(actual).has(keyOf(target)));
  if (less.length > 0)
    await api.actUnlessGone(`/firewalls/${firewall}/actions/remove_from_resources`, { remove_from: less });
  if (more.length > 0) await api.act(`/firewalls/${firewall}/actions/apply_to_resources`, { apply_to: more });
}

export const firewallAttachment: Definition = child({
  properties: { firewallId: integer(fixedNeeded), serverIds: { shape: integers }, labelSelectors: { shape: strings } },
  computed: [],
  rules: ({ serverIds, labelSelectors }) =>
    serverIds === undefined && labelSelectors === undefined
      ? [{ property: "serverIds", reason: "serverIds or labelSelectors must be given" }]
      : [],
  id: ({ firewallId }) => scalar(firewallId),
  make: async (api, inputs) => {
    const id = scalar(inputs["firewallId"]);
    await convergeApplied(api, id, (await appliedTo(api, id)) ?? [], targetsIn(inputs));
  },
  read: async (api, id, last) => {
    const applied = await appliedTo(api, id);
    if (applied === undefined || (last !== undefined && applied.length === 0)) return undefined;
    const serverIds = applied.flatMap((target) => target.server?.id ?? []);
    const labelSelectors = applied.flatMap((target) => target.label_selector?.selector ?? []);
    return {
      firewallId: Number(id),
      ...(serverIds.length > 0 ? { serverIds } : {}),
      ...(labelSelectors.length > 0 ? { labelSelectors } : {}),
    };
  },
  converge: async (api, id, inputs) => convergeApplied(api, id, (await appliedTo(api, id)) ?? [], targetsIn(inputs)),
  delete: async (api, id, last) => {
    const applied = new Set(((await appliedTo(api, id)) ?? []).map(keyOf));
    const own = targetsIn(last).filter((target) => applied.has(keyOf(target)));
    if (own.length > 0) await api.actUnlessGone(`/firewalls/${id}/actions/remove_from_resources`, { remove_from: own });
  },
});

export const volumeAttachment: Definition = child({
  properties: { volumeId: integer(fixedNeeded), serverId: integer(fixedNeeded), automount: flag() },
  computed: [],
  id: ({ volumeId }) => scalar(volumeId),
  make: (api, { volumeId, serverId, automount }) =>
    api.act(`/volumes/${scalar(volumeId)}/actions/attach`, {
      server: serverId,
      ...(automount === undefined ? {} : { automount }),
    }),
  read: async (api, id) => {
    const server = (await api.get<{ volume: { server: number | null } }>(`/volumes/${id}`))?.volume.server;
    return server === undefined || server === null ? undefined : { volumeId: Number(id), serverId: server };
  },
  delete: async (api, id) => {
    try {
      await api.actUnlessGone(`/volumes/${id}/actions/detach`);
    } catch (error) {
      if (!hasCode(error, "volume_not_attached")) throw error;
    }
  },
});

const OWNERS = [
  { property: "serverId", prefix: "s", plural: "servers", kind: "server" },
  { property: "primaryIpId", prefix: "p", plural: "primary_ips", kind: "primary_ip" },
  { property: "loadBalancerId", prefix: "l", plural: "load_balancers", kind: "load_balancer" },
  { property: "floatingIpId", prefix: "f", plural: "floating_ips", kind: "floating_ip" },
] as const;

function parseRdns(id: string): { owner: (typeof OWNERS)[number]; ownerId: string; ip: string } {
  const match = /^([splf])-(\d+)-(.+)$/.exec(id);
  const owner = OWNERS.find((one) => one.prefix === match?.[1]);
  if (match === null || owner === undefined)
    throw new Error(`"${id}" is no id of a reverse name: it must be s|p|l|f-<id>-<address>`);
  return { owner, ownerId: match[2] ?? "", ip: match[3] ?? "" };
}

type Pointers = readonly { readonly ip: string; readonly dns_ptr: string }[];
interface ApiPointers {
  readonly ip?: string;
  readonly dns_ptr?: Pointers;
  readonly public_net?: Readonly<
    Record<"ipv4" | "ipv6", { readonly ip: string; readonly dns_ptr: string | Pointers | null } | null>
  >;
}

/** The three kinds of owner each tell it in another way. */
function pointerOf(row: ApiPointers, ip: string): string | undefined {
  const listed = [row.dns_ptr, row.public_net?.ipv4?.dns_ptr, row.public_net?.ipv6?.dns_ptr].flatMap((one) =>
    typeof one === "object" && one !== null ? one : [],
  );
  const own = [row.public_net?.ipv4, row.public_net?.ipv6].find((one) => one?.ip === ip)?.dns_ptr;
  return listed.find((one) => one.ip === ip)?.dns_ptr ?? (typeof own === "string" ? own : undefined);
}

export const rdns: Definition = child({
  properties: {
    ipAddress: text(fixedNeeded),
    dnsPtr: text({ required: true }),
    ...Object.fromEntries(OWNERS.map(({ property }) => [property, integer(fixed)])),
  },
  computed: [],
  rules: exactlyOne(...OWNERS.map((owner) => owner.property)),
  id: (inputs) => {
    const owner = OWNERS.find((one) => inputs[one.property] !== undefined) ?? OWNERS[0];
    return `${owner.prefix}-${scalar(inputs[owner.property])}-${scalar(inputs["ipAddress"])}`;
  },
  make: (api, inputs) => {
    const owner = OWNERS.find((one) => inputs[one.property] !== undefined) ?? OWNERS[0];
    return api.act(`/${owner.plural}/${scalar(inputs[owner.property])}/actions/change_dns_ptr`, {
      ip: inputs["ipAddress"],
      dns_ptr: inputs["dnsPtr"],
    });
  },
  read: async (api, id) => {
    const { owner, ownerId, ip } = parseRdns(id);
    const row = (await api.get<Record<string, ApiPointers>>(`/${owner.plural}/${ownerId}`))?.[owner.kind];
    const dnsPtr = row === undefined ? undefined : pointerOf(row, ip);
    return dnsPtr === undefined ? undefined : { [owner.property]: Number(ownerId), ipAddress: ip, dnsPtr };
  },
  converge: async (api, id, inputs, actual) => {
    if (inputs["dnsPtr"] === actual["dnsPtr"]) return;
    const { owner, ownerId, ip } = parseRdns(id);
    await api.act(`/${owner.plural}/${ownerId}/actions/change_dns_ptr`, { ip, dns_ptr: inputs["dnsPtr"] });
  },
  delete: async (api, id) => {
    const { owner, ownerId, ip } = parseRdns(id);
    await api.actUnlessGone(`/${owner.plural}/${ownerId}/actions/change_dns_ptr`, { ip, dns_ptr: null });
  },
});

import { scalar } from "../../../bridge/check";
import type { Properties } from "../../../provider";
import { hasCode, type Api } from "../api";
import { child, exactlyOne, named, type ApiNamed, type Definition } from "../definition";
import { attachBody, networkIdOf, type NetworkInput } from "./serverShape";

export interface ApiService {
  readonly protocol: string;
  readonly listen_port: number;
  readonly destination_port: number;
  readonly proxyprotocol: boolean;
  readonly health_check: {
    readonly protocol: string;
    readonly port: number;
    readonly interval: number;
    readonly timeout: number;
    readonly retries: number;
    readonly http?: {
      readonly domain: string | null;
      readonly path: string;
      readonly response?: string;
      readonly status_codes?: readonly string[];
      readonly tls?: boolean;
    };
  };
  readonly http?: {
    readonly cookie_name: string;
    readonly cookie_lifetime: number;
    readonly timeout_idle: number;
    readonly certificates?: readonly number[];
    readonly redirect_http?: boolean;
    readonly sticky_sessions: boolean;
  };
}

export interface ApiTarget {
  readonly type: string;
  readonly server?: { readonly id: number };
  readonly label_selector?: { readonly selector: string };
  readonly ip?: { readonly ip: string };
  readonly use_private_ip?: boolean;
}

export interface ApiLoadBalancer extends ApiNamed {
  readonly public_net: {
    readonly enabled: boolean;
    readonly ipv4: { readonly ip: string | null };
    readonly ipv6: { readonly ip: string | null };
  };
  readonly private_net: readonly { readonly network: number; readonly ip: string }[];
  readonly location: { readonly name: string; readonly network_zone: string };
  readonly load_balancer_type: { readonly name: string };
  readonly algorithm: { readonly type: string };
  readonly services: readonly ApiService[];
  readonly targets: readonly ApiTarget[];
}

export async function getLoadBalancer(api: Api, id: string): Promise<ApiLoadBalancer | undefined> {
  return (await api.get<{ load_balancer: ApiLoadBalancer }>(`/load_balancers/${id}`))?.load_balancer;
}

const algorithmIn = (inputs: Properties): string | undefined =>
  (inputs["algorithm"] as { readonly type?: string } | undefined)?.type;

export const loadBalancer: Definition = named<ApiLoadBalancer>({
  kind: "load_balancer",
  plural: "load_balancers",
  protectable: true,
  rules: { "algorithm.type": { computed: true, oneOf: ["round_robin", "least_connections"] }, targets: { set: true } },
  validate: ({ targets }) =>
    targets === undefined
      ? []
      : [{ property: "targets", reason: "is deprecated and not part of the embedded engine, use LoadBalancerTarget" }],
  body: (inputs) => {
    const algorithm = algorithmIn(inputs);
    const { location, networkZone, loadBalancerType } = inputs;
    return {
      load_balancer_type: loadBalancerType,
      ...(location === undefined ? {} : { location }),
      ...(networkZone === undefined ? {} : { network_zone: networkZone }),
      ...(algorithm === undefined ? {} : { algorithm: { type: algorithm } }),
    };
  },
  outputs: (row) => {
    const [net] = row.private_net;
    return {
      loadBalancerType: row.load_balancer_type.name,
      location: row.location.name,
      networkZone: row.location.network_zone,
      ipv4: row.public_net.ipv4.ip ?? "",
      ipv6: row.public_net.ipv6.ip ?? "",
      algorithm: { type: row.algorithm.type },
      targets: row.targets.map(({ type, server }) => ({ type, serverId: server?.id ?? 0 })),
      // Once there was an attachment, the state keeps it, also when it is gone.
      ...(net === undefined ? {} : { networkId: net.network, networkIp: net.ip }),
    };
  },
  update: async (api, row, change) => {
    const path = `/load_balancers/${row.id}/actions`;
    if (change.has("loadBalancerType"))
      await api.act(`${path}/change_type`, { load_balancer_type: change.inputs["loadBalancerType"] });
    if (change.has("algorithm"))
      await api.act(`${path}/change_algorithm`, { type: algorithmIn(change.inputs) ?? "round_robin" });
  },
});

/** "<owner>-<network>", as the ids of attachments to networks are. @throws Error */
function parsePair(id: string): readonly [owner: string, network: number] {
  const match = /^(\d+)-(\d+)$/.exec(id);
  if (match === null) throw new Error(`"${id}" is no id of an attachment: it must be <id>-<network id>`);
  return [match[1] ?? "", Number(match[2])];
}

const BUSY = ["conflict", "locked", "service_error"] as const;
const netIn = (inputs: Properties): NetworkInput => inputs;
const attachmentId = (inputs: Properties): string =>
  `${scalar(inputs["loadBalancerId"])}-${networkIdOf(netIn(inputs))}`;

async function switchPublic(api: Api, balancer: string, on: boolean): Promise<void> {
  if ((await getLoadBalancer(api, balancer))?.public_net.enabled === on) return;
  await api.act(`/load_balancers/${balancer}/actions/${on ? "enable" : "disable"}_public_interface`);
}

export const loadBalancerNetwork: Definition = child({
  kit: "framework",
  rules: {
    loadBalancerId: { replace: true },
    networkId: { replace: true },
    subnetId: { replace: true },
    ip: { replace: true },
    enablePublicInterface: { default: true },
  },
  validate: exactlyOne("networkId", "subnetId"),
  id: attachmentId,
  make: async (api, inputs) => {
    const balancer = scalar(inputs["loadBalancerId"]);
    try {
      await api.retry([...BUSY, "no_subnet_available"], () =>
        api.act(`/load_balancers/${balancer}/actions/attach_to_network`, attachBody(netIn(inputs))),
      );
    } catch (error) {
      // Whatever address it has there, it is taken for the one that was asked for.
      const nets = (await getLoadBalancer(api, balancer))?.private_net ?? [];
      const isIn = nets.some((net) => net.network === networkIdOf(netIn(inputs)));
      if (!hasCode(error, "load_balancer_already_attached") || !isIn) throw error;
    }
  },
  finish: (api, id, inputs) => switchPublic(api, parsePair(id)[0], inputs["enablePublicInterface"] !== false),
  update: async (api, id, change) => {
    if (change.has("enablePublicInterface"))
      await switchPublic(api, parsePair(id)[0], change.inputs["enablePublicInterface"] !== false);
  },
  read: async (api, id) => {
    const [balancer, networkId] = parsePair(id);
    const row = await getLoadBalancer(api, balancer);
    const net = row?.private_net.find((one) => one.network === networkId);
    if (row === undefined || net === undefined) return undefined;
    return { loadBalancerId: Number(balancer), networkId, ip: net.ip, enablePublicInterface: row.public_net.enabled };
  },
  delete: async (api, id) => {
    const [balancer, network] = parsePair(id);
    await api.unlessGone(() =>
      api.retry(BUSY, () => api.act(`/load_balancers/${balancer}/actions/detach_from_network`, { network })),
    );
  },
});

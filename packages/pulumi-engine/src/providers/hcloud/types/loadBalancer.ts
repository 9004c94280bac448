import type { Properties } from "../../../provider";
import type { Api } from "../api";
import { child, exactlyOne, named, PROTECTION, type ApiNamed, type Definition } from "../definition";
import { scalar, fixed, flag, integer, text } from "../properties";
import { attachBody, networkIdIn, parsePair } from "./attachments";

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

interface InlineTarget {
  readonly type: string;
  readonly serverId?: number;
}

async function convergeTargets(api: Api, row: ApiLoadBalancer, inputs: Properties): Promise<void> {
  if (inputs["targets"] === undefined) return;
  const wanted = (inputs["targets"] as unknown as readonly InlineTarget[]).flatMap((target) => target.serverId ?? []);
  const actual = row.targets.flatMap((target) => target.server?.id ?? []);
  const body = (id: number): object => ({ type: "server", server: { id } });
  for (const id of actual.filter((one) => !wanted.includes(one)))
    await api.actUnlessGone(`/load_balancers/${row.id}/actions/remove_target`, body(id));
  for (const id of wanted.filter((one) => !actual.includes(one)))
    await api.act(`/load_balancers/${row.id}/actions/add_target`, body(id));
}

const algorithmIn = (inputs: Properties): string | undefined =>
  (inputs["algorithm"] as { readonly type?: string } | undefined)?.type;

export const loadBalancer: Definition = named<ApiLoadBalancer>({
  kind: "load_balancer",
  plural: "load_balancers",
  protection: PROTECTION,
  properties: {
    loadBalancerType: text({ required: true }),
    location: text(fixed),
    networkZone: text(fixed),
    algorithm: { shape: { object: { type: text({ oneOf: ["round_robin", "least_connections"] }) } } },
    targets: {
      shape: {
        set: {
          object: {
            type: text({ required: true, oneOf: ["server"] }),
            serverId: integer(),
            usePrivateIp: flag(),
          },
        },
      },
    },
  },
  computed: ["algorithm", "ipv4", "ipv6", "labels", "location", "networkId", "networkIp", "networkZone", "targets"],
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
  outputs: (row) => ({
    loadBalancerType: row.load_balancer_type.name,
    location: row.location.name,
    networkZone: row.location.network_zone,
    ipv4: row.public_net.ipv4.ip ?? "",
    ipv6: row.public_net.ipv6.ip ?? "",
    algorithm: { type: row.algorithm.type },
    targets: row.targets.map((target) => ({
      type: target.type,
      serverId: target.server?.id ?? 0,
      usePrivateIp: false,
    })),
    networkId: row.private_net[0]?.network ?? 0,
    networkIp: row.private_net[0]?.ip ?? "",
  }),
  converge: async (api, row, inputs) => {
    const path = `/load_balancers/${row.id}/actions`;
    if (row.load_balancer_type.name !== inputs["loadBalancerType"])
      await api.act(`${path}/change_type`, { load_balancer_type: inputs["loadBalancerType"] });
    const algorithm = algorithmIn(inputs);
    if (algorithm !== undefined && algorithm !== row.algorithm.type)
      await api.act(`${path}/change_algorithm`, { type: algorithm });
    await convergeTargets(api, row, inputs);
  },
});

export const loadBalancerNetwork: Definition = child({
  properties: {
    loadBalancerId: integer({ required: true, replace: true }),
    networkId: integer(fixed),
    subnetId: text(fixed),
    ip: text(fixed),
    enablePublicInterface: flag(),
  },
  computed: ["networkId", "ip", "enablePublicInterface"],
  rules: exactlyOne("networkId", "subnetId"),
  id: (inputs) => `${scalar(inputs["loadBalancerId"])}-${networkIdIn(inputs)}`,
  make: (api, inputs) =>
    api.act(`/load_balancers/${scalar(inputs["loadBalancerId"])}/actions/attach_to_network`, attachBody(inputs)),
  read: async (api, id) => {
    const [balancerId, networkId] = parsePair(id);
    const row = await getLoadBalancer(api, balancerId);
    const net = row?.private_net.find((one) => one.network === networkId);
    if (row === undefined || net === undefined) return undefined;
    return { loadBalancerId: Number(balancerId), networkId, ip: net.ip, enablePublicInterface: row.public_net.enabled };
  },
  converge: async (api, id, inputs, actual) => {
    const wanted = inputs["enablePublicInterface"] ?? true;
    if (wanted === actual["enablePublicInterface"]) return;
    await api.act(
      `/load_balancers/${parsePair(id)[0]}/actions/${wanted === true ? "enable" : "disable"}_public_interface`,
    );
  },
  delete: async (api, id) => {
    const [balancerId, networkId] = parsePair(id);
    await api.actUnlessGone(`/load_balancers/${balancerId}/actions/detach_from_network`, { network: networkId });
  },
});

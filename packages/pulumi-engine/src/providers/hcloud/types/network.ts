import type { Properties } from "../../../provider";
import { child, named, PROTECTION, type ApiNamed, type Definition } from "../definition";
import { scalar, flag, integer, text } from "../properties";
import type { Api } from "../api";

interface ApiSubnet {
  readonly type: string;
  readonly ip_range: string;
  readonly network_zone: string;
  readonly gateway: string;
  readonly vswitch_id: number | null;
}

interface ApiNetwork extends ApiNamed {
  readonly ip_range: string;
  readonly subnets: readonly ApiSubnet[];
  readonly routes: readonly { readonly destination: string; readonly gateway: string }[];
  readonly expose_routes_to_vswitch: boolean;
}

const fixedNeeded = { required: true, replace: true } as const;

export const network: Definition = named<ApiNetwork>({
  kind: "network",
  plural: "networks",
  protection: PROTECTION,
  properties: { ipRange: text(fixedNeeded), exposeRoutesToVswitch: flag() },
  computed: [],
  body: ({ ipRange, exposeRoutesToVswitch }) => ({
    ip_range: ipRange,
    expose_routes_to_vswitch: exposeRoutesToVswitch === true,
  }),
  outputs: (row) => ({ ipRange: row.ip_range, exposeRoutesToVswitch: row.expose_routes_to_vswitch }),
  converge: async (api, row, { exposeRoutesToVswitch }) => {
    const wanted = exposeRoutesToVswitch === true;
    if (row.expose_routes_to_vswitch === wanted) return;
    await api.send("PUT", `/networks/${row.id}`, { expose_routes_to_vswitch: wanted });
  },
});

/** "<network>-<CIDR>", as subnet and route ids are. @throws Error */
export function parseNetworkPart(id: string): { readonly networkId: number; readonly cidr: string } {
  const match = /^(\d+)-(.+\/\d+)$/.exec(id);
  if (match === null) throw new Error(`"${id}" is no id of a subnet or route: it must be <network id>-<CIDR>`);
  return { networkId: Number(match[1]), cidr: match[2] ?? "" };
}

async function networkOf(api: Api, id: string): Promise<{ row: ApiNetwork; cidr: string } | undefined> {
  const { networkId, cidr } = parseNetworkPart(id);
  const row = (await api.get<{ network: ApiNetwork }>(`/networks/${networkId}`))?.network;
  return row === undefined ? undefined : { row, cidr };
}

export const networkSubnet: Definition = child({
  properties: {
    networkId: integer(fixedNeeded),
    type: text({ ...fixedNeeded, oneOf: ["cloud", "server", "vswitch"] }),
    networkZone: text(fixedNeeded),
    ipRange: text(fixedNeeded),
    vswitchId: integer({ replace: true }),
  },
  computed: ["gateway"],
  id: ({ networkId, ipRange }) => `${scalar(networkId)}-${scalar(ipRange)}`,
  make: (api, { networkId, type, networkZone, ipRange, vswitchId }) =>
    api.act(`/networks/${scalar(networkId)}/actions/add_subnet`, {
      type,
      network_zone: networkZone,
      ip_range: ipRange,
      ...(vswitchId === undefined ? {} : { vswitch_id: vswitchId }),
    }),
  read: async (api, id) => {
    const found = await networkOf(api, id);
    const subnet = found?.row.subnets.find((one) => one.ip_range === found.cidr);
    if (found === undefined || subnet === undefined) return undefined;
    return {
      networkId: found.row.id,
      type: subnet.type,
      networkZone: subnet.network_zone,
      ipRange: subnet.ip_range,
      gateway: subnet.gateway,
      ...(subnet.type === "vswitch" ? { vswitchId: subnet.vswitch_id } : {}),
    };
  },
  delete: async (api, id) => {
    const { networkId, cidr } = parseNetworkPart(id);
    await api.actUnlessGone(`/networks/${networkId}/actions/delete_subnet`, { ip_range: cidr });
  },
});

const routeBody = ({ destination, gateway }: Properties): object => ({ destination, gateway });

export const networkRoute: Definition = child({
  properties: { networkId: integer(fixedNeeded), destination: text(fixedNeeded), gateway: text(fixedNeeded) },
  computed: [],
  id: ({ networkId, destination }) => `${scalar(networkId)}-${scalar(destination)}`,
  make: (api, inputs) => api.act(`/networks/${scalar(inputs["networkId"])}/actions/add_route`, routeBody(inputs)),
  read: async (api, id) => {
    const found = await networkOf(api, id);
    const route = found?.row.routes.find((one) => one.destination === found.cidr);
    return found === undefined || route === undefined ? undefined : { networkId: found.row.id, ...route };
  },
  delete: (api, _id, last) =>
    api.actUnlessGone(`/networks/${scalar(last["networkId"])}/actions/delete_route`, routeBody(last)),
});

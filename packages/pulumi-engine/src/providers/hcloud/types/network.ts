import { scalar } from "../../../bridge/check";
import type { Properties } from "../../../provider";
import type { Api } from "../api";
import type { WithActions } from "../client";
import { child, named, OFF, type ApiNamed, type Definition } from "../definition";

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

export const network: Definition = named<ApiNetwork>({
  kind: "network",
  plural: "networks",
  protectable: true,
  rules: { exposeRoutesToVswitch: OFF },
  body: ({ ipRange, exposeRoutesToVswitch }) => ({
    ip_range: ipRange,
    expose_routes_to_vswitch: exposeRoutesToVswitch === true,
  }),
  outputs: (row) => ({ ipRange: row.ip_range, exposeRoutesToVswitch: row.expose_routes_to_vswitch }),
  update: async (api, row, change) => {
    const exposed = change.inputs["exposeRoutesToVswitch"] === true;
    if (change.has("exposeRoutesToVswitch"))
      await api.send("PUT", `/networks/${row.id}`, { expose_routes_to_vswitch: exposed });
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

/** Sends an action of a network; others may be at it at the same time. */
const change = (api: Api, network: string, action: string, body: object): Promise<WithActions> =>
  api.retry(["conflict"], () => api.send("POST", `/networks/${network}/actions/${action}`, body));

export const networkSubnet: Definition = child({
  rules: { type: { oneOf: ["cloud", "server", "vswitch"] } },
  id: ({ networkId, ipRange }) => `${scalar(networkId)}-${scalar(ipRange)}`,
  make: async (api, { networkId, type, networkZone, ipRange, vswitchId }, made) => {
    const answer = await change(api, scalar(networkId), "add_subnet", {
      type,
      network_zone: networkZone,
      ip_range: ipRange,
      ...(vswitchId === undefined ? {} : { vswitch_id: vswitchId }),
    });
    made();
    await api.wait(answer);
  },
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
    const body = { ip_range: cidr };
    await api.unlessGone(() =>
      api.retry(["locked"], () => api.act(`/networks/${networkId}/actions/delete_subnet`, body)),
    );
  },
});

const routeBody = ({ destination, gateway }: Properties): object => ({ destination, gateway });

export const networkRoute: Definition = child({
  id: ({ networkId, destination }) => `${scalar(networkId)}-${scalar(destination)}`,
  make: async (api, inputs, made) => {
    const answer = await change(api, scalar(inputs["networkId"]), "add_route", routeBody(inputs));
    made();
    await api.wait(answer);
  },
  read: async (api, id) => {
    const found = await networkOf(api, id);
    const route = found?.row.routes.find((one) => one.destination === found.cidr);
    return found === undefined || route === undefined ? undefined : { networkId: found.row.id, ...route };
  },
  delete: (api, _id, last) =>
    api.unlessGone(async () => api.wait(await change(api, scalar(last["networkId"]), "delete_route", routeBody(last)))),
});

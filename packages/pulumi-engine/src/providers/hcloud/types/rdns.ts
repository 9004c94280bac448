import { scalar } from "../../../bridge/check";
import type { Properties } from "../../../provider";
import type { Api } from "../api";
import { child, exactlyOne, type Definition } from "../definition";

const OWNERS = [
  { property: "serverId", prefix: "s", plural: "servers", kind: "server" },
  { property: "primaryIpId", prefix: "p", plural: "primary_ips", kind: "primary_ip" },
  { property: "loadBalancerId", prefix: "l", plural: "load_balancers", kind: "load_balancer" },
  { property: "floatingIpId", prefix: "f", plural: "floating_ips", kind: "floating_ip" },
] as const;

function ownerIn(inputs: Properties): (typeof OWNERS)[number] {
  return OWNERS.find((one) => inputs[one.property] !== undefined) ?? OWNERS[0];
}

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

const point = (api: Api, id: string, dnsPtr: unknown): Promise<void> => {
  const { owner, ownerId, ip } = parseRdns(id);
  return api.act(`/${owner.plural}/${ownerId}/actions/change_dns_ptr`, { ip, dns_ptr: dnsPtr });
};
const idOf = (inputs: Properties): string => {
  const owner = ownerIn(inputs);
  return `${owner.prefix}-${scalar(inputs[owner.property])}-${scalar(inputs["ipAddress"])}`;
};

export const rdns: Definition = child({
  kit: "framework",
  rules: {
    ipAddress: { replace: true },
    ...Object.fromEntries(OWNERS.map(({ property }) => [property, { replace: true }])),
  },
  validate: exactlyOne(...OWNERS.map((owner) => owner.property)),
  id: idOf,
  make: (api, inputs) => point(api, idOf(inputs), inputs["dnsPtr"]),
  read: async (api, id) => {
    const { owner, ownerId, ip } = parseRdns(id);
    const row = (await api.get<Record<string, ApiPointers>>(`/${owner.plural}/${ownerId}`))?.[owner.kind];
    const dnsPtr = row === undefined ? undefined : pointerOf(row, ip);
    return dnsPtr === undefined ? undefined : { [owner.property]: Number(ownerId), ipAddress: ip, dnsPtr };
  },
  update: async (api, id, change) => {
    if (change.has("dnsPtr")) await point(api, id, change.inputs["dnsPtr"]);
  },
  delete: (api, id) => api.unlessGone(() => point(api, id, null)),
});

import type { Properties } from "../../../provider";
import type { ApiNamed } from "../definition";
import { parseNetworkPart } from "./network";

export interface ApiPrivateNet {
  readonly network: number;
  readonly ip: string;
  readonly alias_ips: readonly string[];
  readonly mac_address: string;
}

export interface ApiServer extends ApiNamed {
  readonly status: string;
  readonly locked: boolean;
  readonly location: { readonly name: string };
  readonly datacenter?: { readonly name: string } | null;
  readonly image: { readonly id: number; readonly name: string | null } | null;
  readonly server_type: { readonly name: string };
  readonly public_net: {
    readonly ipv4: { readonly id: number; readonly ip: string } | null;
    readonly ipv6: { readonly id: number; readonly ip: string } | null;
    readonly firewalls: readonly { readonly id: number }[];
  };
  readonly private_net: readonly ApiPrivateNet[];
  readonly backup_window: string | null;
  readonly protection: { readonly delete: boolean; readonly rebuild: boolean };
  readonly placement_group: { readonly id: number } | null;
  readonly primary_disk_size: number;
}

export interface NetworkInput {
  readonly networkId?: number;
  readonly subnetId?: string;
  readonly ip?: string;
  readonly aliasIps?: readonly string[];
}

export interface PublicNetInput {
  readonly ipv4Enabled: boolean;
  readonly ipv6Enabled: boolean;
  readonly ipv4?: number;
  readonly ipv6?: number;
}

export const networksOf = (inputs: Properties): readonly NetworkInput[] =>
  (inputs["networks"] ?? []) as unknown as readonly NetworkInput[];
export const publicNetOf = (inputs: Properties): PublicNetInput | undefined =>
  (inputs["publicNets"] as unknown as readonly PublicNetInput[] | null | undefined)?.[0];
/** Such a server is created stopped, attached, and only then started. */
export const isPrivateOnly = (inputs: Properties): boolean => {
  const net = publicNetOf(inputs);
  return net !== undefined && !net.ipv4Enabled && !net.ipv6Enabled && networksOf(inputs).length > 0;
};
const isGiven = <T>(value: T | undefined | "" | 0): value is T => value !== undefined && value !== "" && value !== 0;
export const networkIdOf = ({ networkId, subnetId }: NetworkInput): number =>
  isGiven(subnetId) ? parseNetworkPart(subnetId).networkId : (networkId ?? 0);

/** The body of attach_to_network, for servers and load balancers. */
export const attachBody = (net: NetworkInput): object => ({
  network: networkIdOf(net),
  ...(isGiven(net.ip) ? { ip: net.ip } : {}),
  ...(isGiven(net.subnetId) ? { ip_range: parseNetworkPart(net.subnetId).cidr } : {}),
});

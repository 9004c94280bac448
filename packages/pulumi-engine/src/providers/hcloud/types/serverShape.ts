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
  readonly location: { readonly name: string };
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
  (inputs["publicNets"] as unknown as readonly PublicNetInput[] | undefined)?.[0];
export const isPrivateOnly = (inputs: Properties): boolean => {
  const net = publicNetOf(inputs);
  return net !== undefined && !net.ipv4Enabled && !net.ipv6Enabled;
};
export const networkIdOf = (net: NetworkInput): number =>
  net.networkId ?? parseNetworkPart(net.subnetId ?? "").networkId;

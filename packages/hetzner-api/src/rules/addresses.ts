import * as ipaddr from "ipaddr.js";
import { invalidField, refused } from "../http/apiError";
import type { NetworkRow, Subnet } from "../model/rows";

/** An IPv4 block as numbers: both ends included. */
export interface Block {
  readonly first: number;
  readonly last: number;
  readonly prefix: number;
}

export function toNumber(address: string): number {
  return ipaddr.IPv4.parse(address)
    .toByteArray()
    .reduce((sum, octet) => sum * 256 + octet, 0);
}

export function toAddress(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
}

const PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"].map((cidr) => block(cidr) as Block);
/** Hetzner's own gateway inside the guest; never usable. */
const RESERVED = toNumber("172.31.1.1");

/** Undefined unless it is IPv4 CIDR notation without host bits. */
export function block(cidr: string): Block | undefined {
  if (!ipaddr.IPv4.isValidCIDR(cidr)) return undefined;
  const [address, prefix] = ipaddr.IPv4.parseCIDR(cidr);
  const first = toNumber(address.toString());
  const size = 2 ** (32 - prefix);
  return first % size === 0 ? { first, last: first + size - 1, prefix } : undefined;
}

export const contains = (outer: Block, inner: Block): boolean => outer.first <= inner.first && inner.last <= outer.last;
export const overlaps = (a: Block, b: Block): boolean => a.first <= b.last && b.first <= a.last;

/** @throws ApiError invalid_input */
export function privateBlock(cidr: string, field: string, longestPrefix: number): Block {
  const range = block(cidr);
  if (range === undefined) throw invalidField(field, `'${cidr}' is no IPv4 network in CIDR notation`);
  if (!PRIVATE.some((outer) => contains(outer, range)))
    throw invalidField(field, `'${cidr}' is not inside 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16`);
  if (range.prefix > longestPrefix) throw invalidField(field, `'${cidr}' is too small: at least a /${longestPrefix}`);
  return range;
}

/** The first address of the whole network, which routes between all of its subnets. */
export function gatewayOf(network: Pick<NetworkRow, "ipRange">): string {
  return toAddress((block(network.ipRange) as Block).first + 1);
}

/** The first /24 of the network that no subnet uses. */
export function freeSubnetRange(network: NetworkRow): string | undefined {
  const range = block(network.ipRange) as Block;
  const taken = network.subnets.map((subnet) => block(subnet.ip_range) as Block);
  for (let first = range.first; first + 255 <= range.last; first += 256) {
    const candidate = { first, last: first + 255, prefix: 24 };
    if (!taken.some((other) => overlaps(other, candidate))) return `${toAddress(first)}/24`;
  }
  return undefined;
}

export interface AddressWish {
  readonly ip?: string | undefined;
  /** CIDR of the subnet to attach to. */
  readonly ipRange?: string | undefined;
  readonly networkZone: string;
}

function isReserved(network: NetworkRow, value: number): boolean {
  const range = block(network.ipRange) as Block;
  const ends = network.subnets.flatMap((subnet) => {
    const inside = block(subnet.ip_range) as Block;
    return [inside.first, inside.last];
  });
  return (
    value === range.first ||
    value === range.first + 1 ||
    value === range.last ||
    value === RESERVED ||
    ends.includes(value)
  );
}

/**
 * The address an attachment gets: the one asked for, or the first free one of the wished subnet, or of the
 * last subnet (ordered by range).
 * @param taken every address already in use in the network.
 * @throws ApiError no_subnet_available, ip_not_available, invalid_input
 */
export function pickAddress(network: NetworkRow, taken: ReadonlySet<string>, wish: AddressWish): string {
  const usable = network.subnets
    .filter((subnet) => subnet.network_zone === wish.networkZone)
    .sort((a, b) => (block(a.ip_range) as Block).first - (block(b.ip_range) as Block).first);
  const subnets = wish.ipRange === undefined ? usable : usable.filter((subnet) => subnet.ip_range === wish.ipRange);
  if (subnets.length === 0) {
    const which = wish.ipRange === undefined ? `in network zone ${wish.networkZone}` : `with range ${wish.ipRange}`;
    throw refused("no_subnet_available", `network '${network.name}' has no subnet ${which}`);
  }
  if (wish.ip !== undefined) return checkAddress(network, subnets, taken, wish.ip);
  const range = block((subnets.at(-1) as Subnet).ip_range) as Block;
  for (let value = range.first + 1; value < range.last; value++) {
    if (!isReserved(network, value) && !taken.has(toAddress(value))) return toAddress(value);
  }
  throw refused("no_subnet_available", `no free address is left in network '${network.name}'`);
}

function checkAddress(network: NetworkRow, subnets: readonly Subnet[], taken: ReadonlySet<string>, ip: string): string {
  if (!ipaddr.IPv4.isValidFourPartDecimal(ip)) throw invalidField("ip", `'${ip}' is no IPv4 address`);
  const value = toNumber(ip);
  const inside = subnets.some((subnet) => {
    const range = block(subnet.ip_range) as Block;
    return range.first <= value && value <= range.last;
  });
  if (!inside)
    throw invalidField("ip", `${ip} is in none of the subnets ${subnets.map((subnet) => subnet.ip_range).join(", ")}`);
  if (isReserved(network, value))
    throw refused("ip_not_available", `${ip} is reserved (gateway, network or broadcast address)`);
  if (taken.has(ip)) throw refused("ip_not_available", `${ip} is already in use in network '${network.name}'`);
  return ip;
}

/** Locally administered, derived from ids, so that it never changes. */
export function macAddress(serverId: number, networkId: number): string {
  const tail = (serverId * 7 + networkId) % 2 ** 32;
  return [
    "86",
    "00",
    ...[24, 16, 8, 0].map((shift) => (Math.floor(tail / 2 ** shift) % 256).toString(16).padStart(2, "0")),
  ].join(":");
}

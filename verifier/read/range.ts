import * as ipaddr from "ipaddr.js";

/** IPv4 addresses from `first` to `last`, as numbers. An address is a range of one. */
export interface Range {
  readonly first: number;
  readonly last: number;
  /** As it was written. */
  readonly text: string;
}

export const ANYWHERE: Range = { first: 0, last: 2 ** 32 - 1, text: "0.0.0.0/0" };

const cache = new Map<string, Range | undefined>();

/** Reads "10.0.0.9" or "10.0.0.0/16"; undefined for IPv6 and for what is neither. */
export function parseRange(text: string): Range | undefined {
  if (cache.has(text)) return cache.get(text);
  const parsed = read(text);
  if (cache.size < 100_000) cache.set(text, parsed);
  return parsed;
}

function read(text: string): Range | undefined {
  const [address = "", prefix = "32", more] = text.split("/");
  const bits = Number(prefix);
  if (more !== undefined || !ipaddr.IPv4.isValidFourPartDecimal(address)) return undefined;
  if (!/^\d{1,2}$/.test(prefix) || bits > 32) return undefined;
  const value = ipaddr.IPv4.parse(address).octets.reduce((sum, octet) => sum * 256 + octet, 0);
  const size = 2 ** (32 - bits);
  const first = Math.floor(value / size) * size;
  return { first, last: first + size - 1, text };
}

export function addressNumber(address: string): number | undefined {
  const range = parseRange(address);
  return range !== undefined && range.first === range.last ? range.first : undefined;
}

/** A range that nobody wrote: "10.1.0.0-255.255.255.255". */
export function rangeText({ first, last }: { readonly first: number; readonly last: number }): string {
  const address = (value: number): string =>
    [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
  return first === last ? address(first) : `${address(first)}-${address(last)}`;
}

export function contains(outer: Range, inner: Range): boolean {
  return outer.first <= inner.first && inner.last <= outer.last;
}

export function overlaps(a: Range, b: Range): boolean {
  return a.first <= b.last && b.first <= a.last;
}

export function includes(range: Range, address: number): boolean {
  return range.first <= address && address <= range.last;
}

export function size(range: Range): number {
  return range.last - range.first + 1;
}

/** Private address space (RFC 1918): everything else is the internet. */
export const PRIVATE: readonly Range[] = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"].flatMap(
  (cidr) => parseRange(cidr) ?? [],
);

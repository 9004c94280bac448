import * as ipaddr from "ipaddr.js";

/** An address or CIDR that cannot be read, e.g. "10.0.0.300". */
export class AddressError extends Error {
  constructor(value: string, wanted: string) {
    super(`"${value}" is not ${wanted}`);
    this.name = "AddressError";
  }
}

export function isIpv4(address: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(address);
}

/** True for an IPv4 CIDR whose host bits are zero, e.g. "10.0.0.0/16". */
export function isIpv4Cidr(cidr: string): boolean {
  if (!ipaddr.IPv4.isValidCIDRFourPartDecimal(cidr)) return false;
  return ipaddr.IPv4.networkAddressFromCIDR(cidr).toString() === cidr.split("/")[0];
}

/** True for an IPv4 or IPv6 CIDR whose host bits are zero. */
export function isCidr(cidr: string): boolean {
  if (isIpv4Cidr(cidr)) return true;
  if (!ipaddr.IPv6.isValidCIDR(cidr)) return false;
  const [address = ""] = cidr.split("/");
  return ipaddr.IPv6.networkAddressFromCIDR(cidr).toString() === ipaddr.IPv6.parse(address).toString();
}

function parse(cidr: string): [ipaddr.IPv4, number] {
  if (!isIpv4Cidr(cidr)) throw new AddressError(cidr, 'an IPv4 network such as "10.0.0.0/16" with all host bits zero');
  return ipaddr.IPv4.parseCIDR(cidr);
}

export function cidrContains(cidr: string, address: string): boolean {
  if (!isIpv4(address)) throw new AddressError(address, 'an IPv4 address such as "10.0.0.10"');
  return ipaddr.IPv4.parse(address).match(parse(cidr));
}

export function cidrContainsCidr(outer: string, inner: string): boolean {
  const [network, prefix] = parse(inner);
  return parse(outer)[1] <= prefix && network.match(parse(outer));
}

export function cidrsOverlap(a: string, b: string): boolean {
  return cidrContainsCidr(a, b) || cidrContainsCidr(b, a);
}

/** The nth address of a network: nthAddress("10.0.0.0/16", 1) is its gateway on Hetzner, "10.0.0.1". */
export function nthAddress(cidr: string, n: number): string {
  const [network, prefix] = parse(cidr);
  if (n < 0 || n >= 2 ** (32 - prefix)) throw new AddressError(String(n), `the number of an address within ${cidr}`);
  const value = network.octets.reduce((sum, octet) => sum * 256 + octet, 0) + n;
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
}

/** Sorts addresses and CIDRs as numbers, so that derived rules have one stable order. */
export function compareAddresses(a: string, b: string): number {
  const key = (value: string): string => {
    const [address = "", prefix = ""] = value.split("/");
    if (!isIpv4(address)) return `~${value}`;
    return [...ipaddr.IPv4.parse(address).octets, Number(prefix === "" ? 32 : prefix)]
      .map((part) => String(part).padStart(3, "0"))
      .join(".");
  };
  return key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0;
}

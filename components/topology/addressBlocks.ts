import * as ipaddr from "ipaddr.js";
import { compareAddresses } from "./addresses";

/**
 * The fewest addresses and CIDRs that hold exactly these IPv4 addresses, and no other: 10.0.0.4, .5, .6 and .7 are
 * 10.0.0.4/30. Sorted, without duplicates.
 */
export function exactBlocks(addresses: readonly string[]): readonly string[] {
  const numbers = [...new Set(addresses)].sort(compareAddresses).map(toNumber);
  const blocks: string[] = [];
  for (let at = 0; at < numbers.length;) {
    const first = numbers[at] ?? 0;
    let size = 1;
    // Twice as large, as long as it begins where such a block may and every address of it is wanted.
    while (first % (size * 2) === 0 && numbers[at + size * 2 - 1] === first + size * 2 - 1) size *= 2;
    blocks.push(size === 1 ? toText(first) : `${toText(first)}/${32 - Math.log2(size)}`);
    at += size;
  }
  return blocks;
}

function toNumber(address: string): number {
  return ipaddr.IPv4.parse(address).octets.reduce((sum, octet) => sum * 256 + octet, 0);
}

function toText(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join(".");
}

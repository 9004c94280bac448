import * as ipaddr from "ipaddr.js";
import type { Mistake } from "../components/mistakes";

const PATH = "keybuzz:operatorCidrs";
/**
 * The widest that all together may be. No provider gives its customers' addresses out of more than a /8 of IPv4, or of a
 * /19 of IPv6; whoever allows more has not said where operators come from.
 */
const WIDEST = { ipv4: 8, ipv6: 19 } as const;
/** From which nobody comes over the internet, by ipaddr.js' names of such ranges. Loopback is a rehearsal's. */
const NOWHERE: readonly string[] = ["private", "uniqueLocal", "linkLocal", "carrierGradeNat", "multicast", "broadcast"];

interface Block {
  readonly text: string;
  readonly family: 4 | 6;
  readonly first: bigint;
  readonly last: bigint;
}

/** Entries from which nobody can come, and entries that together amount to everybody. */
export function operatorNetworkMistakes(cidrs: readonly string[]): readonly Mistake[] {
  const blocks = cidrs.map(blockOf);
  const nowhere = cidrs.flatMap((text): readonly Mistake[] => {
    const [address, length] = ipaddr.parseCIDR(text);
    const range = address.range();
    if (length === 0 || !NOWHERE.includes(range)) return [];
    return [
      {
        path: PATH,
        found: `${text}, which is no address of the internet (${range})`,
        allowed: "the address or network that others see you come from",
        fix: "ask a machine outside of your network, e.g. curl -4 https://ip.hetzner.com",
      },
    ];
  });
  return [...nowhere, ...tooWide(4, blocks), ...tooWide(6, blocks)];
}

function tooWide(family: 4 | 6, blocks: readonly Block[]): readonly Mistake[] {
  const own = blocks.filter((block) => block.family === family);
  const [bits, widest] = family === 4 ? [32, WIDEST.ipv4] : [128, WIDEST.ipv6];
  const limit = 1n << BigInt(bits - widest);
  if (covered(own) <= limit) return [];
  // Each that is too wide by itself; otherwise the fewest that are so together.
  const alone = own.filter((block) => covered([block]) > limit);
  const widestFirst = [...own].sort((a, b) => Number(b.last - b.first - (a.last - a.first)));
  let count = 1;
  while (covered(widestFirst.slice(0, count)) <= limit) count += 1;
  const named = (alone.length > 0 ? alone : widestFirst.slice(0, count)).map(({ text }) => text);
  const how = named.length === 1 ? "" : alone.length > 0 ? ": each" : ": together";
  return [
    {
      path: PATH,
      found: `${named.join(", ")}${how} wider than a /${widest} of IPv${family}, which is about everybody`,
      allowed: `the networks that operators come from, together no wider than a /${widest}`,
      fix: `name their own addresses: pulumi config set --path '${PATH}[0]' 203.0.113.7/32`,
    },
  ];
}

/** Addresses in any of them, each counted once. */
function covered(blocks: readonly Block[]): bigint {
  let sum = 0n;
  let next = 0n;
  for (const { first, last } of [...blocks].sort((a, b) => (a.first < b.first ? -1 : 1))) {
    const from = first > next ? first : next;
    if (last < from) continue;
    sum += last - from + 1n;
    next = last + 1n;
  }
  return sum;
}

function blockOf(text: string): Block {
  const [address, length] = ipaddr.parseCIDR(text);
  const bytes = address.toByteArray();
  const value = bytes.reduce((sum, byte) => (sum << 8n) + BigInt(byte), 0n);
  const size = 1n << BigInt(bytes.length * 8 - length);
  return { text, family: bytes.length === 4 ? 4 : 6, first: value, last: value + size - 1n };
}

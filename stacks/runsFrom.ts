import { createSocket } from "node:dgram";
import * as ipaddr from "ipaddr.js";
import type { Mistake } from "../components/mistakes";

/** Environment variable by which whoever starts a run says what address others see it come from. */
export const RUNS_FROM = "KEYBUZZ_RUNS_FROM";

/**
 * The address that others see this run come from, where it is known: what is said of it, otherwise that of this
 * machine's own way out, if it is one of the internet. Behind somebody's NAT it is not known.
 */
export async function runsFrom(): Promise<string | undefined> {
  const said = process.env[RUNS_FROM];
  if (said !== undefined && said !== "") return said;
  const own = await wayOut();
  return own !== undefined && ipaddr.isValid(own) && ipaddr.parse(own).range() === "unicast" ? own : undefined;
}

/** What the system would send from. Connecting UDP asks its routes and sends nothing. */
function wayOut(): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket("udp4");
    const end = (address: string | undefined): void => {
      socket.close();
      resolve(address);
    };
    socket.once("error", () => end(undefined));
    // Nobody's address (RFC 5737): it takes the default route.
    socket.connect(9, "203.0.113.1", () => end(socket.address().address));
  });
}

/** A run closes no door that it came in by: the bastion would not answer it any more, in the middle. */
export function ownDoorMistakes(cidrs: readonly string[], address: string | undefined): readonly Mistake[] {
  if (address === undefined) return [];
  if (!ipaddr.isValid(address)) {
    const allowed = "an IP address, without a length";
    return [
      { path: RUNS_FROM, found: `"${address}"`, allowed, fix: "set it to the address that others see, or unset it" },
    ];
  }
  const own = ipaddr.process(address);
  const open = cidrs.some((cidr) => {
    const [network, length] = ipaddr.parseCIDR(cidr);
    return network.kind() === own.kind() && own.match(network, length);
  });
  if (open) return [];
  return [
    {
      path: "keybuzz:operatorCidrs",
      found: `${cidrs.join(", ")}, without ${address}, where this run comes from`,
      allowed: "networks that the run itself comes from as well: the bastion would not answer it any more",
      fix: `pulumi config set --path 'keybuzz:operatorCidrs[${cidrs.length}]' ${address}/${own.kind() === "ipv4" ? 32 : 128}; or ${RUNS_FROM}=<address>, if others see another one`,
    },
  ];
}

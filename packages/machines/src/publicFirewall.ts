import * as ipaddr from "ipaddr.js";
import { z } from "zod";
import type { CloudSnapshot } from "./machines";

/** Kinds of a snapshot that {@link admits} reads. */
export const FIREWALL_KINDS: readonly string[] = ["firewalls"];

const attached = z.object({ server: z.object({ id: z.number() }) });
const firewalls = z.array(
  z.object({
    rules: z.array(
      z.object({
        direction: z.enum(["in", "out"]),
        protocol: z.string(),
        port: z.string().nullish(),
        source_ips: z.array(z.string()),
      }),
    ),
    applied_to: z.array(z.union([attached, z.object({ applied_to_resources: z.array(attached) })])),
  }),
);

/**
 * Do the firewalls of a server's public interface let a connection in? Without any, everybody gets in. Everybody here
 * comes from this machine: where rules name loopback addresses, these stand for networks of the internet, and each
 * connection has its own; where none does, whoever comes stands for somebody who is allowed.
 *
 * @param source address that the connection comes from
 */
export function admits(snapshot: CloudSnapshot, server: number, port: number, source: string): boolean {
  const own = firewalls
    .parse(snapshot["firewalls"] ?? [])
    .filter(({ applied_to: applied }) =>
      applied
        .flatMap((one) => ("server" in one ? [one] : one.applied_to_resources))
        .some((one) => one.server.id === server),
    );
  if (own.length === 0) return true;
  const inward = own.flatMap(({ rules }) => rules.filter(({ direction }) => direction === "in"));
  const open = inward.filter((rule) => rule.protocol === "tcp" && covers(rule.port ?? "any", port));
  const literal = inward.some((rule) => rule.source_ips.some((cidr) => cidr.startsWith("127.")));
  return literal ? open.some((rule) => rule.source_ips.some((cidr) => within(source, cidr))) : open.length > 0;
}

function covers(ports: string, port: number): boolean {
  if (ports === "any") return true;
  const [first = 0, last = first] = ports.split("-").map(Number);
  return first <= port && port <= last;
}

function within(source: string, cidr: string): boolean {
  const address = ipaddr.process(source);
  const [network, length] = ipaddr.parseCIDR(cidr);
  return address.kind() === network.kind() && address.match(network, length);
}

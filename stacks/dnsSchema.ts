import { z } from "zod";
import { isIpv4 } from "../components/topology/addresses";

// The shape of web.records. Hetzner's rules: docs.hetzner.cloud, Zone RRSets.

/** A label, or several; "_dmarc" and "_sip._tcp" among them. */
const LABELS = "[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*";
const name = z.string().regex(new RegExp(`^(@|\\*|(\\*\\.)?${LABELS})$`), {
  error: 'must be "@", "*", or lower-case labels relative to the zone, without its name: "www"',
});
const host = z.string().regex(new RegExp(`^(@|[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?|${LABELS}\\.)$`), {
  error:
    'must be a host name with a dot at its end ("mail.example.com."), or one label of this zone ("mail"); without the dot a name is taken as relative to the zone',
});
const ttlSeconds = z.int().min(60).max(2_147_483_647).exactOptional();
const uint16 = z.int().min(0).max(65_535);
/** As many as Hetzner takes in one set. */
const several = <T extends z.ZodType>(value: T) => z.array(value).min(1).max(50);
const common = { name, ttlSeconds };
const ipv4 = z.string().refine(isIpv4, { error: 'must be an IPv4 address such as "192.0.2.1"' });
const text = z
  .string()
  .min(1)
  .max(4096)
  .regex(/^[\x20-\x7e]+$/, { error: "must be printable ASCII" });

export const dnsRecords = z.array(
  z.discriminatedUnion("type", [
    z.strictObject({ ...common, type: z.literal("A"), values: several(ipv4) }),
    z.strictObject({ ...common, type: z.literal("AAAA"), values: several(z.ipv6()) }),
    z.strictObject({ ...common, type: z.literal("CNAME"), values: z.array(host).length(1) }),
    z.strictObject({ ...common, type: z.literal("NS"), values: several(host) }),
    z.strictObject({ ...common, type: z.literal("PTR"), values: several(host) }),
    z.strictObject({ ...common, type: z.literal("TXT"), values: several(text) }),
    z.strictObject({ ...common, type: z.literal("MX"), values: several(z.strictObject({ priority: uint16, host })) }),
    z.strictObject({
      ...common,
      type: z.literal("SRV"),
      values: several(z.strictObject({ priority: uint16, weight: uint16, port: uint16, host })),
    }),
    z.strictObject({
      ...common,
      type: z.literal("CAA"),
      values: several(
        z.strictObject({
          flags: z.int().min(0).max(255).exactOptional(),
          tag: z.enum(["issue", "issuewild", "iodef"]),
          value: text.regex(/^[^"\\]*$/, { error: "must have no quotes: they are put around it" }),
        }),
      ),
    }),
    ...(["DS", "HTTPS", "SVCB", "TLSA"] as const).map((type) =>
      z.strictObject({ ...common, type: z.literal(type), values: several(text) }),
    ),
  ]),
);

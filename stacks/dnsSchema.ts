import { z } from "zod";
import { address, text } from "./schemaParts";

// The shape of web.records. Hetzner's rules: docs.hetzner.cloud, Zone RRSets.

/** A label, or several; "_dmarc" and "_sip._tcp" among them. */
const LABELS = "[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*";
const name = text(
  new RegExp(`^(@|\\*|(\\*\\.)?${LABELS})$`),
  '"@", "*", or lower-case labels relative to the zone, without its name',
  "www",
);
const host = text(
  new RegExp(`^(@|[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?|${LABELS}\\.)$`),
  'a host name with a dot at its end, or one label of this zone ("mail"): without the dot a name is taken as relative to the zone',
  "mail.example.com.",
);
const uint16 = z.int().min(0).max(65_535);
/** As many as Hetzner takes in one set. */
const several = <T extends z.ZodType>(value: T) => z.array(value).min(1).max(50);
const ascii = text(/^[\x20-\x7e]{1,4096}$/, "printable ASCII, 4096 characters at most", "v=spf1 -all");
const common = {
  /** Relative to the zone; "@" is the zone itself, "*" any name that has nothing of its own. */
  name,
  /** Seconds. Default: web.dnsTtlSeconds. */
  ttlSeconds: z.int().min(60).max(2_147_483_647).exactOptional(),
};
const priority = {
  /** Lower is asked first. */
  priority: uint16,
};

/** Host names in values end with a dot, or are one label relative to the zone. */
export const dnsRecords = z.array(
  z.discriminatedUnion("type", [
    z.strictObject({ ...common, type: z.literal("A"), values: several(address) }),
    z.strictObject({
      ...common,
      type: z.literal("AAAA"),
      values: several(z.ipv6().meta({ description: "an IPv6 address", examples: ["2001:db8::1"] })),
    }),
    z.strictObject({ ...common, type: z.literal("CNAME"), values: z.array(host).length(1) }),
    z.strictObject({ ...common, type: z.literal("NS"), values: several(host) }),
    z.strictObject({ ...common, type: z.literal("PTR"), values: several(host) }),
    z.strictObject({
      ...common,
      type: z.literal("TXT"),
      /** Plain text: quotes and pieces of 255 characters are made of it. */
      values: several(ascii),
    }),
    z.strictObject({ ...common, type: z.literal("MX"), values: several(z.strictObject({ ...priority, host })) }),
    z.strictObject({
      ...common,
      type: z.literal("SRV"),
      values: several(z.strictObject({ ...priority, weight: uint16, port: uint16, host })),
    }),
    z.strictObject({
      ...common,
      type: z.literal("CAA"),
      values: several(
        z.strictObject({
          /** 128: whoever does not know the tag must not issue. Default 0. */
          flags: z.int().min(0).max(255).exactOptional(),
          tag: z.enum(["issue", "issuewild", "iodef"]),
          /** Quotes are put around it. */
          value: text(/^(?!.*["\\])[\x20-\x7e]{1,4096}$/, "printable ASCII without quotes", "letsencrypt.org"),
        }),
      ),
    }),
    ...(["DS", "HTTPS", "SVCB", "TLSA"] as const).map((type) =>
      z.strictObject({
        ...common,
        type: z.literal(type),
        /** As a zone file has them. */
        values: several(ascii),
      }),
    ),
  ]),
);

import * as ipaddr from "ipaddr.js";
import { z } from "zod";
import { labels } from "./body";

export const RRSET_TYPES = [
  "A",
  "AAAA",
  "CAA",
  "CNAME",
  "DS",
  "HINFO",
  "HTTPS",
  "MX",
  "NS",
  "PTR",
  "RP",
  "SOA",
  "SRV",
  "SVCB",
  "TLSA",
  "TXT",
] as const;
export type RrsetType = (typeof RRSET_TYPES)[number];

const HOST = /^(\*\.|[a-zA-Z0-9_])[a-zA-Z0-9_.-]*\.?$|^@$|^\.$/;
const isHost = (value: string | undefined): boolean => value !== undefined && HOST.test(value);
const isCount = (value: string | undefined): boolean => value !== undefined && /^\d{1,5}$/.test(value);

const VALUE_RULES: Partial<Record<RrsetType, readonly [(value: string) => boolean, string]>> = {
  A: [(value) => ipaddr.IPv4.isValidFourPartDecimal(value), "an IPv4 address"],
  AAAA: [(value) => ipaddr.IPv6.isValid(value), "an IPv6 address"],
  CNAME: [isHost, "a host name"],
  NS: [isHost, "a host name"],
  PTR: [isHost, "a host name"],
  MX: [(value) => isCount(value.split(/\s+/)[0]) && isHost(value.split(/\s+/)[1]), "'<priority> <host name>'"],
  SRV: [
    (value) => value.split(/\s+/).length === 4 && value.split(/\s+/).slice(0, 3).every(isCount),
    "'<priority> <weight> <port> <host name>'",
  ],
  TXT: [(value) => /^("([^"\\]|\\.){0,255}"\s*)+$/.test(value), "one or more quoted strings of at most 255 characters"],
  CAA: [(value) => /^\d{1,3} (issue|issuewild|iodef) ".*"$/.test(value), `'<flags> <tag> "<value>"'`],
};

/** What is wrong with a record's value for its type; undefined: nothing. */
export function recordMistake(type: RrsetType, value: string): string | undefined {
  const rule = VALUE_RULES[type];
  return rule === undefined || rule[0](value)
    ? undefined
    : `'${value}' is no valid value for ${type}: it must be ${rule[1]}`;
}

export const ttl = z.int().min(60).max(2147483647);
export const record = z.object({ value: z.string().min(1), comment: z.string().max(255).default("") });
export const records = z.array(record).min(1).max(50);
export const rrsetName = z
  .string()
  .regex(
    /^(@|\*|(\*\.)?[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*)$/,
    "must be '@', or lower-case labels relative to the zone, without its name",
  );
export const zoneName = z
  .string()
  .max(255)
  .regex(
    /^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$/,
    "must be a domain name in lower case, without final dot",
  );

export const NAMESERVERS = ["hydrogen.ns.hetzner.com.", "oxygen.ns.hetzner.com.", "helium.ns.hetzner.de."];

/** A record set as requests give it. */
export const rrsetBody = z.object({
  name: rrsetName,
  type: z.enum(RRSET_TYPES),
  ttl: ttl.nullish(),
  records,
  labels: labels.nullish(),
});

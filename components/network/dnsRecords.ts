/** Hetzner's authoritative name servers, the same for every zone (docs.hetzner.cloud, DNS: name servers). */
export const HETZNER_NAMESERVERS = [
  "hydrogen.ns.hetzner.com.",
  "oxygen.ns.hetzner.com.",
  "helium.ns.hetzner.de.",
] as const;

interface Named {
  /** Relative to the zone; "@" is the zone itself, "*" any name that has nothing of its own. */
  readonly name: string;
  /** Default: web.dnsTtlSeconds. */
  readonly ttlSeconds?: number;
}

/** Host names in values end with a dot, or are one label relative to the zone. */
export type DnsRecordSpec = Named &
  (
    | { readonly type: "A" | "AAAA" | "CNAME" | "NS" | "PTR"; readonly values: readonly string[] }
    /** Plain text of any length: quotes and pieces of 255 characters are made here. */
    | { readonly type: "TXT"; readonly values: readonly string[] }
    | { readonly type: "MX"; readonly values: readonly { readonly priority: number; readonly host: string }[] }
    | {
        readonly type: "SRV";
        readonly values: readonly {
          readonly priority: number;
          readonly weight: number;
          readonly port: number;
          readonly host: string;
        }[];
      }
    | {
        readonly type: "CAA";
        readonly values: readonly {
          /** Default 0; 128: whoever does not know the tag must not issue. */
          readonly flags?: number;
          readonly tag: "issue" | "issuewild" | "iodef";
          readonly value: string;
        }[];
      }
    /** As a zone file has them. */
    | { readonly type: "DS" | "HTTPS" | "SVCB" | "TLSA"; readonly values: readonly string[] }
  );

/** One record set as Hetzner takes it. */
export interface DnsRecordSet {
  readonly name: string;
  readonly type: DnsRecordSpec["type"];
  readonly ttlSeconds: number;
  readonly values: readonly string[];
}

export function recordSet(spec: DnsRecordSpec, zoneTtlSeconds: number): DnsRecordSet {
  const { name, type, ttlSeconds = zoneTtlSeconds } = spec;
  return { name, type, ttlSeconds, values: recordValues(spec) };
}

function recordValues(spec: DnsRecordSpec): readonly string[] {
  switch (spec.type) {
    case "TXT":
      return spec.values.map(quoted);
    case "MX":
      return spec.values.map(({ priority, host }) => `${priority} ${host}`);
    case "SRV":
      return spec.values.map(({ priority, weight, port, host }) => `${priority} ${weight} ${port} ${host}`);
    case "CAA":
      return spec.values.map(({ flags = 0, tag, value }) => `${flags} ${tag} "${value}"`);
    case "A":
    case "AAAA":
    case "CNAME":
    case "NS":
    case "PTR":
    case "DS":
    case "HTTPS":
    case "SVCB":
    case "TLSA":
      return spec.values;
  }
}

/** Characters in one string of a TXT record (RFC 1035, 3.3). */
const TXT_PIECE = 255;

/** Quoted strings of at most 255 characters, which resolvers put together again. */
function quoted(text: string): string {
  const pieces = text.match(new RegExp(`.{1,${TXT_PIECE}}`, "gs")) ?? [""];
  return pieces.map((piece) => `"${piece.replace(/["\\]/g, "\\$&")}"`).join(" ");
}

/** The zone of several that a host belongs to: the innermost. Undefined: none of them. */
export function zoneOfHost(host: string, zones: readonly string[]): string | undefined {
  const within = zones.filter((zone) => host === zone || host.endsWith(`.${zone}`));
  return within.sort((a, b) => b.length - a.length)[0];
}

/** The name of a host within its zone. */
export function nameInZone(host: string, zone: string): string {
  return host === zone ? "@" : host.slice(0, -zone.length - 1);
}

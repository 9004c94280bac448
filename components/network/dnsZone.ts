import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";
import { nameInZone, type DnsRecordSet } from "./dnsRecords";

export interface DnsZoneArgs {
  /** "keybuzz.io". */
  readonly zone: string;
  /** Create the zone, or only write into one that exists. */
  readonly manageZone: boolean;
  readonly ttlSeconds: number;
  readonly protect: boolean;
  readonly labels: Readonly<Record<string, string>>;
}

/** A zone on Hetzner's DNS and its records. */
export class DnsZone extends pulumi.ComponentResource {
  readonly #zone: string;
  readonly #ttlSeconds: number;
  /** Empty where the zone is not this stack's. */
  readonly created: readonly hcloud.Zone[];
  readonly #name: string;

  constructor(name: string, args: DnsZoneArgs, opts?: pulumi.ComponentResourceOptions) {
    super("keybuzz:network:DnsZone", name, {}, opts);
    this.#name = name;
    this.#zone = args.zone;
    this.#ttlSeconds = args.ttlSeconds;
    this.created = args.manageZone
      ? [
          new hcloud.Zone(
            name,
            { name: args.zone, mode: "primary", ttl: 3600, labels: { ...args.labels }, deleteProtection: args.protect },
            { parent: this, protect: args.protect },
          ),
        ]
      : [];
    this.registerOutputs();
  }

  /** An A record of `host` (in this zone) with all `addresses`. */
  addressRecord(host: string, addresses: readonly pulumi.Input<string>[]): hcloud.ZoneRrset {
    return new hcloud.ZoneRrset(
      `${this.#name}-a-${host}`,
      {
        zone: this.#zone,
        name: nameInZone(host, this.#zone),
        type: "A",
        ttl: this.#ttlSeconds,
        records: addresses.map((value) => ({ value })),
      },
      { parent: this, dependsOn: [...this.created] },
    );
  }

  /** A record set of the environment. */
  record({ name, type, ttlSeconds, values }: DnsRecordSet): hcloud.ZoneRrset {
    const fullName = name === "@" ? this.#zone : `${name}.${this.#zone}`;
    return new hcloud.ZoneRrset(
      `${this.#name}-${type.toLowerCase()}-${fullName}`,
      { zone: this.#zone, name, type, ttl: ttlSeconds, records: values.map((value) => ({ value })) },
      { parent: this, dependsOn: [...this.created] },
    );
  }
}

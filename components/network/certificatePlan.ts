/** What Hetzner says of one managed certificate. */
export interface KnownCertificate {
  readonly host: string;
  /** How often one was asked for: 1 is the first. */
  readonly attempt: number;
  /** Was not issued, or is not renewed: nobody tries again by himself (terraform-provider-hcloud#705). */
  readonly failed: boolean;
  /** Has been issued, and can be shown. */
  readonly issued: boolean;
}

/** What the world outside says of the public hosts, as far as it decides where certificates can come from. */
export interface WebFacts {
  /** Of the estate's zones those whose parent does not name Hetzner's servers: for their hosts nothing can be issued. */
  readonly undelegated: readonly string[];
  /** Managed certificates of this estate. */
  readonly certificates: readonly KnownCertificate[];
}

/** An estate in life: its zones delegated, and nothing failed. */
export const DELEGATED: WebFacts = { undelegated: [], certificates: [] };

/** A public host, and the zone that it is in. */
export interface HostInZone {
  readonly host: string;
  readonly zone: string;
}

export interface ManagedHost {
  readonly host: string;
  readonly attempt: number;
}

export interface ManagedPlan {
  /** Hosts with a managed certificate each. */
  readonly managed: readonly ManagedHost[];
  /** Hosts that one self-signed certificate stands in for, until their zone is delegated. */
  readonly interim: readonly string[];
  /** Of `managed`: those whose certificate has failed and is replaced. */
  readonly replaced: readonly string[];
}

/**
 * Which hosts get a managed certificate now. One that is there is never taken away: what Hetzner says of a delegation
 * may be late or wrong for an hour, and the hosts must not fall back to a certificate that nobody trusts.
 */
export function planManaged(hosts: readonly HostInZone[], { undelegated, certificates }: WebFacts): ManagedPlan {
  const managed: ManagedHost[] = [];
  const interim: string[] = [];
  const replaced: string[] = [];
  for (const { host, zone } of hosts) {
    const delegated = !undelegated.includes(zone);
    const latest = certificates
      .filter((one) => one.host === host)
      .reduce<KnownCertificate | undefined>(
        (last, one) => (one.attempt > (last?.attempt ?? 0) ? one : last),
        undefined,
      );
    if (latest === undefined) {
      if (delegated) managed.push({ host, attempt: 1 });
      else interim.push(host);
    } else if (latest.failed && delegated) {
      managed.push({ host, attempt: latest.attempt + 1 });
      replaced.push(host);
    } else if (latest.failed && !latest.issued) {
      interim.push(host);
    } else {
      managed.push({ host, attempt: latest.attempt });
    }
  }
  return { managed, interim, replaced };
}

import { partyKey, type HostRef, type Party, type Pods } from "../topology/party";
import type { Endpoint, Protocol, Topology } from "../topology/topology";

/** One address that Prometheus reads. */
export interface ScrapeTarget {
  /** "10.0.0.120:9187" */
  readonly address: string;
  /** Added to every series of it: which machine it is. */
  readonly labels: Readonly<Record<string, string>>;
}

/** How a job proves who it is, and whom it trusts. Paths are in Prometheus' pod. */
export interface ScrapeAccess {
  /** Certificate of the authority to verify the target with; with it the target is asked over TLS. Default: plain HTTP. */
  readonly caFile?: string;
  /** Sent as a bearer token. Default: none. */
  readonly tokenFile?: string;
}

/** One job of Prometheus' scrape configuration; each of its targets is a declared flow. */
export interface ScrapeJob {
  readonly job: string;
  readonly targets: readonly ScrapeTarget[];
  /** Default "/metrics". */
  readonly path?: string;
  /** Default: anybody within the private network, over plain HTTP. */
  readonly access?: ScrapeAccess;
  /** Set: the targets are asked through the blackbox exporter, with this module of it. */
  readonly probe?: { readonly module: string; readonly through: string };
  /** Regular expression of the names to keep, where a target has thousands that nothing uses. Default: all. */
  readonly keep?: string;
}

/** The endpoint at that port of a party: declared by its owner already, or now. */
export function endpointAt(
  topology: Topology,
  args: { readonly id: string; readonly provider: Party; readonly port: number; readonly protocol?: Protocol },
): Endpoint {
  const { id, provider, port, protocol = "tcp" } = args;
  const known = topology.endpoints.find(
    (e) => partyKey(e.provider) === partyKey(provider) && e.port === port && e.protocol === protocol,
  );
  return known ?? topology.endpoint({ id, provider, port, protocol });
}

/** A target for each host behind an endpoint, and the flow that lets the consumer reach it. */
export function hostTargets(
  topology: Topology,
  consumer: Pods,
  endpoint: Endpoint,
  purpose: string,
): readonly ScrapeTarget[] {
  if (endpoint.provider.kind !== "hosts") {
    throw new Error(
      `scrape of "${endpoint.id}": it is of ${partyKey(endpoint.provider)}; allowed: a group of hosts; connect to its Service`,
    );
  }
  topology.allow(consumer, endpoint, purpose);
  return endpoint.provider.hosts.map((host) => hostTarget(host, endpoint.port));
}

export function hostTarget(host: HostRef, port: number): ScrapeTarget {
  return { address: `${host.address}:${port}`, labels: { machine: host.name } };
}

import type { HealthCheck } from "./healthCheck";
import { partyKey, type Hosts, type LoadBalancer, type Party } from "./party";

export type Protocol = "tcp" | "udp";

/** Something that can be connected to. The address stays hidden: only `Topology.connect` gives it away. */
export interface Endpoint {
  /** Unique, readable: "postgres/leader", "chatwoot/web". */
  readonly id: string;
  readonly provider: Party;
  readonly port: number;
  readonly protocol: Protocol;
  /**
   * Port that the provider's own filter sees, where it is translated first: a NodePort reaches INPUT as the pod's port,
   * and a Service's port reaches pods as theirs. Default: `port`.
   */
  readonly localPort?: number;
}

/** Where a consumer connects to. `host` is an address, or a DNS name inside the cluster. */
export interface Address {
  readonly host: string;
  readonly port: number;
  /** The endpoint behind it, so that whoever holds an address can wait for what serves it. */
  readonly endpoint: Endpoint;
}

/** One declared conversation: `from` may open connections to `to`. Every filter is derived from these. */
export interface Flow {
  readonly from: Party;
  readonly to: Endpoint;
  /** Why, in a few words; it ends up as the comment of each rule derived from the flow. */
  readonly purpose: string;
}

/** A port on a load balancer or proxy that passes connections on to a backend. */
export interface Listener {
  readonly endpoint: Endpoint;
  readonly on: LoadBalancer | Hosts;
  readonly backend: Endpoint;
  readonly healthCheck: HealthCheck;
  readonly mode: "tcp" | "https";
  /** Seconds without a byte, in either direction, after which this hop closes the connection. Undefined: it does not. */
  readonly idleTimeoutSeconds?: number;
  /** Promise: which member of a cluster answers there. Default: any. */
  readonly leadsTo?: MemberRole;
  /** Promise: a member that is silent gets no new connection after so many seconds. Default: none is made. */
  readonly noticedWithinSeconds?: number;
}

/** "leader": who takes writes; "replica": who does not, where there is one; "oneWriter": any, but all connections the same. */
export type MemberRole = "leader" | "replica" | "oneWriter";

export interface ListenArgs extends Omit<Listener, "endpoint"> {
  readonly id: string;
  readonly port: number;
}

/**
 * The ledger of the estate's endpoints and flows.
 *
 * @example
 * const leader = topology.endpoint({ id: "patroni/postgres", provider: dbHosts, port: 5432, protocol: "tcp" });
 * const { host, port } = topology.connect(chatwoot, leader, "Chatwoot's database");
 */
export class Topology {
  readonly #endpoints = new Map<string, { readonly endpoint: Endpoint; readonly host: string | undefined }>();
  readonly #flows = new Map<string, Flow>();
  readonly #listeners = new Map<string, Listener>();

  /**
   * Declares an endpoint. `host` (a name or address) is needed only where the provider has not just one
   * address: several hosts, or pods behind a Service.
   */
  endpoint(args: Endpoint & { readonly host?: string }): Endpoint {
    const { host, ...endpoint } = args;
    for (const other of this.#endpoints.values()) {
      if (other.endpoint.id === endpoint.id) throw new Error(`endpoint "${endpoint.id}" is declared twice`);
      if (
        partyKey(other.endpoint.provider) === partyKey(endpoint.provider) &&
        other.endpoint.port === endpoint.port &&
        other.endpoint.protocol === endpoint.protocol
      ) {
        throw new Error(
          `endpoints "${other.endpoint.id}" and "${endpoint.id}" both want ${endpoint.protocol} port ${endpoint.port} of ${partyKey(endpoint.provider)}; give one of them another port`,
        );
      }
    }
    this.#endpoints.set(endpoint.id, { endpoint, host: host ?? soleAddress(endpoint.provider) });
    return endpoint;
  }

  /** Declares a port on a balancer that leads to `backend`; records the balancer's own flow to it and to its health check. */
  listen(args: ListenArgs): Endpoint {
    const { id, port, ...rest } = args;
    const endpoint = this.endpoint({ id, provider: args.on, port, protocol: "tcp" });
    this.#listeners.set(id, { endpoint, ...rest });
    this.allow(args.on, args.backend, `${partyKey(args.on)} passes ${id} on`);
    if (args.healthCheck.port !== args.backend.port) {
      const checked =
        this.#find(args.backend.provider, args.healthCheck.port) ??
        this.endpoint({
          id: `${args.backend.id}/health`,
          provider: args.backend.provider,
          port: args.healthCheck.port,
          protocol: "tcp",
        });
      this.allow(args.on, checked, `${partyKey(args.on)} checks ${args.backend.id}`);
    }
    return endpoint;
  }

  /** The only way to an address: asking for it records the flow. */
  connect(consumer: Party, endpoint: Endpoint, purpose: string): Address {
    const known = this.#endpoints.get(endpoint.id);
    if (known?.host === undefined) {
      throw new Error(
        `endpoint "${endpoint.id}" of ${partyKey(endpoint.provider)} has no single address; put it behind a balancer, or name its host when declaring it`,
      );
    }
    this.allow(consumer, endpoint, purpose);
    return { host: known.host, port: endpoint.port, endpoint };
  }

  /** Records a flow whose consumer already knows the addresses, such as the members of one cluster. */
  allow(from: Party, to: Endpoint, purpose: string): void {
    if (this.#endpoints.get(to.id)?.endpoint !== to)
      throw new Error(`endpoint "${to.id}" was not declared in this topology`);
    const key = `${partyKey(from)} -> ${to.id}`;
    if (!this.#flows.has(key)) this.#flows.set(key, { from, to, purpose });
  }

  /** Every member of a group may reach that port of every other: replication, quorum, gossip. */
  mesh(
    hosts: Hosts,
    args: { readonly id: string; readonly port: number; readonly protocol?: Protocol },
    purpose: string,
  ): Endpoint {
    const endpoint = this.endpoint({ id: args.id, provider: hosts, port: args.port, protocol: args.protocol ?? "tcp" });
    this.allow(hosts, endpoint, purpose);
    return endpoint;
  }

  get flows(): readonly Flow[] {
    return [...this.#flows.values()];
  }

  get endpoints(): readonly Endpoint[] {
    return [...this.#endpoints.values()].map(({ endpoint }) => endpoint);
  }

  get listeners(): readonly Listener[] {
    return [...this.#listeners.values()];
  }

  /** The listeners of one balancer, by port. */
  listenersOn(party: LoadBalancer | Hosts): readonly Listener[] {
    return this.listeners
      .filter((listener) => partyKey(listener.on) === partyKey(party))
      .sort((a, b) => a.endpoint.port - b.endpoint.port);
  }

  #find(provider: Party, port: number): Endpoint | undefined {
    return this.endpoints.find(
      (e) => partyKey(e.provider) === partyKey(provider) && e.port === port && e.protocol === "tcp",
    );
  }
}

function soleAddress(party: Party): string | undefined {
  if (party.kind === "loadBalancer") return party.address;
  if (party.kind === "hosts" && party.hosts.length === 1) return party.hosts[0]?.address;
  return undefined;
}

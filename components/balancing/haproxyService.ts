import type { HostConfigPart } from "../machines/hostConfig";
import type { SecretLedger } from "../secrets/secretLedger";
import type { HealthCheck } from "../topology/healthCheck";
import type { HostRef, Hosts, LoadBalancer, Party } from "../topology/party";
import type { Address, Endpoint, MemberRole, Topology } from "../topology/topology";
import { haproxyFragment } from "./haproxyFragment";
import { HAPROXY_HEALTH_PORT, HAPROXY_METRICS_PORT, healthPath } from "./haproxyConfig";
import { sectionName, type CheckLogin, type HaproxyListener, type Sentinels } from "./haproxyListener";

/**
 * How the Hetzner load balancers check HAProxy: a lost node is out of them after 9 s at most, and a port that
 * comes back is in again after 3 s. Their interval is 3 s at least (docs/reference/hetzner.md).
 */
const BALANCER_CHECK = { intervalSeconds: 3, timeoutSeconds: 2, retries: 2 } as const;

/** A node that says nothing, met just after a check: three more, the last one slow. */
const BALANCER_NOTICES_SECONDS = 12;

/** 8,000 connections take 16,000 file descriptors, below the hard limit of every supported image. */
const DEFAULT_MAX_CONNECTIONS = 8000;

export interface HaproxyServiceArgs {
  readonly topology: Topology;
  readonly secrets: SecretLedger;
  /** The machines that run HAProxy; its load balancers send every port to all of them. */
  readonly hosts: Hosts;
  /** Connections at a time on one host. Default 8000. */
  readonly maxConnections?: number;
}

/** What both kinds of publication have in common. */
interface PublishBase {
  /** Id of the load balancer's endpoint: "postgres/leader". */
  readonly id: string;
  readonly lb: LoadBalancer;
  readonly port: number;
  /** Seconds without a byte, in either direction, after which HAProxy closes the connection. */
  readonly idleTimeoutSeconds: number;
  /**
   * Ids of other publications whose live servers prove as well that a HAProxy reaches the cluster. Without it a
   * failover (no leader for some seconds) would take both HAProxy hosts out of the load balancer, which cures
   * nothing and adds its 3 s to the outage. Default: none.
   */
  readonly siblings?: readonly string[];
}

export interface PublishArgs extends PublishBase {
  /** Where connections go: a port of a group of hosts. */
  readonly backend: Endpoint;
  readonly healthCheck: HealthCheck;
  /** Account of a check that must log in. Default: none. */
  readonly checkLogin?: CheckLogin;
  /** Sentinels whose majority says which server it is. Default: any that passes its check. */
  readonly sentinels?: Omit<Sentinels, "hosts" | "port"> & { readonly endpoint: Endpoint };
  /** Authority that signed what a TLS check meets; without it the certificate is not verified. */
  readonly checkAuthority?: string;
  /** Default "leastconn". "firstAlive" keeps all traffic on the first live host. */
  readonly balance?: HaproxyListener["balance"];
  /** Which member answers there. Default: any. */
  readonly leadsTo?: MemberRole;
  /** A member that is silent gets no new connection after so many seconds: held against HAProxy's checks. */
  readonly noticedWithinSeconds: number;
  /** Also on 127.0.0.1 for daemons beside HAProxy. Default false. */
  readonly loopback?: boolean;
}

export interface PublishLocalArgs extends PublishBase {
  /** Port of a daemon that runs on the HAProxy hosts themselves. */
  readonly daemon: Endpoint;
}

/**
 * The HAProxy hosts: every port of the data load balancer leads through them.
 *
 * @example
 * const leader = haproxy.publish({ id: "postgres/leader", lb, port: 5432, backend: member, healthCheck, idleTimeoutSeconds: 3600, leadsTo: "leader", noticedWithinSeconds: 10 });
 */
export class HaproxyService {
  readonly hosts: Hosts;
  readonly #args: HaproxyServiceArgs;
  readonly #health: Endpoint;
  readonly #metrics: Endpoint;
  readonly #listeners: HaproxyListener[] = [];
  readonly #authorities = new Set<string>();

  constructor(args: HaproxyServiceArgs) {
    this.#args = args;
    this.hosts = args.hosts;
    const { topology, hosts } = args;
    const endpoint = (id: string, port: number): Endpoint =>
      topology.endpoint({ id: `${hosts.group}/${id}`, provider: hosts, port, protocol: "tcp" });
    this.#health = endpoint("health", HAPROXY_HEALTH_PORT);
    this.#metrics = endpoint("metrics", HAPROXY_METRICS_PORT);
  }

  /** Passes a load balancer's port on to a cluster; returns the load balancer's endpoint, which consumers connect to. */
  publish(args: PublishArgs): Endpoint {
    const { topology } = this.#args;
    const { backend, healthCheck, port, idleTimeoutSeconds } = args;
    if (backend.provider.kind !== "hosts") {
      throw new Error(
        `publication "${args.id}": backend ${backend.id} is provided by ${backend.provider.kind}; allowed: a group of hosts; fix: publish an endpoint of the machines themselves`,
      );
    }
    if (args.checkAuthority !== undefined) this.#authorities.add(args.checkAuthority);
    const mine = topology.listen({
      id: `${this.hosts.group}/${args.id}`,
      on: this.hosts,
      port,
      backend,
      healthCheck,
      mode: "tcp",
      idleTimeoutSeconds,
      noticedWithinSeconds: args.noticedWithinSeconds,
      ...(args.leadsTo === undefined ? {} : { leadsTo: args.leadsTo }),
    });
    this.#listeners.push({
      name: sectionName(args.id),
      purpose: `${args.lb.name}:${args.port} -> here -> ${backend.id}`,
      port,
      loopback: args.loopback ?? false,
      balance: args.balance ?? "leastconn",
      servers: backend.provider.hosts,
      serverPort: backend.port,
      check: healthCheck,
      ...(args.checkLogin === undefined ? {} : { checkLogin: args.checkLogin }),
      ...(args.sentinels === undefined ? {} : { sentinels: this.#ask(args.id, args.sentinels) }),
      ...(args.checkAuthority === undefined ? {} : { checkCaFile: authorityFile(args.checkAuthority) }),
      idleTimeoutSeconds,
      siblings: (args.siblings ?? []).map(sectionName),
    });
    return this.#balance(args, mine);
  }

  /** Publishes a daemon of the HAProxy hosts (PgBouncer) under a load balancer's port; HAProxy only watches it. */
  publishLocal(args: PublishLocalArgs): Endpoint {
    const { daemon } = args;
    this.#listeners.push({
      name: sectionName(args.id),
      purpose: `${args.lb.name}:${args.port} -> ${daemon.id} beside HAProxy, which only watches it`,
      loopback: false,
      balance: "roundrobin",
      servers: [{ name: "beside", address: "127.0.0.1" }],
      serverPort: daemon.port,
      check: { kind: "tcp", port: daemon.port, intervalSeconds: 1, timeoutSeconds: 2, retries: 2 },
      idleTimeoutSeconds: args.idleTimeoutSeconds,
      siblings: (args.siblings ?? []).map(sectionName),
    });
    return this.#balance(args, daemon);
  }

  /** Where a monitoring system reads HAProxy's metrics: one address per host. */
  metrics(consumer: Party, purpose: string): readonly Address[] {
    this.#args.topology.allow(consumer, this.#metrics, purpose);
    return this.hosts.hosts.map(({ address }) => ({
      host: address,
      port: this.#metrics.port,
      endpoint: this.#metrics,
    }));
  }

  /** What HAProxy needs on one of its hosts. Call it after all publications. */
  fragment(host: HostRef): HostConfigPart {
    if (!this.hosts.hosts.some(({ name }) => name === host.name)) {
      throw new Error(
        `host "${host.name}" runs no HAProxy of group "${this.hosts.group}"; allowed: ${this.hosts.hosts.map(({ name }) => name).join(", ")}`,
      );
    }
    const sections = new Set(this.#listeners.map(({ name }) => name));
    for (const { name, siblings } of this.#listeners) {
      const unknown = siblings.filter((sibling) => !sections.has(sibling));
      if (unknown.length > 0)
        throw new Error(`publication "${name}" names siblings that are not published: ${unknown.join(", ")}`);
    }
    return haproxyFragment({
      address: host.address,
      listeners: [...this.#listeners].sort((a, b) => (a.name < b.name ? -1 : 1)),
      maxConnections: this.#args.maxConnections ?? DEFAULT_MAX_CONNECTIONS,
      authorities: [...this.#authorities].sort().map((authority) => ({
        path: authorityFile(authority),
        certificate: this.#args.secrets.authority(authority),
      })),
    });
  }

  #ask(id: string, { endpoint, ...known }: NonNullable<PublishArgs["sentinels"]>): Sentinels {
    if (endpoint.provider.kind !== "hosts")
      throw new Error(`publication "${id}": ${endpoint.id} is no group of machines; fix: name the Sentinels' endpoint`);
    this.#args.topology.allow(this.hosts, endpoint, `${this.hosts.group} asks who leads`);
    return { hosts: endpoint.provider.hosts, port: endpoint.port, ...known };
  }

  #balance(args: PublishBase, backend: Endpoint): Endpoint {
    return this.#args.topology.listen({
      id: args.id,
      on: args.lb,
      port: args.port,
      backend,
      healthCheck: {
        kind: "http",
        port: this.#health.port,
        path: healthPath(sectionName(args.id)),
        statuses: [200],
        ...BALANCER_CHECK,
      },
      mode: "tcp",
      noticedWithinSeconds: BALANCER_NOTICES_SECONDS,
    });
  }
}

function authorityFile(authority: string): string {
  return `/etc/haproxy/authorities/${sectionName(authority)}.pem`;
}

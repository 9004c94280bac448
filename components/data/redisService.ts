import type { HaproxyService } from "../balancing/haproxyService";
import { HAPROXY_CHECK } from "../balancing/haproxyListener";
import type { SecretLedger } from "../secrets/secretLedger";
import type { Hosts, LoadBalancer, Party } from "../topology/party";
import type { Address, Endpoint, Topology } from "../topology/topology";
import { assertNoProblems, quorumProblems } from "./quorum";

export const REDIS_PORT = 6379;
export const SENTINEL_PORT = 26379;
/** Name of the monitored primary, for clients that ask Sentinel themselves. */
export const SENTINEL_MASTER = "keybuzz";

/** ActionCable and queue workers wait in silence for long; the balancers must not cut them off. */
const IDLE_TIMEOUT_SECONDS = 3600;
/** Redis' own default number of databases. */
const DATABASES = 16;

export interface RedisServiceArgs {
  readonly topology: Topology;
  readonly secrets: SecretLedger;
  /** The members: one, or an odd number from three. */
  readonly hosts: Hosts;
  readonly haproxy: HaproxyService;
  readonly loadBalancer: LoadBalancer;
  /** Of the load balancer and HAProxy. Default 6379. */
  readonly port?: number;
}

export interface RedisAccess {
  readonly address: Address;
  /** Placeholder. */
  readonly password: string;
  /** "redis://:password@host:port/<database>" */
  readonly url: string;
}

/**
 * Redis with Sentinel; the load balancer's port leads to the primary, whoever it is (Chatwoot's ActionCable cannot
 * ask Sentinel).
 */
export class RedisService {
  readonly hosts: Hosts;
  readonly #args: RedisServiceArgs;
  readonly #primary: Endpoint;
  readonly #password: string;

  constructor(args: RedisServiceArgs) {
    const { topology, secrets, hosts, haproxy, loadBalancer: lb } = args;
    assertNoProblems("redis", quorumProblems("redis.hosts", hosts.hosts, { kind: "majority", voter: "Sentinel" }));
    this.#args = args;
    this.hosts = hosts;
    this.#password = secrets.generated("redis/default");
    const member = topology.mesh(hosts, { id: "redis/member", port: REDIS_PORT }, "Redis replicates, Sentinel watches");
    topology.mesh(hosts, { id: "redis/sentinel", port: SENTINEL_PORT }, "Sentinels agree on the primary");
    this.#primary = haproxy.publish({
      id: "redis/primary",
      lb,
      port: args.port ?? REDIS_PORT,
      backend: member,
      healthCheck: { kind: "redisPrimary", port: REDIS_PORT, ...HAPROXY_CHECK },
      checkLogin: { password: this.#password },
      idleTimeoutSeconds: IDLE_TIMEOUT_SECONDS,
    });
  }

  /** The primary, behind the load balancer. `database` is Redis' number, 0 by default. */
  connect(consumer: Party, want: { readonly database?: number; readonly purpose: string }): RedisAccess {
    const database = want.database ?? 0;
    if (!Number.isInteger(database) || database < 0 || database >= DATABASES) {
      throw new Error(
        `redis.connect.database: found ${database}; allowed: 0-${DATABASES - 1}; fix: choose a free number`,
      );
    }
    const address = this.#args.topology.connect(consumer, this.#primary, want.purpose);
    const url = `redis://:${this.#password}@${address.host}:${address.port}/${database}`;
    return { address, password: this.#password, url };
  }
}

import type { HaproxyService } from "../../balancing/haproxyService";
import { HAPROXY_CHECK } from "../../balancing/haproxyListener";
import type { HostConfigPart } from "../../machines/hostConfig";
import type { SecretLedger } from "../../secrets/secretLedger";
import type { HostRef, Hosts, LoadBalancer, Party } from "../../topology/party";
import type { Address, Endpoint, Topology } from "../../topology/topology";
import type { ClusterJob, DataService } from "../dataService";
import { assertNoProblems, quorumProblems } from "../quorum";
import { REDIS_CHECK_USER, REDIS_PORT, SENTINEL_MASTER, SENTINEL_PORT } from "./redisConfig";
import { redisFragment } from "./redisFragment";
import { retirePasswordScript, usePasswordScript } from "./redisPasswords";
import { redisRolling } from "./redisRolling";
import type { RollingRestart } from "../rollingRestart";
import { memberOf } from "../serviceHosts";

/** Blocking commands and subscriptions may be silent for long; TCP keepalive finds dead peers. */
const IDLE_TIMEOUT_SECONDS = 3600;
/** Redis' default number of databases. */
export const REDIS_DATABASES = 16;

export interface RedisServiceArgs {
  readonly topology: Topology;
  readonly secrets: SecretLedger;
  /** The members, each with Redis and Sentinel: one, or an odd number from three. */
  readonly hosts: Hosts;
  readonly haproxy: HaproxyService;
  readonly loadBalancer: LoadBalancer;
  /** Of the load balancer and HAProxy. Default 6379. */
  readonly port?: number;
  /** GiB of memory of the smallest member. */
  readonly memoryGb: number;
}

export interface RedisRequest {
  /** Number of the database, 0-15: each application has its own. */
  readonly index: number;
  /** Name of the application that owns the index; its pods share it. */
  readonly owner: string;
  readonly purpose: string;
}

/** How a consumer reaches the primary. `password` is a secret placeholder, and so is what is in `url`. */
export interface RedisAccess {
  readonly host: string;
  readonly port: number;
  readonly index: number;
  readonly password: string;
  readonly address: Address;
  readonly url: string;
}

/** For clients that speak Sentinel and go to the members themselves. */
export interface SentinelAccess {
  readonly masterName: string;
  readonly sentinels: readonly { readonly host: string; readonly port: number }[];
  readonly index: number;
  readonly password: string;
}

/**
 * Redis with Sentinel; HAProxy follows the majority of the Sentinels, so that 10.0.0.10:6379 always reaches the
 * primary, also for clients that ignore Sentinel (Chatwoot's ActionCable).
 *
 * Promise: asynchronous replication. A primary without a replica within 5 s refuses writes, so a failover loses
 * at most what was acknowledged in the last moments before it.
 */
export class RedisService implements DataService {
  readonly token = "RedisCluster";
  readonly name = "redis";
  readonly hosts: Hosts;
  readonly #args: RedisServiceArgs;
  readonly #primary: Endpoint;
  readonly #member: Endpoint;
  readonly #sentinel: Endpoint;
  readonly #owners = new Map<number, string>();
  readonly #password: string;
  readonly #rotated: boolean;
  readonly #checkPassword: string;

  constructor(args: RedisServiceArgs) {
    const { topology, secrets, hosts, haproxy, loadBalancer: lb } = args;
    assertNoProblems("redis", quorumProblems("redis.hosts", hosts.hosts, { kind: "majority", voter: "Sentinel" }));
    this.#args = args;
    this.hosts = hosts;
    const { password, rotation } = secrets.rotated("redis/default");
    this.#password = password;
    this.#rotated = rotation > 0;
    this.#checkPassword = secrets.generated("redis/haproxy");
    this.#member = topology.mesh(hosts, { id: "redis/member", port: REDIS_PORT }, "Redis replicates, Sentinel watches");
    this.#sentinel = topology.mesh(hosts, { id: "redis/sentinel", port: SENTINEL_PORT }, "Sentinels agree");
    this.#primary = haproxy.publish({
      id: "redis/primary",
      lb,
      port: args.port ?? 6379,
      backend: this.#member,
      healthCheck: { kind: "redisPrimary", port: REDIS_PORT, ...HAPROXY_CHECK },
      checkLogin: { user: REDIS_CHECK_USER, password: this.#checkPassword },
      ...(hosts.hosts.length > 1 ? { sentinels: { endpoint: this.#sentinel, masterName: SENTINEL_MASTER } } : {}),
      idleTimeoutSeconds: IDLE_TIMEOUT_SECONDS,
    });
  }

  /** A database of its own for an application, through the load balancer. @throws Error when another application has it. */
  database(consumer: Party, request: RedisRequest): RedisAccess {
    this.#reserve(request);
    const address = this.#args.topology.connect(consumer, this.#primary, request.purpose);
    const { host, port } = address;
    const { index } = request;
    const password = this.#password;
    return { host, port, index, password, address, url: `redis://:${password}@${host}:${port}/${index}` };
  }

  /** The same for a client that uses Sentinel: it connects to Sentinels and members without the load balancer. */
  sentinels(consumer: Party, request: RedisRequest): SentinelAccess {
    this.#reserve(request);
    this.#args.topology.allow(consumer, this.#sentinel, request.purpose);
    this.#args.topology.allow(consumer, this.#member, request.purpose);
    return {
      masterName: SENTINEL_MASTER,
      sentinels: this.hosts.hosts.map(({ address }) => ({ host: address, port: SENTINEL_PORT })),
      index: request.index,
      password: this.#password,
    };
  }

  /** An account that may say PING and INFO: the health check's, and the monitoring's. `password` is a placeholder. */
  get watcher(): { readonly user: string; readonly password: string } {
    return { user: REDIS_CHECK_USER, password: this.#checkPassword };
  }

  /** Replicas one after the other, then the primary, which hands over first. */
  rolling(): RollingRestart {
    return redisRolling(this.hosts.hosts, this.#password);
  }

  /** Once all members accept a rotated password, they use it among each other. */
  clusterJob(): ClusterJob | undefined {
    if (!this.#rotated) return undefined;
    return { makes: "accounts", script: usePasswordScript(this.hosts.hosts, this.#password) };
  }

  /** Once all consumers have the password, the one before is refused. */
  retireScript(): string | undefined {
    return this.#rotated ? retirePasswordScript(this.hosts.hosts, this.#password) : undefined;
  }

  fragment(host: HostRef): HostConfigPart {
    return redisFragment({
      host: memberOf("redis", this.hosts, host),
      members: this.hosts.hosts,
      memoryGb: this.#args.memoryGb,
      password: this.#password,
      checkPassword: this.#checkPassword,
    });
  }

  #reserve({ index, owner }: RedisRequest): void {
    if (!Number.isInteger(index) || index < 0 || index >= REDIS_DATABASES) {
      throw new Error(
        `redis.databases: found index ${index} for "${owner}"; allowed: 0-${REDIS_DATABASES - 1}; fix: choose a free one`,
      );
    }
    const known = this.#owners.get(index);
    if (known !== undefined && known !== owner) {
      throw new Error(
        `redis.databases[${index}]: found "${owner}"; allowed: "${known}", which has it already; fix: choose a free index`,
      );
    }
    this.#owners.set(index, owner);
  }
}

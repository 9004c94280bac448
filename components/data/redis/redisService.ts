import type { HaproxyService } from "../../balancing/haproxyService";
import { HAPROXY_CHECK } from "../../balancing/haproxyListener";
import type { HostConfigPart } from "../../machines/hostConfig";
import type { SecretLedger } from "../../secrets/secretLedger";
import type { HostRef, Hosts, LoadBalancer, Party } from "../../topology/party";
import type { Address, Endpoint, Topology } from "../../topology/topology";
import type { ClusterJob, DataService } from "../dataService";
import { assertNoProblems, quorumProblems } from "../quorum";
import {
  assertGrants,
  REDIS_CHECK_USER,
  REDIS_MEMBER_USER,
  usualGrants,
  type RedisAccount,
  type RedisGrants,
} from "./redisAccounts";
import { REDIS_PORT, SENTINEL_MASTER, SENTINEL_PORT, sentinelQuorum } from "./redisConfig";
import { redisFragment } from "./redisFragment";
import { retireScript, usePasswordScript } from "./redisPasswords";
import type { ServiceImage } from "../serviceImage";
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
  readonly image: ServiceImage;
}

export interface RedisRequest {
  /** Number of the database, 0-15: each application has its own. */
  readonly index: number;
  /** Name of the application that owns the index; its pods share it, and an account of that name. */
  readonly owner: string;
  /** What the account may touch; one owner says it once. Default: keys and channels that begin with "<owner>:". */
  readonly grants?: RedisGrants;
  readonly purpose: string;
}

/** How a consumer reaches the primary. `password` is a secret placeholder, and so is what is in `url`. */
export interface RedisAccess {
  readonly host: string;
  readonly port: number;
  readonly index: number;
  readonly username: string;
  readonly password: string;
  readonly address: Address;
  readonly url: string;
}

/** For clients that speak Sentinel and go to the members themselves. */
export interface SentinelAccess {
  readonly masterName: string;
  readonly sentinels: readonly { readonly host: string; readonly port: number }[];
  readonly index: number;
  readonly username: string;
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
  readonly #accounts = new Map<string, RedisAccount & { readonly rotated: boolean }>();
  readonly #password: string;
  readonly #rotated: boolean;
  readonly #checkPassword: string;

  constructor(args: RedisServiceArgs) {
    const { topology, secrets, hosts, haproxy, loadBalancer: lb } = args;
    assertNoProblems("redis", quorumProblems("redis.hosts", hosts.hosts, { kind: "majority", voter: "Sentinel" }));
    this.#args = args;
    this.hosts = hosts;
    const { password, rotation } = secrets.rotated(`redis/${REDIS_MEMBER_USER}`);
    this.#password = password;
    this.#rotated = rotation > 0;
    this.#checkPassword = secrets.generated("redis/haproxy");
    this.#member = topology.mesh(hosts, { id: "redis/member", port: REDIS_PORT }, "Redis replicates, Sentinel watches");
    this.#sentinel = topology.mesh(hosts, { id: "redis/sentinel", port: SENTINEL_PORT }, "Sentinels agree");
    const quorum = sentinelQuorum(hosts.hosts.length);
    const sentinels = { endpoint: this.#sentinel, masterName: SENTINEL_MASTER, quorum };
    this.#primary = haproxy.publish({
      id: "redis/primary",
      lb,
      port: args.port ?? 6379,
      backend: this.#member,
      healthCheck: { kind: "redisPrimary", port: REDIS_PORT, ...HAPROXY_CHECK },
      checkLogin: { user: REDIS_CHECK_USER, password: this.#checkPassword },
      ...(hosts.hosts.length > 1 ? { sentinels } : {}),
      idleTimeoutSeconds: IDLE_TIMEOUT_SECONDS,
      leadsTo: "leader",
      noticedWithinSeconds: 6,
    });
  }

  /** A database of its own for an application, through the load balancer. @throws Error when another application has it. */
  database(consumer: Party, request: RedisRequest): RedisAccess {
    const { name: username, password } = this.#reserve(request);
    const address = this.#args.topology.connect(consumer, this.#primary, request.purpose);
    const { host, port } = address;
    const { index } = request;
    const url = `redis://${username}:${password}@${host}:${port}/${index}`;
    return { host, port, index, username, password, address, url };
  }

  /** The same for a client that uses Sentinel: it connects to Sentinels and members without the load balancer. */
  sentinels(consumer: Party, request: RedisRequest): SentinelAccess {
    const { name: username, password } = this.#reserve(request);
    this.#args.topology.allow(consumer, this.#sentinel, request.purpose);
    this.#args.topology.allow(consumer, this.#member, request.purpose);
    return {
      masterName: SENTINEL_MASTER,
      sentinels: this.hosts.hosts.map(({ address }) => ({ host: address, port: SENTINEL_PORT })),
      index: request.index,
      username,
      password,
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

  /** Once all consumers have their passwords, the ones before are refused. */
  retireScript(): string | undefined {
    const rotated = [
      ...(this.#rotated ? [{ name: REDIS_MEMBER_USER, password: this.#password }] : []),
      ...this.accounts.filter((account) => account.rotated),
    ];
    return rotated.length === 0 ? undefined : retireScript(this.hosts.hosts, this.#password, rotated);
  }

  /** One for each consumer, by name. Call it when all have asked. */
  get accounts(): readonly (RedisAccount & { readonly rotated: boolean })[] {
    return [...this.#accounts.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  fragment(host: HostRef): HostConfigPart {
    const { memoryGb, image } = this.#args;
    const args = {
      host: memberOf("redis", this.hosts, host),
      members: this.hosts.hosts,
      memoryGb,
      password: this.#password,
      checkPassword: this.#checkPassword,
      accounts: this.accounts,
    };
    return redisFragment(args, image);
  }

  #reserve({ index, owner, grants = usualGrants(owner) }: RedisRequest): RedisAccount {
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
    const account = this.#accounts.get(owner);
    if (account === undefined) assertGrants(owner, grants, this.#accounts);
    this.#owners.set(index, owner);
    if (account !== undefined) return account;
    const { password, rotation } = this.#args.secrets.rotated(`redis/${owner}`);
    const made = { name: owner, password, ...grants, rotated: rotation > 0 };
    this.#accounts.set(owner, made);
    return made;
  }
}

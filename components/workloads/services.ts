import type { ExposeArgs } from "../cluster/ingress/exposedRoute";
import type { MariadbAccess } from "../data/mariadb/proxySqlService";
import type { BucketAccess } from "../data/objectStore";
import type { DatabaseAccess } from "../data/postgres/postgresDatabase";
import type { RedisGrants } from "../data/redis/redisAccounts";
import type { Hosts, Pods } from "../topology/party";
import type { Address, Endpoint } from "../topology/topology";

/**
 * What workloads ask of the rest of the estate. Each request names its consumer, which records the flow; every
 * password in an answer is a placeholder. The providers live in components/data and components/cluster.
 */

export type { BucketAccess, DatabaseAccess, MariadbAccess, RedisGrants };

/** leader: reads and writes; pooled: the same through PgBouncer in transaction mode; replicas: reads that may be late. */
export type DatabaseRoute = "leader" | "pooled" | "replicas";

export interface PostgresDatabases {
  database(
    consumer: Pods,
    want: {
      readonly name: string;
      /** Role that owns it. Default: the database's name. */
      readonly owner?: string;
      readonly extensions?: readonly string[];
      readonly via: DatabaseRoute;
      /** That one pod may open. */
      readonly connections?: number;
      readonly purpose: string;
    },
  ): DatabaseAccess;
}

/** MariaDB behind ProxySQL: all writes of all consumers go to one member. */
export interface MariadbDatabases {
  database(consumer: Pods, want: { readonly name: string; readonly purpose: string }): MariadbAccess;
}

export interface RedisAccess {
  readonly address: Address;
  readonly index: number;
  /** Of the application alone. */
  readonly username: string;
  readonly password: string;
  /** "redis://user:password@host:port/<database>" */
  readonly url: string;
}

export interface RedisServers {
  /**
   * The primary. `index` is the number of the database, which one application owns; the owner's account may touch what
   * `grants` names. Default: what begins with "<owner>:".
   */
  database(
    consumer: Pods,
    want: { readonly index: number; readonly owner: string; readonly grants?: RedisGrants; readonly purpose: string },
  ): RedisAccess;
}

export interface RabbitAccess {
  readonly address: Address;
  /** "amqp://user:password@host:port/vhost" */
  readonly url: string;
}

export interface RabbitVhosts {
  vhost(consumer: Pods, want: { readonly name: string; readonly purpose: string }): RabbitAccess;
}

export interface Buckets {
  bucket(consumer: Pods, want: { readonly name: string; readonly purpose: string }): BucketAccess;
  /** The store itself, for whoever passes signed requests on to it: no bucket, and no key. */
  reach(consumer: Pods, purpose: string): Address;
}

/** Where people keep secrets (vault/vault.ts). */
export interface SecretVault {
  /**
   * Its agent in the consumer's pods may fetch secrets.
   * @returns what they come after: pods that are there before its webhook never get an agent. Undefined where it has
   *   mistakes of its own.
   */
  reach(consumer: Pods): Endpoint | undefined;
}

/** The host at which browsers reach objects (publicFiles.ts). */
export interface PublicFiles {
  /**
   * Opens reading of one bucket there, by addresses that its owner has signed for that host.
   * @returns "https://files.keybuzz.io", in the place of the store's own address in what is signed
   */
  publish(bucket: string): string;
}

export interface VectorAccess {
  readonly address: Address;
  /** "http://host:port" */
  readonly url: string;
  readonly apiKey: string;
}

export interface Vectors {
  connect(consumer: Pods, want: { readonly purpose: string }): VectorAccess;
}

/** The way from the internet (components/cluster/ingress/ingressService.ts). */
export interface Ingress {
  /** Who asks an application whether a client may come in: the nodes, on which the controller is. */
  readonly asks: Hosts;
  expose(backend: Endpoint, args: ExposeArgs): void;
}

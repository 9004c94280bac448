import { usualGrants } from "../../data/redis/redisAccounts";
import type { Pods } from "../../topology/party";
import type { Endpoint } from "../../topology/topology";
import type { DatabaseAccess, DatabaseRoute } from "../services";
import { requireServices, type WorkloadContext } from "../workloadContext";
import type { AppEntry } from "./appEntry";
import { databaseOf } from "./appLayout";
import type { PartOf, PostgresNeed, ServiceKind } from "./appNeeds";

/** What an application is told of a service that it asked for: its variables hold these. */
export interface Answer<Kind extends ServiceKind> {
  readonly parts: Readonly<Record<PartOf<Kind>, string>>;
  readonly endpoint: Endpoint;
}

export interface Asking {
  readonly entry: AppEntry;
  readonly context: WorkloadContext;
  readonly consumer: Pods;
}

/** Services of the estate that each consumer asks in the same way. */
export type SharedKind = Exclude<ServiceKind, "postgres" | "llm" | "app">;

/** How each is asked; undefined where the application does not need it. Asking declares the consumer's flow. */
export const ANSWERS: { readonly [Kind in SharedKind]: (asking: Asking) => Answer<Kind> | undefined } = {
  mariadb: ({ entry, context, consumer }) => {
    const need = entry.needs?.mariadb;
    if (need === undefined) return undefined;
    const { mariadb } = requireServices(context, entry.name, ["mariadb"]);
    const { address, database, username, password } = mariadb.database(consumer, {
      name: need.database ?? databaseOf(entry),
      purpose: `${consumer.app}'s database`,
    });
    const { host, port } = place(address);
    const url = `mysql://${username}:${password}@${host}:${port}/${database}`;
    return { parts: { url, host, port, database, username, password }, endpoint: address.endpoint };
  },
  redis: ({ entry, context, consumer }) => {
    const need = entry.needs?.redis;
    if (need === undefined) return undefined;
    const { redis } = requireServices(context, entry.name, ["redis"]);
    const { index, keys, channels } = need;
    const usual = usualGrants(entry.name);
    const { address, url, username, password } = redis.database(consumer, {
      index,
      owner: entry.name,
      grants: { keys: keys ?? usual.keys, channels: channels ?? usual.channels },
      purpose: `${consumer.app}'s cache`,
    });
    return { parts: { url, ...place(address), username, password, index: String(index) }, endpoint: address.endpoint };
  },
  rabbitmq: ({ entry, context, consumer }) => {
    const need = entry.needs?.rabbitmq;
    if (need === undefined) return undefined;
    const { rabbit } = requireServices(context, entry.name, ["rabbit"]);
    const { address, url } = rabbit.vhost(consumer, {
      name: need.vhost ?? entry.name,
      purpose: `${consumer.app}'s queues`,
    });
    return { parts: { url, ...place(address) }, endpoint: address.endpoint };
  },
  bucket: ({ entry, context, consumer }) => {
    const need = entry.needs?.bucket;
    if (need === undefined) return undefined;
    const { buckets } = requireServices(context, entry.name, ["buckets"]);
    const access = buckets.bucket(consumer, { name: need.name ?? entry.name, purpose: `${consumer.app}'s files` });
    // Without one nothing asks for it (judgeEntry).
    const publicUrl =
      need.publish === true ? requireServices(context, entry.name, ["files"]).files.publish(access.bucket) : "";
    return { parts: { ...access, publicUrl }, endpoint: access.address.endpoint };
  },
  vectors: ({ entry, context, consumer }) => {
    if (entry.needs?.vectors === undefined) return undefined;
    const { vectors } = requireServices(context, entry.name, ["vectors"]);
    const parts = vectors.connect(consumer, { purpose: `${consumer.app}'s semantic search` });
    return { parts, endpoint: parts.address.endpoint };
  },
};

/** One way to an application's PostgreSQL database. */
export function postgresAnswer(
  { entry, context, consumer }: Asking,
  { database = databaseOf(entry), owner, extensions, connections }: PostgresNeed,
  via: DatabaseRoute,
): Answer<"postgres"> {
  const { postgres } = requireServices(context, entry.name, ["postgres"]);
  const access = postgres.database(consumer, {
    name: database,
    via,
    ...(owner === undefined ? {} : { owner }),
    ...(extensions === undefined ? {} : { extensions }),
    ...(connections === undefined ? {} : { connections }),
    purpose: `${consumer.app}'s database`,
  });
  return { parts: databaseParts(access), endpoint: access.address.endpoint };
}

function databaseParts(access: DatabaseAccess): Answer<"postgres">["parts"] {
  const { database, username, password, authority } = access;
  return { url: access.url("postgres"), ...place(access), database, username, password, authority };
}

/** Of an address, as variables hold it. */
export function place({ host, port }: { readonly host: string; readonly port: number }) {
  return { host, port: String(port) };
}

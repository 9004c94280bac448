import type { WorkloadContext } from "../workloadContext";

/** Names that only one application of an estate may have, by what they name. */
export type OwnedKind =
  | "process"
  | "object"
  | "PostgreSQL database"
  | "PostgreSQL role"
  | "MariaDB database"
  | "Redis database"
  | "RabbitMQ vhost"
  | "bucket";

/** Who has which name: whoever asked for it first. A name gives its owner's login to whoever asks for it again. */
export class OwnedNames {
  readonly #owners = new Map<string, string>();

  /** Notes the owner of a name that has none; says who has it. */
  claim(kind: OwnedKind, name: string, owner: string): string {
    const key = `${kind} ${name}`;
    const known = this.#owners.get(key) ?? owner;
    this.#owners.set(key, known);
    return known;
  }

  ownerOf(kind: OwnedKind, name: string): string | undefined {
    return this.#owners.get(`${kind} ${name}`);
  }
}

/** The context of one application: what it asks for by name is noted as its own. */
export function owning(context: WorkloadContext, owner: string, names: OwnedNames): WorkloadContext {
  const { postgres, mariadb, redis, rabbit, buckets } = context;
  return {
    ...context,
    ...(postgres === undefined
      ? {}
      : {
          postgres: {
            database: (consumer, want) => {
              names.claim("PostgreSQL database", want.name, owner);
              names.claim("PostgreSQL role", want.owner ?? want.name, owner);
              return postgres.database(consumer, want);
            },
          },
        }),
    ...(mariadb === undefined
      ? {}
      : {
          mariadb: {
            database: (consumer, want) => {
              names.claim("MariaDB database", want.name, owner);
              return mariadb.database(consumer, want);
            },
          },
        }),
    ...(redis === undefined
      ? {}
      : {
          redis: {
            database: (consumer, want) => {
              names.claim("Redis database", String(want.index), owner);
              return redis.database(consumer, want);
            },
          },
        }),
    ...(rabbit === undefined
      ? {}
      : {
          rabbit: {
            vhost: (consumer, want) => {
              names.claim("RabbitMQ vhost", want.name, owner);
              return rabbit.vhost(consumer, want);
            },
          },
        }),
    ...(buckets === undefined
      ? {}
      : {
          buckets: {
            bucket: (consumer, want) => {
              names.claim("bucket", want.name, owner);
              return buckets.bucket(consumer, want);
            },
            reach: (consumer, purpose) => buckets.reach(consumer, purpose),
          },
        }),
  };
}

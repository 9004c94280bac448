import { z } from "zod";
import { EXTENSIONS } from "../components/data/postgres/postgresExtensions";
import { GRANT } from "../components/data/redis/redisAccounts";
import { PARTS } from "../components/workloads/apps/appNeeds";
import { databaseVia } from "./optionSchemas";
import { port, text, variable } from "./schemaParts";

// What an application may use. Each need is a flow that every filter follows, and gives it variables.

const variables = <const Parts extends readonly [string, ...string[]]>(parts: Parts) =>
  z.record(variable, z.enum(parts));
const identifier = text(
  /^[a-z][a-z0-9_]{0,31}(?<!_b)$/,
  "1-32 lower-case letters, digits and underscores, beginning with a letter, not ending in _b",
  "shop",
);

const redisNames = text(GRANT, 'a name, or a beginning and "*"; letters, digits and _ : . | / -', "shop:*");

const postgres = z.strictObject({
  /** Default: the application's name, "_" for "-". */
  database: identifier.exactOptional(),
  /** Role that owns it. Default: the database's name. */
  owner: identifier.exactOptional(),
  /** Made beforehand: ["pgcrypto", "vector"]. Default: none. */
  extensions: z.array(z.enum(EXTENSIONS)).exactOptional(),
  /** "pooled" is for drivers without session state. The migration always goes to the leader. Default "leader". */
  via: databaseVia.exactOptional(),
  /** That one pod may open at a time; all pods of all applications together have a budget. Default 5. */
  connections: z.int().min(1).max(500).exactOptional(),
  /** Default: DATABASE_URL. */
  variables: variables(PARTS.postgres).exactOptional(),
  /** Variables of a second way, to the replicas: { DATABASE_REPLICA_URL: "url" }. Default: none. */
  replicaVariables: variables(PARTS.postgres).exactOptional(),
});

const vaultFile = z.strictObject({
  name: text(
    /^[a-z0-9]([a-z0-9.-]{0,38}[a-z0-9])?$/,
    "1-40 lower-case letters, digits, dots and hyphens",
    "stripe.env",
  ),
  /** Of the application's own, in the engine "secret" below "apps/<its name>/". */
  secret: text(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, "1-63 lower-case letters, digits and hyphens", "stripe"),
  /** env: KEY=value lines; json: one object; a key: its value alone. */
  as: z.union([
    z.enum(["env", "json"]),
    z.strictObject({
      /** Of the secret. */
      key: text(/^[\w.-]+$/, "letters, digits, dots, underscores and hyphens", "password"),
    }),
  ]),
});

export const needs = z.strictObject({
  /** A database of its own. Default: none. */
  postgres: postgres.exactOptional(),
  /** A database of its own behind ProxySQL; all writes go to one member. Default: none. */
  mariadb: z
    .strictObject({
      /** Default: the application's name, "_" for "-". */
      database: identifier.exactOptional(),
      /** Default: DATABASE_URL. */
      variables: variables(PARTS.mariadb).exactOptional(),
    })
    .exactOptional(),
  /** A numbered database of its own. Default: none. */
  redis: z
    .strictObject({
      /** That nobody else has; see components/workloads/redisIndexes.ts. */
      index: z
        .int()
        .min(0)
        .max(15)
        .meta({ examples: [13] }),
      /** Keys that it may touch, by name or beginning ("shop:*"); nobody else has them. Default: "<name>:*". */
      keys: z.array(redisNames).min(1).exactOptional(),
      /** The same for channels; [] for none. Default: "<name>:*". */
      channels: z.array(redisNames).exactOptional(),
      /** Default: REDIS_URL. */
      variables: variables(PARTS.redis).exactOptional(),
    })
    .exactOptional(),
  /** A virtual host of its own. Default: none. */
  rabbitmq: z
    .strictObject({
      /** Default: the application's name. */
      vhost: text(
        /^[a-z][a-z0-9_-]{0,62}(?<!_b)$/,
        "1-63 lower-case letters, digits, hyphens and underscores, not ending in _b",
        "shop",
      ).exactOptional(),
      /** Default: RABBITMQ_URL. */
      variables: variables(PARTS.rabbitmq).exactOptional(),
    })
    .exactOptional(),
  /** A bucket of its own, S3. Default: none. */
  bucket: z
    .strictObject({
      /** "keybuzz-" comes in front of it. Default: the application's name. */
      name: text(
        /^[a-z0-9][a-z0-9-]{1,50}[a-z0-9]$/,
        "3-52 lower-case letters, digits and hyphens",
        "shop",
      ).exactOptional(),
      /** May browsers fetch objects at the host of workloads.files, by addresses that the application signs for it? Default false. */
      publish: z.boolean().exactOptional(),
      /** Default: MINIO_URL, MINIO_BUCKET, MINIO_REGION, MINIO_ACCESS_KEY and MINIO_SECRET_KEY; published, MINIO_PUBLIC_URL, too. */
      variables: variables(PARTS.bucket).exactOptional(),
    })
    .exactOptional(),
  /** Qdrant. Default: none. */
  vectors: z
    .strictObject({
      /** Default: VECTOR_URL and VECTOR_API_KEY. */
      variables: variables(PARTS.vectors).exactOptional(),
    })
    .exactOptional(),
  /** Secrets that people keep in Vault for it (docs/operate.md, Vault). Default: none. */
  vault: z
    .strictObject({
      /** In /vault/secrets of every container of its pods, kept up to date. */
      files: z.array(vaultFile).min(1),
    })
    .exactOptional(),
  /** LiteLLM. Default: none. */
  llm: z
    .strictObject({
      /** Default: LLM_URL. */
      variables: variables(PARTS.llm).exactOptional(),
    })
    .exactOptional(),
  /** Other applications of `apps`. Default: none. */
  apps: z
    .array(
      z.strictObject({
        /** Its name. */
        app: z.string(),
        /** Which of its web processes. Default "web". */
        process: z.string().exactOptional(),
        /** Which of its ports. Default "http". */
        port: z.string().exactOptional(),
        /** Such as { CATALOG_URL: "url" }. */
        variables: variables(PARTS.app),
      }),
    )
    .exactOptional(),
  /** Ports of the internet that it connects to. Default: none. */
  internet: z
    .array(
      z.strictObject({
        /** TCP. */
        port,
        /** Why, in a few words; it stands beside each rule. */
        purpose: z.string().min(3),
        /** Names of the processes that do so. Default: all. */
        processes: z.array(z.string()).min(1).exactOptional(),
      }),
    )
    .exactOptional(),
});

import type { Pods } from "../topology/party";
import type { Endpoint } from "../topology/topology";
import { MistakesError } from "../mistakes";
import { FIRST_FREE_REDIS_INDEX } from "./redisIndexes";
import type { DatabaseRoute } from "./services";
import { requireServices, type WorkloadContext } from "./workloadContext";

/** Parts of the estate that an application of KeyBuzz' own can ask for. */
export type DataNeed = "database" | "redis" | "rabbit" | "bucket" | "vectors" | "llm";

export interface DataNeedsArgs {
  /** Who asks: the flows are its own. */
  readonly pods: Pods;
  /** Name of its vhost; its database has underscores in the place of hyphens. */
  readonly name: string;
  /** Name of its bucket. Default: name. */
  readonly bucketName?: string;
  readonly needs: readonly DataNeed[];
  /** Role that owns its database. Default: the database's name. */
  readonly databaseOwner?: string;
  /** Number of its Redis database. Default 5, the first that no application of ours owns; a second connector needs another. */
  readonly redisIndex?: number;
  /** LiteLLM's endpoint, for "llm". */
  readonly llm?: Endpoint;
  /** Default "leader". */
  readonly databaseVia?: DatabaseRoute;
}

export interface DataAccess {
  /** DATABASE_URL, REDIS_URL, RABBITMQ_URL, MINIO_*, VECTOR_*, LLM_URL: the names that KeyBuzz' applications read. */
  readonly env: Readonly<Record<string, string>>;
  readonly uses: readonly Endpoint[];
}

const SERVICE = {
  database: "postgres",
  redis: "redis",
  rabbit: "rabbit",
  bucket: "buckets",
  vectors: "vectors",
} as const;

/**
 * The environment of an application by what it needs.
 *
 * @throws MistakesError naming every service that the environment lacks
 */
export function planDataNeeds(
  { pods, name, bucketName = name, needs, llm, redisIndex, databaseOwner, databaseVia = "leader" }: DataNeedsArgs,
  context: WorkloadContext,
): DataAccess {
  const { app } = pods;
  const services = requireServices(
    context,
    app,
    needs.flatMap((need) => (need === "llm" ? [] : [SERVICE[need]])),
  );
  if (needs.includes("llm") && llm === undefined) {
    throw new MistakesError(`workload "${app}"`, [
      {
        path: `${app}.needs`,
        found: '"llm"',
        allowed: "what the environment runs: LiteLLM is off",
        fix: `switch LiteLLM on, or take "llm" from the needs of ${app}`,
      },
    ]);
  }
  const env: Record<string, string> = {};
  const uses: Endpoint[] = [];
  for (const need of needs) {
    const purpose = `${app}'s ${PURPOSE[need]}`;
    switch (need) {
      case "database": {
        const database = services.postgres.database(pods, {
          name: name.replaceAll("-", "_"),
          via: databaseVia,
          ...(databaseOwner === undefined ? {} : { owner: databaseOwner }),
          purpose,
        });
        env.DATABASE_URL = database.url("postgres");
        uses.push(database.address.endpoint);
        break;
      }
      case "redis": {
        const redis = services.redis.database(pods, {
          index: redisIndex ?? FIRST_FREE_REDIS_INDEX,
          owner: name,
          purpose,
        });
        env.REDIS_URL = redis.url;
        uses.push(redis.address.endpoint);
        break;
      }
      case "rabbit": {
        const rabbit = services.rabbit.vhost(pods, { name, purpose });
        env.RABBITMQ_URL = rabbit.url;
        uses.push(rabbit.address.endpoint);
        break;
      }
      case "bucket": {
        const bucket = services.buckets.bucket(pods, { name: bucketName, purpose });
        Object.assign(env, {
          MINIO_URL: bucket.url,
          MINIO_BUCKET: bucket.bucket,
          MINIO_REGION: bucket.region,
          MINIO_ACCESS_KEY: bucket.accessKey,
          MINIO_SECRET_KEY: bucket.secretKey,
        });
        uses.push(bucket.address.endpoint);
        break;
      }
      case "vectors": {
        const vectors = services.vectors.connect(pods, { purpose });
        Object.assign(env, { VECTOR_URL: vectors.url, VECTOR_API_KEY: vectors.apiKey });
        uses.push(vectors.address.endpoint);
        break;
      }
      case "llm":
        if (llm !== undefined) {
          const { host, port } = context.topology.connect(pods, llm, purpose);
          env.LLM_URL = `http://${host}:${port}`;
        }
        break;
    }
  }
  return { env, uses };
}

const PURPOSE: Readonly<Record<DataNeed, string>> = {
  database: "database",
  redis: "cache",
  rabbit: "queues",
  bucket: "files",
  vectors: "semantic search",
  llm: "questions to the models",
};

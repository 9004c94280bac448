import type { Extension } from "../../data/postgres/postgresExtensions";
import type { VaultFile } from "../../apps/vaultAgent";
import type { DatabaseRoute } from "../services";

/** Parts of an answer that a variable can hold, by service; the first is a whole address. */
export const PARTS = {
  postgres: ["url", "host", "port", "database", "username", "password", "authority"],
  mariadb: ["url", "host", "port", "database", "username", "password"],
  redis: ["url", "host", "port", "username", "password", "index"],
  rabbitmq: ["url", "host", "port"],
  bucket: ["url", "bucket", "region", "accessKey", "secretKey", "publicUrl"],
  vectors: ["url", "apiKey"],
  llm: ["url", "host", "port"],
  app: ["url", "host", "port"],
} as const;

export type ServiceKind = keyof typeof PARTS;
export type PartOf<Kind extends ServiceKind> = (typeof PARTS)[Kind][number];
/** Variables, and what each of them holds. */
export type Variables<Kind extends ServiceKind> = Readonly<Record<string, PartOf<Kind>>>;

/** What an application uses. Each need is a declared flow, and gives it variables. */
export interface AppNeeds {
  /** A database of its own. Its role may create objects in it; the migration always goes straight to the leader. */
  readonly postgres?: PostgresNeed;
  /** A database of its own behind ProxySQL: all writes of all applications go to one member. */
  readonly mariadb?: {
    /** Default: the application's name, "_" for "-". */
    readonly database?: string;
    /** Default: DATABASE_URL (mysql://). */
    readonly variables?: Variables<"mariadb">;
  };
  readonly redis?: {
    /** Number of its database, that nobody else has. */
    readonly index: number;
    /** Keys that it may touch, by name or beginning ("shop:*"); nobody else has them. Default: "<name>:*". */
    readonly keys?: readonly string[];
    /** The same for channels. Default: "<name>:*". */
    readonly channels?: readonly string[];
    /** Default: REDIS_URL. */
    readonly variables?: Variables<"redis">;
  };
  /** A virtual host of its own. */
  readonly rabbitmq?: {
    /** Default: the application's name. */
    readonly vhost?: string;
    /** Default: RABBITMQ_URL. */
    readonly variables?: Variables<"rabbitmq">;
  };
  /** A bucket of its own, S3. */
  readonly bucket?: {
    /** "keybuzz-" comes in front of it. Default: the application's name. */
    readonly name?: string;
    /** May browsers fetch objects at the host of `files`, by addresses that the application signs for it? Default false. */
    readonly publish?: boolean;
    /** Default: MINIO_URL, MINIO_BUCKET, MINIO_REGION, MINIO_ACCESS_KEY, MINIO_SECRET_KEY; published, MINIO_PUBLIC_URL, too. */
    readonly variables?: Variables<"bucket">;
  };
  /** Qdrant. */
  readonly vectors?: {
    /** Default: VECTOR_URL, VECTOR_API_KEY. */
    readonly variables?: Variables<"vectors">;
  };
  /** Secrets that people keep in Vault for it. */
  readonly vault?: {
    /** In /vault/secrets of every container of its pods. */
    readonly files: readonly VaultFile[];
  };
  /** LiteLLM. Its virtual keys are made by people: configuredSecrets. */
  readonly llm?: {
    /** Default: LLM_URL. */
    readonly variables?: Variables<"llm">;
  };
  /** Other applications of the environment's `apps`. Default: none. */
  readonly apps?: readonly AppNeed[];
  /** Ports of the internet that it connects to. Default: none. */
  readonly internet?: readonly InternetNeed[];
}

export interface PostgresNeed {
  /** Default: the application's name, "_" for "-". */
  readonly database?: string;
  /** Role that owns it. Default: the database's name. */
  readonly owner?: string;
  /** Made beforehand: ["pgcrypto", "vector"]. Default: none. */
  readonly extensions?: readonly Extension[];
  /** leader: straight to it; pooled: PgBouncer, for drivers without session state; replicas: reads that may be late. Default "leader". */
  readonly via?: DatabaseRoute;
  /** That one pod may open at a time; all pods of all applications together have a budget. Default 5. */
  readonly connections?: number;
  /** Default: DATABASE_URL. */
  readonly variables?: Variables<"postgres">;
  /** Variables of a second way, to the replicas: { DATABASE_REPLICA_URL: "url" }. Default: none. */
  readonly replicaVariables?: Variables<"postgres">;
}

export interface AppNeed {
  /** Its name. */
  readonly app: string;
  /** Which of its web processes, where it has several. Default "web". */
  readonly process?: string;
  /** Which of its ports. Default "http". */
  readonly port?: string;
  /** { CATALOG_URL: "url" } */
  readonly variables: Variables<"app">;
}

export interface InternetNeed {
  /** TCP. */
  readonly port: number;
  /** Why, in a few words. */
  readonly purpose: string;
  /** Names of the processes that do so. Default: all. */
  readonly processes?: readonly string[];
}

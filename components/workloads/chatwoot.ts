import { JOB_CONNECTIONS } from "../data/postgres/connectionBudget";
import type { Route } from "../cluster/ingress/routes";
import type { Pods } from "../topology/party";
import type { Endpoint } from "../topology/topology";
import type { ImageRuntime, PullSecret } from "../apps/appArgs";
import type { ProcessArgs } from "../apps/processArgs";
import type { AppPlan } from "../apps/appPlan";
import { planApp } from "../apps/planApp";
import { CABLE_CONFIG, CABLE_FILE } from "./chatwootCable";
import { CHATWOOT_OWNER } from "./chatwootOwner";
import {
  chatwootEnvironment,
  DATABASE_AUTHORITY_FILE,
  PUBLIC_ATTACHMENTS,
  PUBLIC_ATTACHMENTS_FILE,
  type ChatwootAccess,
  type SignUp,
  type SmtpSettings,
} from "./chatwootSettings";
import { processPods } from "../apps/labels";
import { allowOutbound } from "../topology/outbound";
import type { Probes } from "../apps/probe";
import type { DatabaseRoute } from "./services";
import { ownerOf } from "./owner";
import { REDIS_GRANTS, REDIS_INDEX } from "./redisIndexes";
import { serviceEndpoint } from "../apps/serviceEndpoint";
import { requireServices, type WorkloadContext } from "./workloadContext";

export interface ChatwootArgs {
  readonly image: string;
  /** Public host name: "support.keybuzz.io". */
  readonly host: string;
  readonly replicas: number;
  readonly workerReplicas: number;
  /** Seconds that the ingress waits for an ordinary answer. Default 60. rack-timeout ends a request after 15 s anyway. */
  readonly requestTimeoutSeconds?: number;
  /** Credentials for the image's registry. Default: none, the image is public. */
  readonly pullSecret?: PullSecret;
  /** Default: Chatwoot sends no mail. */
  readonly smtp?: SmtpSettings;
  /** Login of its super admin, who is made before the first visitor comes. Default "admin@[domain of host]". */
  readonly ownerEmail?: string;
  /** Default "KeyBuzz Support <support@[domain of host]>". */
  readonly sender?: string;
  /** Ports of the mail servers that its email inboxes are at: 993 to fetch, 587 or 465 to send. Default: none. */
  readonly mailboxPorts?: readonly MailPort[];
  /** Who may make an account: nobody but administrators, everybody, or who has the platform's API key. Default "off". */
  readonly signUp?: SignUp;
  /**
   * Chatwoot sends browsers and channels to the object store, with a signed address. Is that the public one of
   * `workloads.files`? Default false: it is the store's own; attachments can be sent, but only be opened from inside
   * the private network.
   */
  readonly publicAttachments?: boolean;
  /**
   * Default "leader": Chatwoot sets statement_timeout for its session, which a transaction pooler hands on to
   * the next client. "pooled" needs PgBouncer 1.21 with max_prepared_statements.
   */
  readonly databaseVia?: Exclude<DatabaseRoute, "replicas">;
}

/** Of mail servers: IMAP over TLS and in plain with STARTTLS, submission with STARTTLS and over TLS. */
export const MAIL_PORTS = [993, 143, 587, 465] as const;
export type MailPort = (typeof MAIL_PORTS)[number];

export const CHATWOOT_NAMESPACE = "chatwoot";
export const CHATWOOT_WEB_PORT = 3000;

const DATABASE = "chatwoot";
/** v3.12.0's schema; `vector` only from v4. */
const EXTENSIONS = ["pg_stat_statements", "pg_trgm", "pgcrypto"] as const;
const STATEMENT_TIMEOUT = "14s";
const MIGRATION_STATEMENT_TIMEOUT = "600s";
const MIGRATION_TIMEOUT_SECONDS = 1800;
/** Rails starts for it. */
const FIRST_ACCOUNT_TIMEOUT_SECONDS = 900;
/** rack-timeout ends every request then. */
const RACK_TIMEOUT_SECONDS = 15;
/** Each thread of Puma and of Sidekiq has a connection to PostgreSQL. */
const [WEB_WORKERS, WEB_THREADS, WORKER_THREADS] = [2, 5, 10] as const;
/** Sidekiq gives running jobs that long before it puts them back into their queue. */
const SIDEKIQ_TIMEOUT_SECONDS = 25;
/** ActionCable's ping. */
const CABLE_HEARTBEAT_SECONDS = 3;
/** Attachments are up to 40 MB; the form around them comes on top. */
const MAX_BODY_MB = 50;
/** Boot of Rails with eager loading, on a busy node. */
const BOOT_SECONDS = 240;

/** The official image is made for root, but its files are readable by all; what it writes is listed here. */
const RUNTIME: ImageRuntime = {
  uid: 1000,
  rootFilesystem: "readOnly",
  writableDirectories: ["/app/log", "/app/storage", "/app/tmp", "/tmp"],
};

export interface PlannedChatwoot {
  readonly app: AppPlan;
  readonly endpoint: Endpoint;
}

/** Chatwoot v3.12.0: Puma behind support.keybuzz.io, Sidekiq beside it, the migration before both. */
export function planChatwoot(args: ChatwootArgs, context: WorkloadContext): PlannedChatwoot {
  const services = requireServices(context, "chatwoot", ["postgres", "redis", "buckets", "ingress"]);
  const [web, worker, migrate, firstAccount] = [
    "chatwoot-web",
    "chatwoot-worker",
    "chatwoot-migrate",
    "chatwoot-first-account",
  ].map((process) => processPods(CHATWOOT_NAMESPACE, process)) as [Pods, Pods, Pods, Pods];

  const database = { name: DATABASE, extensions: EXTENSIONS };
  const redis = {
    index: REDIS_INDEX.chatwoot,
    owner: "chatwoot",
    grants: REDIS_GRANTS.chatwoot,
    purpose: "Chatwoot's queues and ActionCable",
  };
  const access = (consumer: Pods, connections: number): ChatwootAccess => ({
    database: services.postgres.database(consumer, {
      ...database,
      via: args.databaseVia ?? "leader",
      connections,
      purpose: "Chatwoot's database",
    }),
    redis: services.redis.database(consumer, redis),
    bucket: services.buckets.bucket(consumer, { name: "chatwoot", purpose: "Chatwoot's attachments" }),
  });
  const shared = access(web, WEB_THREADS * WEB_WORKERS);
  // The same answers as for web: asking records the worker's own flows.
  access(worker, WORKER_THREADS);
  const job = { ...database, via: "leader", connections: JOB_CONNECTIONS } as const;
  const direct = services.postgres.database(migrate, { ...job, purpose: "Chatwoot's migrations" });
  services.postgres.database(firstAccount, { ...job, purpose: "Chatwoot's first super admin" });
  for (const consumer of [migrate, firstAccount]) services.redis.database(consumer, redis);
  const owner = ownerOf("chatwoot", args, context.secrets);
  for (const consumer of [web, worker]) {
    allowOutbound(context.topology, consumer, 443, "Chatwoot calls channels and webhooks");
    if (args.smtp !== undefined) allowOutbound(context.topology, consumer, args.smtp.port, "Chatwoot sends mail");
    for (const port of args.mailboxPorts ?? [])
      allowOutbound(context.topology, consumer, port, "Chatwoot's inboxes fetch and send mail");
  }
  const publicStorageUrl =
    args.publicAttachments === true
      ? requireServices(context, "chatwoot", ["files"]).files.publish(shared.bucket.bucket)
      : undefined;

  const sender = args.sender ?? `KeyBuzz Support <support@${args.host.split(".").slice(1).join(".")}>`;
  const settings = {
    host: args.host,
    sender,
    ...shared,
    statementTimeout: STATEMENT_TIMEOUT,
    ...(args.smtp === undefined ? {} : { smtp: args.smtp }),
    signUp: args.signUp ?? "off",
    ...(publicStorageUrl === undefined ? {} : { publicStorageUrl }),
  };
  const app = planApp(
    {
      name: "chatwoot",
      namespace: CHATWOOT_NAMESPACE,
      image: args.image,
      runtime: RUNTIME,
      config: {
        configMapName: "chatwoot-config",
        secretName: "chatwoot-secrets",
        env: chatwootEnvironment(settings, context.secrets),
        files: {
          [DATABASE_AUTHORITY_FILE]: shared.database.authority,
          [CABLE_FILE]: CABLE_CONFIG,
          ...(publicStorageUrl === undefined ? {} : { [PUBLIC_ATTACHMENTS_FILE]: PUBLIC_ATTACHMENTS }),
        },
      },
      ...(args.pullSecret === undefined ? {} : { pullSecret: args.pullSecret }),
      migration: {
        name: migrate.app,
        command: ["bundle", "exec", "rails", "db:chatwoot_prepare"],
        env: {
          POSTGRES_HOST: direct.host,
          POSTGRES_PORT: String(direct.port),
          POSTGRES_STATEMENT_TIMEOUT: MIGRATION_STATEMENT_TIMEOUT,
        },
        timeoutSeconds: MIGRATION_TIMEOUT_SECONDS,
        resources: { cpu: { request: "250m", limit: "2" }, memory: { request: "512Mi", limit: "2Gi" } },
      },
      firstAccount: {
        name: firstAccount.app,
        command: ["bundle", "exec", "rails", "runner", CHATWOOT_OWNER],
        env: {
          POSTGRES_HOST: direct.host,
          POSTGRES_PORT: String(direct.port),
          OWNER_EMAIL: owner.user,
          OWNER_PASSWORD: owner.password,
        },
        timeoutSeconds: FIRST_ACCOUNT_TIMEOUT_SECONDS,
        resources: { cpu: { request: "250m", limit: "2" }, memory: { request: "512Mi", limit: "2Gi" } },
      },
      administrator: owner,
      processes: [webProcess(web.app, args.replicas), workerProcess(worker.app, args.workerReplicas)],
      uses: [shared.database, shared.redis, shared.bucket, direct].map(({ address }) => address.endpoint),
    },
    context.secrets,
    context.mistakes,
  );
  const endpoint = serviceEndpoint(context.topology, "chatwoot/web", web, CHATWOOT_WEB_PORT);
  services.ingress.expose(endpoint, { host: args.host, routes: chatwootRoutes(args.requestTimeoutSeconds ?? 60) });
  return { app, endpoint };
}

/**
 * Attachments come in by the API (agents, widget, public API; the account's number stands between its path and theirs),
 * by Active Storage's direct uploads, and in mail that a mail server passes on (Action Mailbox' ingresses).
 */
function chatwootRoutes(responseTimeoutSeconds: number): readonly Route[] {
  const upload = (path: string): Route => ({ kind: "upload", path, maxBodyMb: MAX_BODY_MB });
  return [
    { kind: "websocket", path: "/cable", heartbeatSeconds: CABLE_HEARTBEAT_SECONDS },
    upload("/api"),
    upload("/public/api"),
    upload("/rails/active_storage"),
    upload("/rails/action_mailbox"),
    { kind: "http", path: "/", responseTimeoutSeconds },
  ];
}

function webProcess(name: string, replicas: number): ProcessArgs {
  return {
    name,
    // A pid file left by a killed Puma survives in the pod's scratch directory, and Rails would refuse to start.
    command: [
      "sh",
      "-c",
      `rm -f /tmp/server.pid && exec bundle exec rails server -b 0.0.0.0 -p ${CHATWOOT_WEB_PORT} -P /tmp/server.pid`,
    ],
    env: { RAILS_MAX_THREADS: String(WEB_THREADS), WEB_CONCURRENCY: String(WEB_WORKERS) },
    ports: { http: CHATWOOT_WEB_PORT },
    scale: replicas,
    probes: WEB_PROBES,
    resources: { cpu: { request: "250m", limit: "2" }, memory: { request: "1Gi", limit: "2Gi" } },
    longestRequestSeconds: RACK_TIMEOUT_SECONDS,
  };
}

/**
 * There is no /health in v3.12.0. GET /api answers 200 in any case and says "failing" in its JSON when Redis or
 * PostgreSQL do, so readiness reads what it says: a new version with a wrong password never gets traffic. Liveness
 * asks for a static file: Puma has a free thread, whatever happens to the databases.
 */
const WEB_PROBES: Probes = {
  startup: {
    check: { kind: "http", path: "/robots.txt", port: "http" },
    periodSeconds: 10,
    timeoutSeconds: 10,
    failureThreshold: BOOT_SECONDS / 10,
  },
  readiness: {
    check: {
      kind: "exec",
      command: [
        "sh",
        "-c",
        `answer=$(wget -q -T 8 -O - http://127.0.0.1:${CHATWOOT_WEB_PORT}/api) || exit 1; case "$answer" in *failing*) exit 1 ;; esac`,
      ],
    },
    periodSeconds: 15,
    timeoutSeconds: 10,
    failureThreshold: 3,
  },
  liveness: {
    check: { kind: "http", path: "/robots.txt", port: "http" },
    periodSeconds: 20,
    timeoutSeconds: RACK_TIMEOUT_SECONDS,
    failureThreshold: 4,
  },
};

function workerProcess(name: string, replicas: number): ProcessArgs {
  return {
    name,
    command: ["bundle", "exec", "sidekiq", "-C", "config/sidekiq.yml"],
    env: { SIDEKIQ_CONCURRENCY: String(WORKER_THREADS), RAILS_MAX_THREADS: String(WORKER_THREADS) },
    scale: replicas,
    probes: WORKER_PROBES,
    resources: { cpu: { request: "250m", limit: "2" }, memory: { request: "1Gi", limit: "2Gi" } },
    longestRequestSeconds: SIDEKIQ_TIMEOUT_SECONDS,
  };
}

/**
 * Sidekiq has no HTTP. Its heartbeat thread writes "sidekiq 6.5.12 app [3 of 10 busy]" as the process' title once
 * it has reached Redis and started: so the title shows a booted process. It does not show that jobs succeed.
 */
const SIDEKIQ_CHECK = { kind: "exec", command: ["pgrep", "-f", "^sidekiq .*\\[[0-9]+ of [0-9]+ busy\\]"] } as const;

const WORKER_PROBES: Probes = {
  startup: { check: SIDEKIQ_CHECK, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: BOOT_SECONDS / 10 },
  readiness: { check: SIDEKIQ_CHECK, periodSeconds: 30, timeoutSeconds: 5, failureThreshold: 2 },
  liveness: { check: SIDEKIQ_CHECK, periodSeconds: 30, timeoutSeconds: 5, failureThreshold: 4 },
};

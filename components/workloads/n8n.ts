import type { Route } from "../cluster/ingress/routes";
import type { SecretLedger } from "../secrets/secretLedger";
import type { Pods } from "../topology/party";
import type { Endpoint } from "../topology/topology";
import type { ImageRuntime, PullSecret } from "../apps/appArgs";
import type { DeploymentArgs } from "../apps/processArgs";
import type { AppPlan } from "../apps/appPlan";
import { planApp } from "../apps/planApp";
import { processPods } from "../apps/labels";
import { allowOutbound } from "../topology/outbound";
import { httpProbes } from "../apps/probe";
import type { DatabaseAccess, RedisAccess } from "./services";
import { N8N_OWNER } from "./n8nOwner";
import { ownerOf } from "./owner";
import { REDIS_GRANTS, REDIS_INDEX } from "./redisIndexes";
import { serviceEndpoint } from "../apps/serviceEndpoint";
import { requireServices, type WorkloadContext } from "./workloadContext";

export interface N8nArgs {
  readonly image: string;
  /** Public host name of editor and webhooks. */
  readonly host: string;
  readonly workerReplicas: number;
  readonly webhookReplicas: number;
  /** Executions that one worker runs at a time. Default 10. */
  readonly concurrency?: number;
  /** Login of its owner, who is made before the first visitor comes. Default "admin@[domain of host]". */
  readonly ownerEmail?: string;
  /** Default: none, the image is public. */
  readonly pullSecret?: PullSecret;
}

export interface PlannedN8n {
  readonly app: AppPlan;
  /** Editor and API; webhooks and forms; MCP servers. */
  readonly endpoints: { readonly main: Endpoint; readonly webhook: Endpoint; readonly mcp: Endpoint };
}

export const N8N_NAMESPACE = "n8n";
const PORT = 5678;
/** n8n's own pool, where DB_POSTGRESDB_POOL_SIZE is not set (docs.n8n.io, Database environment variables). */
const CONNECTIONS = 2;
const DATABASE_AUTHORITY_FILE = "/etc/ssl/postgres/ca.crt";
/** N8N_PAYLOAD_SIZE_MAX's default. */
const MAX_BODY_MB = 16;
/** Ping of the editor's socket. */
const PUSH_HEARTBEAT_SECONDS = 60;
/** Ping of a hosted chat's socket (chat/chat-service.js: HEARTBEAT_INTERVAL). */
const CHAT_HEARTBEAT_SECONDS = 30;
/** n8n sends nothing on an idle MCP session: after three times this silence it ends, and its client begins another. */
const MCP_SILENCE_SECONDS = 60;
/** A tool of an MCP server is a workflow, and is answered when that has run. */
const MCP_ANSWER_SECONDS = 120;
/** How long a stopping worker may finish what it runs; longer executions are taken up by another. */
const WORKER_SHUTDOWN_SECONDS = 300;
const SHUTDOWN_SECONDS = 30;
/** n8n loads all of its nodes first. */
const STARTUP_SECONDS = 300;
const MIGRATION_TIMEOUT_SECONDS = 1800;
const FIRST_ACCOUNT_TIMEOUT_SECONDS = 300;
/**
 * Every command migrates before it does its own work (commands/base-command.js: dbConnection.migrate); this one then
 * reads and ends, with 1 where the migration failed.
 */
const MIGRATE = ["n8n", "list:workflow", "--active=true", "--onlyId"] as const;

/** The image's user "node"; n8n keeps settings and caches in its home, nothing that must last. */
const RUNTIME: ImageRuntime = { uid: 1000, rootFilesystem: "readOnly", writableDirectories: ["/home/node", "/tmp"] };

/**
 * n8n in queue mode: one main process (editor, schedules), workers, and webhook receivers in front. The schema is
 * migrated by a Job before any of them: pods that start together migrate together, without a lock (n8n#34685).
 *
 * Paths are as read in n8n 1.121.3 and 1.123.50 (abstract-server.js). Where webhooks are served, forms and MCP servers
 * are, too, and nowhere else; their test variants belong to the main process (community-charts#147). An MCP session is
 * held in one pod's memory until n8n 2.8: it has a webhook process of its own, of one pod, as n8n's documentation asks.
 *
 * The encryption key guards the credentials in its database: it can never be changed (do not rotate
 * "n8n/encryption-key").
 */
export function planN8n(args: N8nArgs, context: WorkloadContext): PlannedN8n {
  const services = requireServices(context, "n8n", ["postgres", "redis", "ingress"]);
  const [main, worker, webhook, mcp, migrate, firstAccount] = [
    "n8n-main",
    "n8n-worker",
    "n8n-webhook",
    "n8n-webhook-mcp",
    "n8n-migrate",
    "n8n-first-account",
  ].map((process) => processPods(N8N_NAMESPACE, process)) as [Pods, Pods, Pods, Pods, Pods, Pods];
  const access = (consumer: Pods): { readonly database: DatabaseAccess; readonly redis: RedisAccess } => ({
    database: services.postgres.database(consumer, {
      name: "n8n",
      via: "leader",
      connections: CONNECTIONS,
      purpose: "n8n's workflows",
    }),
    redis: services.redis.database(consumer, {
      index: REDIS_INDEX.n8n,
      owner: "n8n",
      grants: REDIS_GRANTS.n8n,
      purpose: "n8n's queue",
    }),
  });
  const { database, redis } = access(main);
  // The same answers as for main: asking records their own flows.
  for (const consumer of [worker, webhook, mcp, migrate]) access(consumer);
  for (const consumer of [main, worker, webhook, mcp])
    allowOutbound(context.topology, consumer, 443, "n8n's workflows call other services");

  const endpoints = {
    main: serviceEndpoint(context.topology, "n8n/main", main, PORT),
    webhook: serviceEndpoint(context.topology, "n8n/webhook", webhook, PORT),
    mcp: serviceEndpoint(context.topology, "n8n/mcp", mcp, PORT),
  };
  const claimed = context.topology.connect(firstAccount, endpoints.main, "n8n's owner is made before anybody comes");
  const owner = ownerOf("n8n", args, context.secrets);

  const app = planApp(
    {
      name: "n8n",
      namespace: N8N_NAMESPACE,
      image: args.image,
      runtime: RUNTIME,
      config: {
        env: environment(args.host, database, redis, context.secrets),
        files: { [DATABASE_AUTHORITY_FILE]: database.authority },
      },
      migration: {
        name: migrate.app,
        command: MIGRATE,
        timeoutSeconds: MIGRATION_TIMEOUT_SECONDS,
        resources: { cpu: { request: "200m", limit: "2" }, memory: { request: "512Mi", limit: "2Gi" } },
      },
      firstAccount: {
        name: firstAccount.app,
        command: ["node", "--input-type=module", "--eval", N8N_OWNER],
        env: {
          N8N_URL: `http://${claimed.host}:${claimed.port}`,
          OWNER_EMAIL: owner.user,
          OWNER_PASSWORD: owner.password,
        },
        timeoutSeconds: FIRST_ACCOUNT_TIMEOUT_SECONDS,
        resources: { cpu: { request: "50m", limit: "500m" }, memory: { request: "64Mi", limit: "256Mi" } },
      },
      administrator: owner,
      processes: [
        // A second main process would run every schedule twice.
        { ...process(main.app, 1, SHUTDOWN_SECONDS), rollout: "recreate" },
        {
          ...process(worker.app, args.workerReplicas, WORKER_SHUTDOWN_SECONDS),
          args: ["worker", `--concurrency=${args.concurrency ?? 10}`],
        },
        { ...process(webhook.app, args.webhookReplicas, SHUTDOWN_SECONDS), args: ["webhook"] },
        { ...process(mcp.app, 1, SHUTDOWN_SECONDS), args: ["webhook"] },
      ],
      uses: [database.address.endpoint, redis.address.endpoint],
      ...(args.pullSecret === undefined ? {} : { pullSecret: args.pullSecret }),
    },
    context.secrets,
    context.mistakes,
  );
  for (const [name, routes] of Object.entries(ROUTES))
    services.ingress.expose(endpoints[name as keyof typeof ROUTES], { host: args.host, routes });
  return { app, endpoints };
}

const upload = (path: string): Route => ({ kind: "upload", path, maxBodyMb: MAX_BODY_MB });
const mcpServer = (path: string): Route => ({
  kind: "sse",
  path,
  heartbeatSeconds: MCP_SILENCE_SECONDS,
  firstByteSeconds: MCP_ANSWER_SECONDS,
  maxBodyMb: MAX_BODY_MB,
});
/** Files come in by webhooks and forms. */
const ROUTES: Readonly<Record<keyof PlannedN8n["endpoints"], readonly Route[]>> = {
  main: [
    { kind: "http", path: "/", maxBodyMb: MAX_BODY_MB },
    { kind: "websocket", path: "/rest/push", heartbeatSeconds: PUSH_HEARTBEAT_SECONDS },
    { kind: "websocket", path: "/chat", heartbeatSeconds: CHAT_HEARTBEAT_SECONDS },
    upload("/webhook-test"),
    upload("/form-test"),
    mcpServer("/mcp-test"),
  ],
  webhook: ["/webhook", "/webhook-waiting", "/form", "/form-waiting"].map(upload),
  mcp: [mcpServer("/mcp")],
};

function environment(
  host: string,
  database: DatabaseAccess,
  redis: RedisAccess,
  secrets: SecretLedger,
): Readonly<Record<string, string>> {
  return {
    EXECUTIONS_MODE: "queue",
    OFFLOAD_MANUAL_EXECUTIONS_TO_WORKERS: "true",
    N8N_ENCRYPTION_KEY: secrets.kept("n8n/encryption-key", {
      owner: "n8n",
      loses: "the key of the credentials in n8n's database: nobody can read them any more, and all are entered anew",
    }),
    N8N_HOST: host,
    N8N_PORT: String(PORT),
    N8N_PROTOCOL: "https",
    N8N_EDITOR_BASE_URL: `https://${host}/`,
    WEBHOOK_URL: `https://${host}/`,
    N8N_PROXY_HOPS: "1",
    N8N_DIAGNOSTICS_ENABLED: "false",
    N8N_DISABLE_PRODUCTION_MAIN_PROCESS: "true",

    DB_TYPE: "postgresdb",
    DB_POSTGRESDB_HOST: database.host,
    DB_POSTGRESDB_PORT: String(database.port),
    DB_POSTGRESDB_DATABASE: database.database,
    DB_POSTGRESDB_USER: database.username,
    DB_POSTGRESDB_PASSWORD: database.password,
    DB_POSTGRESDB_SSL_ENABLED: "true",
    // n8n reads any variable from the file that the same name with _FILE points to.
    DB_POSTGRESDB_SSL_CA_FILE: DATABASE_AUTHORITY_FILE,

    QUEUE_BULL_REDIS_HOST: redis.address.host,
    QUEUE_BULL_REDIS_PORT: String(redis.address.port),
    QUEUE_BULL_REDIS_USERNAME: redis.username,
    QUEUE_BULL_REDIS_PASSWORD: redis.password,
    QUEUE_BULL_REDIS_DB: String(redis.index),
    QUEUE_HEALTH_CHECK_ACTIVE: "true",
    QUEUE_HEALTH_CHECK_PORT: String(PORT),
  };
}

/** All three answer /healthz when alive, /healthz/readiness when database and Redis answer them. */
function process(name: string, scale: number, shutdownSeconds: number): DeploymentArgs {
  return {
    name,
    ports: { http: PORT },
    scale,
    env: { N8N_GRACEFUL_SHUTDOWN_TIMEOUT: String(shutdownSeconds) },
    probes: httpProbes({
      port: "http",
      readinessPath: "/healthz/readiness",
      livenessPath: "/healthz",
      startupSeconds: STARTUP_SECONDS,
    }),
    resources: { cpu: { request: "200m", limit: "2" }, memory: { request: "512Mi", limit: "2Gi" } },
    longestRequestSeconds: shutdownSeconds,
  };
}

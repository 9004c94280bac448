import { JOB_CONNECTIONS } from "../data/postgres/connectionBudget";
import type { SecretLedger } from "../secrets/secretLedger";
import type { Pods } from "../topology/party";
import type { Endpoint } from "../topology/topology";
import type { ImageRuntime, PullSecret } from "../apps/appArgs";
import type { ProcessArgs } from "../apps/processArgs";
import type { AppPlan } from "../apps/appPlan";
import { planApp } from "../apps/planApp";
import { processPods } from "../apps/labels";
import { httpProbes, type Probe, type ProbeCheck, type Probes } from "../apps/probe";
import type { DatabaseAccess, RedisAccess } from "./services";
import { SUPERSET_CONFIG, SUPERSET_INIT } from "./supersetFiles";
import { REDIS_GRANTS, REDIS_INDEX } from "./redisIndexes";
import { serviceEndpoint } from "../apps/serviceEndpoint";
import { requireServices, type WorkloadContext } from "./workloadContext";

export interface SupersetArgs {
  /** With the PostgreSQL driver (psycopg2) and gunicorn in it; the lean upstream images lack the driver. */
  readonly image: string;
  readonly host: string;
  readonly replicas: number;
  readonly workerReplicas: number;
  /** Address of the first administrator; the password is the secret "superset/admin". */
  readonly adminEmail: string;
  /** Default: none, the image is public. */
  readonly pullSecret?: PullSecret;
}

export const SUPERSET_NAMESPACE = "superset";
const PORT = 8088;
/** Of one pod: SQLAlchemy's own pool of five, and ten beyond it. */
const WEB_CONNECTIONS = 15;
/** Processes of a worker, each with a task and its result. */
const WORKER_CONCURRENCY = 4;
const CONFIG_FILE = "/app/pythonpath/superset_config.py";
const INIT_FILE = "/app/pythonpath/keybuzz_init.py";
const BEAT_PID_FILE = "/tmp/celerybeat.pid";
const WORKER_PID_FILE = "/tmp/celeryworker.pid";
/** Gunicorn's GUNICORN_TIMEOUT, and the longest query of a chart. */
const REQUEST_TIMEOUT_SECONDS = 120;
const INIT_TIMEOUT_SECONDS = 1200;
const MAX_BODY_MB = 50;
const ADMIN_PASSWORD = "superset/admin";
const CELERY = ["celery", "--app=superset.tasks.celery_app:app"] as const;

const RUNTIME: ImageRuntime = {
  uid: 1000,
  rootFilesystem: "readOnly",
  writableDirectories: ["/app/superset_home", "/tmp"],
};

/** Superset: web, workers, exactly one scheduler; the schema, roles and the first administrator come before them. */
export function planSuperset(
  args: SupersetArgs,
  context: WorkloadContext,
): { readonly app: AppPlan; readonly endpoint: Endpoint } {
  const services = requireServices(context, "superset", ["postgres", "redis", "ingress"]);
  const [web, worker, beat, init] = ["superset-web", "superset-worker", "superset-beat", "superset-init"].map(
    (process) => processPods(SUPERSET_NAMESPACE, process),
  ) as [Pods, Pods, Pods, Pods];
  const access = (
    consumer: Pods,
    connections: number,
  ): { readonly database: DatabaseAccess; readonly queue: RedisAccess; readonly cache: RedisAccess } => ({
    database: services.postgres.database(consumer, {
      name: "superset",
      via: "leader",
      connections,
      purpose: "Superset's own tables",
    }),
    queue: services.redis.database(consumer, {
      index: REDIS_INDEX.supersetQueue,
      owner: "superset",
      grants: REDIS_GRANTS.superset,
      purpose: "Superset's queue",
    }),
    cache: services.redis.database(consumer, {
      index: REDIS_INDEX.supersetCache,
      owner: "superset",
      grants: REDIS_GRANTS.superset,
      purpose: "Superset's cache",
    }),
  });
  const shared = access(web, WEB_CONNECTIONS);
  // The same answers as for web: asking records their own flows.
  access(worker, 2 * WORKER_CONCURRENCY);
  for (const consumer of [beat, init]) access(consumer, JOB_CONNECTIONS);

  const app = planApp(
    {
      name: "superset",
      namespace: SUPERSET_NAMESPACE,
      image: args.image,
      runtime: RUNTIME,
      config: {
        env: environment(args, shared, context.secrets),
        files: { [CONFIG_FILE]: SUPERSET_CONFIG, [INIT_FILE]: SUPERSET_INIT },
      },
      migration: {
        name: init.app,
        command: ["sh", "-c", `superset db upgrade && superset init && python ${INIT_FILE}`],
        timeoutSeconds: INIT_TIMEOUT_SECONDS,
        resources: { cpu: { request: "250m", limit: "2" }, memory: { request: "512Mi", limit: "2Gi" } },
      },
      // Its init makes it, before anything of Superset runs; nobody can sign up (AUTH_USER_REGISTRATION is off).
      administrator: { user: "admin", password: context.secrets.generated(ADMIN_PASSWORD) },
      processes: [
        webProcess(web.app, args.replicas),
        workerProcess(worker.app, args.workerReplicas),
        beatProcess(beat.app),
      ],
      uses: [shared.database, shared.queue].map(({ address }) => address.endpoint),
      ...(args.pullSecret === undefined ? {} : { pullSecret: args.pullSecret }),
    },
    context.secrets,
    context.mistakes,
  );
  const endpoint = serviceEndpoint(context.topology, "superset/web", web, PORT);
  services.ingress.expose(endpoint, {
    host: args.host,
    // Collected in front, uploads too: gunicorn has a thread for each request until its body is through.
    routes: [{ kind: "http", path: "/", maxBodyMb: MAX_BODY_MB, responseTimeoutSeconds: REQUEST_TIMEOUT_SECONDS }],
  });
  return { app, endpoint };
}

function environment(
  { adminEmail }: SupersetArgs,
  {
    database,
    queue,
    cache,
  }: { readonly database: DatabaseAccess; readonly queue: RedisAccess; readonly cache: RedisAccess },
  secrets: SecretLedger,
): Readonly<Record<string, string>> {
  return {
    SUPERSET_SECRET_KEY: secrets.kept(
      "superset/secret-key",
      {
        owner: "superset",
        loses: "the key of the connections' passwords in Superset's database: nobody can read them any more",
      },
      64,
    ),
    SUPERSET_ADMIN_EMAIL: adminEmail,
    SUPERSET_ADMIN_PASSWORD: secrets.generated(ADMIN_PASSWORD),
    DATABASE_URL: database.url("postgresql+psycopg2"),
    CELERY_BROKER_URL: queue.url,
    CACHE_REDIS_URL: cache.url,
    PYTHONPATH: "/app/pythonpath",
    GUNICORN_TIMEOUT: String(REQUEST_TIMEOUT_SECONDS),
    HOME: "/tmp",
  };
}

function webProcess(name: string, scale: number): ProcessArgs {
  return {
    name,
    command: ["/usr/bin/run-server.sh"],
    ports: { http: PORT },
    scale,
    probes: httpProbes({ port: "http", readinessPath: "/health", startupSeconds: 180 }),
    resources: { cpu: { request: "250m", limit: "2" }, memory: { request: "1Gi", limit: "2Gi" } },
    longestRequestSeconds: REQUEST_TIMEOUT_SECONDS,
  };
}

function workerProcess(name: string, scale: number): ProcessArgs {
  return {
    name,
    command: withPidFile(
      WORKER_PID_FILE,
      `${CELERY.join(" ")} worker --pool=prefork -O fair --concurrency=${WORKER_CONCURRENCY} --pidfile=${WORKER_PID_FILE}`,
    ),
    scale,
    probes: {
      ...sameProbes(livesIn(WORKER_PID_FILE), 30, 5),
      // The worker itself answers, over Redis: without that it can take no work, and a restart mends nothing. Starting
      // Python for the question takes seconds.
      readiness: {
        check: { kind: "exec", command: ["sh", "-c", `${CELERY.join(" ")} inspect ping -d "celery@$(hostname)"`] },
        periodSeconds: 60,
        timeoutSeconds: 30,
        failureThreshold: 3,
      },
    },
    resources: { cpu: { request: "250m", limit: "2" }, memory: { request: "1Gi", limit: "2Gi" } },
    longestRequestSeconds: REQUEST_TIMEOUT_SECONDS,
  };
}

/** A second scheduler would start every report twice. */
function beatProcess(name: string): ProcessArgs {
  return {
    name,
    command: withPidFile(
      BEAT_PID_FILE,
      `${CELERY.join(" ")} beat --pidfile=${BEAT_PID_FILE} --schedule=/tmp/celerybeat-schedule`,
    ),
    scale: 1,
    rollout: "recreate",
    probes: sameProbes(livesIn(BEAT_PID_FILE), 30, 5),
    resources: { cpu: { request: "50m", limit: "500m" }, memory: { request: "256Mi", limit: "512Mi" } },
    longestRequestSeconds: 10,
  };
}

/** A pid file left by a killed process survives in the pod's scratch directory, and celery would refuse to start. */
function withPidFile(file: string, command: string): readonly string[] {
  return ["sh", "-c", `rm -f ${file} && exec ${command}`];
}

/** celery writes the file once it has its configuration; whether Redis answers is another question. */
function livesIn(file: string): ProbeCheck {
  return { kind: "exec", command: ["sh", "-c", `kill -0 "$(cat ${file})"`] };
}

function sameProbes(check: ProbeCheck, periodSeconds: number, timeoutSeconds: number): Probes {
  const probe: Probe = { check, periodSeconds, timeoutSeconds, failureThreshold: 3 };
  return { startup: { ...probe, failureThreshold: 10 }, readiness: probe, liveness: probe };
}

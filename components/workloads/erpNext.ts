import type { Pods } from "../topology/party";
import type { Endpoint } from "../topology/topology";
import type { ImageRuntime, PullSecret } from "../apps/appArgs";
import type { ProcessArgs } from "../apps/processArgs";
import type { AppPlan } from "../apps/appPlan";
import { planApp } from "../apps/planApp";
import { BENCH, erpNextFiles, SITE_SCRIPT, siteDirectory, WORKER_CHECK_COMMAND } from "./erpNextFiles";
import { processPods } from "../apps/labels";
import { allowOutbound } from "../topology/outbound";
import { httpProbes, type Probe, type ProbeCheck, type Probes } from "../apps/probe";
import { REDIS_GRANTS, REDIS_INDEX } from "./redisIndexes";
import { serviceEndpoint } from "../apps/serviceEndpoint";
import { requireServices, type WorkloadContext } from "./workloadContext";

export interface ErpNextArgs {
  /** frappe/erpnext, version 15, or an image built like it with further applications. */
  readonly image: string;
  /** Public host name; Frappe's site has the same name, and keeps it for life. */
  readonly host: string;
  readonly replicas: number;
  /** Of each of the two kinds of workers. */
  readonly workerReplicas: number;
  /** GB for the files that people attach. */
  readonly filesGb: number;
  /** Class of a volume that several nodes can mount. Default: local, all pods on one node (docs/decisions/0007). */
  readonly sharedClass?: string;
  /** Default: none, the image is public. */
  readonly pullSecret?: PullSecret;
}

export const ERPNEXT_NAMESPACE = "erpnext";
const PORT = { entry: 8080, web: 8000, socket: 9000 } as const;
/** gunicorn's own limit; longer work belongs to the workers. */
const REQUEST_TIMEOUT_SECONDS = 120;
const SITE_TIMEOUT_SECONDS = 3600;
const LONGEST_JOB_SECONDS = 300;
const MAX_BODY_MB = 50;
/** socket.io's ping interval. */
const SOCKET_HEARTBEAT_SECONDS = 25;

const RUNTIME: ImageRuntime = {
  uid: 1000,
  rootFilesystem: { writableBecause: "nginx' configuration is written at its start, and bench writes beside itself" },
  writableDirectories: ["/tmp", `${BENCH}/logs`],
};

/**
 * ERPNext: nginx in front of gunicorn and socket.io, two kinds of workers, exactly one scheduler. The site is
 * installed or migrated before them. Its tables are in MariaDB, where ProxySQL sends all writes to one member: Frappe
 * locks with GET_LOCK, which Galera does not replicate. The shared volume holds attached files only.
 */
export function planErpNext(
  args: ErpNextArgs,
  context: WorkloadContext,
): { readonly app: AppPlan; readonly endpoint: Endpoint } {
  const services = requireServices(context, "erpNext", ["mariadb", "redis", "ingress"]);
  const { topology, secrets } = context;
  const pods = (process: string): Pods => processPods(ERPNEXT_NAMESPACE, `erpnext-${process}`);
  const [entry, web, socket, site] = [pods("nginx"), pods("web"), pods("socket"), pods("site")];
  const workers = [pods("worker-short"), pods("worker-long")] as const;
  const scheduler = pods("scheduler");

  const queueOf = (consumer: Pods) =>
    services.redis.database(consumer, {
      index: REDIS_INDEX.erpNextQueue,
      owner: "erpnext",
      grants: REDIS_GRANTS.erpNext,
      purpose: "ERPNext's queues and events",
    });
  const access = (consumer: Pods) => ({
    database: services.mariadb.database(consumer, { name: "erpnext", purpose: "ERPNext's tables" }),
    cache: services.redis.database(consumer, {
      index: REDIS_INDEX.erpNextCache,
      owner: "erpnext",
      grants: REDIS_GRANTS.erpNext,
      purpose: "ERPNext's cache",
    }),
    queue: queueOf(consumer),
  });
  const shared = access(web);
  // The same answers as for web: asking records their own flows.
  for (const consumer of [...workers, scheduler, site]) access(consumer);
  queueOf(socket);
  allowOutbound(topology, socket, 443, "ERPNext's sockets ask the public address who a session belongs to");

  // Frappe's first user: its site is made with this password, before anything of ERPNext runs.
  const administrator = { user: "Administrator", password: secrets.generated("erpnext/administrator") };

  const app = planApp(
    {
      name: "erpnext",
      namespace: ERPNEXT_NAMESPACE,
      image: args.image,
      runtime: RUNTIME,
      config: {
        env: { HOME: "/tmp" },
        files: erpNextFiles({
          ...shared,
          host: args.host,
          encryptionKey: secrets.kept(
            "erpnext/encryption-key",
            { owner: "erpnext", loses: "the key of the passwords in ERPNext's tables: nobody can read them any more" },
            43,
          ),
          administratorPassword: administrator.password,
          socketPort: PORT.socket,
        }),
      },
      volume: {
        name: "erpnext-files",
        path: siteDirectory(args.host),
        sizeGb: args.filesGb,
        ...(args.sharedClass === undefined ? {} : { storage: { sharedClass: args.sharedClass } }),
      },
      migration: {
        name: site.app,
        command: ["bash", SITE_SCRIPT],
        timeoutSeconds: SITE_TIMEOUT_SECONDS,
        resources: { cpu: { request: "250m", limit: "2" }, memory: { request: "512Mi", limit: "2Gi" } },
      },
      administrator,
      processes: [
        entryProcess(entry.app, args, { web, socket }),
        webProcess(web.app, args),
        socketProcess(socket.app),
        workerProcess(workers[0].app, "short,default", args.workerReplicas),
        workerProcess(workers[1].app, "long,default,short", args.workerReplicas),
        schedulerProcess(scheduler.app),
      ],
      uses: [shared.database, shared.queue].map(({ address }) => address.endpoint),
      ...(args.pullSecret === undefined ? {} : { pullSecret: args.pullSecret }),
    },
    secrets,
    context.mistakes,
  );
  const behind = [
    serviceEndpoint(topology, "erpnext/web", web, PORT.web),
    serviceEndpoint(topology, "erpnext/socket", socket, PORT.socket),
  ];
  for (const endpoint of behind) topology.connect(entry, endpoint, "nginx passes requests on");
  const endpoint = serviceEndpoint(topology, "erpnext/nginx", entry, PORT.entry);
  services.ingress.expose(endpoint, {
    host: args.host,
    routes: [
      { kind: "http", path: "/", maxBodyMb: MAX_BODY_MB, responseTimeoutSeconds: REQUEST_TIMEOUT_SECONDS },
      // The attachments of its desk and of its website's forms (frappe/handler.py).
      {
        kind: "upload",
        path: "/api/method/upload_file",
        maxBodyMb: MAX_BODY_MB,
        responseTimeoutSeconds: REQUEST_TIMEOUT_SECONDS,
      },
      { kind: "websocket", path: "/socket.io", heartbeatSeconds: SOCKET_HEARTBEAT_SECONDS },
    ],
  });
  return { app, endpoint };
}

/** `args`, not `command`: newer images link their assets in their entrypoint. */
function entryProcess(
  name: string,
  { host, replicas }: ErpNextArgs,
  { web, socket }: { readonly web: Pods; readonly socket: Pods },
): ProcessArgs {
  return {
    name,
    args: ["nginx-entrypoint.sh"],
    env: {
      BACKEND: `${web.app}:${PORT.web}`,
      SOCKETIO: `${socket.app}:${PORT.socket}`,
      FRAPPE_SITE_NAME_HEADER: host,
      PROXY_READ_TIMEOUT: `${REQUEST_TIMEOUT_SECONDS}s`,
      CLIENT_MAX_BODY_SIZE: `${MAX_BODY_MB}m`,
    },
    ports: { http: PORT.entry },
    scale: replicas,
    probes: {
      // Through to gunicorn and the site; whether nginx itself is sound is another question.
      ...httpProbes({ port: "http", readinessPath: "/api/method/ping" }),
      startup: { check: tcp("http"), periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 12 },
      liveness: { check: tcp("http"), periodSeconds: 15, timeoutSeconds: 5, failureThreshold: 4 },
    },
    resources: { cpu: { request: "50m", limit: "500m" }, memory: { request: "64Mi", limit: "256Mi" } },
    longestRequestSeconds: REQUEST_TIMEOUT_SECONDS,
  };
}

function webProcess(name: string, { host, replicas }: ErpNextArgs): ProcessArgs {
  return {
    name,
    args: [
      `${BENCH}/env/bin/gunicorn`,
      `--chdir=${BENCH}/sites`,
      `--bind=0.0.0.0:${PORT.web}`,
      "--workers=2",
      "--threads=4",
      "--worker-class=gthread",
      "--worker-tmp-dir=/dev/shm",
      `--timeout=${REQUEST_TIMEOUT_SECONDS}`,
      "--preload",
      "frappe.app:application",
    ],
    ports: { http: PORT.web },
    scale: replicas,
    // By the site's name, which the kubelet's own requests do not carry.
    probes: sameProbes(
      {
        kind: "exec",
        command: [
          "curl",
          "-fsS",
          "-o",
          "/dev/null",
          "-H",
          `Host: ${host}`,
          `http://127.0.0.1:${PORT.web}/api/method/ping`,
        ],
      },
      { periodSeconds: 15, timeoutSeconds: 10, startupSeconds: 180 },
    ),
    resources: { cpu: { request: "250m", limit: "2" }, memory: { request: "1Gi", limit: "2Gi" } },
    longestRequestSeconds: REQUEST_TIMEOUT_SECONDS,
  };
}

/** One: socket.io's sessions are kept in the process that they began in. */
function socketProcess(name: string): ProcessArgs {
  return {
    name,
    args: ["node", `${BENCH}/apps/frappe/socketio.js`],
    ports: { http: PORT.socket },
    scale: 1,
    probes: sameProbes(tcp("http"), { periodSeconds: 10, timeoutSeconds: 5, startupSeconds: 60 }),
    resources: { cpu: { request: "50m", limit: "500m" }, memory: { request: "128Mi", limit: "512Mi" } },
    longestRequestSeconds: SOCKET_HEARTBEAT_SECONDS,
  };
}

function workerProcess(name: string, queues: string, scale: number): ProcessArgs {
  return {
    name,
    args: ["bench", "worker", "--queue", queues],
    scale,
    probes: sameProbes(
      { kind: "exec", command: WORKER_CHECK_COMMAND },
      { periodSeconds: 60, timeoutSeconds: 30, startupSeconds: 300 },
    ),
    resources: { cpu: { request: "100m", limit: "1" }, memory: { request: "512Mi", limit: "1Gi" } },
    longestRequestSeconds: LONGEST_JOB_SECONDS,
  };
}

/** A second one would start every job twice. */
function schedulerProcess(name: string): ProcessArgs {
  return {
    name,
    args: ["bench", "schedule"],
    scale: 1,
    rollout: "recreate",
    // It has no port and no report: what can be seen is that the process is there.
    probes: sameProbes(
      { kind: "exec", command: ["grep", "-qz", "schedule", "/proc/1/cmdline"] },
      { periodSeconds: 30, timeoutSeconds: 5, startupSeconds: 300 },
    ),
    resources: { cpu: { request: "50m", limit: "500m" }, memory: { request: "256Mi", limit: "512Mi" } },
    longestRequestSeconds: 10,
  };
}

const tcp = (port: string): ProbeCheck => ({ kind: "tcp", port });

function sameProbes(
  check: ProbeCheck,
  times: { readonly periodSeconds: number; readonly timeoutSeconds: number; readonly startupSeconds: number },
): Probes {
  const { periodSeconds, timeoutSeconds, startupSeconds } = times;
  const probe: Probe = { check, periodSeconds, timeoutSeconds, failureThreshold: 3 };
  return {
    startup: { ...probe, failureThreshold: Math.ceil(startupSeconds / periodSeconds) },
    readiness: probe,
    liveness: probe,
  };
}

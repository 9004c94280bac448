import { z } from "zod";
import { databaseVia, placement, resources, route, runtime, smtp, unseal } from "./optionSchemas";
import { count, domain, hostname, image, port, seconds, text, urlPath, variable } from "./schemaParts";

// Every option of every workload: all that its component takes, but for what the estate itself gives (workloadSpecs.ts).

const workload = {
  /** With its tag or digest; "latest" is refused. */
  image,
  /** Pods of the process that answers requests. */
  replicas: count,
};
const reachable = {
  /** Public host name. Default: none, it is reached only from inside the cluster. */
  host: domain.exactOptional(),
};
const nginxInItsPlace = {
  /** Of the container and of the Service. Default 80, that of the nginx which stands in its place until it has an image. */
  port: port.exactOptional(),
  /** Answers 200-399 when requests can be taken. Default "/", which nginx answers. */
  probePath: urlPath.exactOptional(),
  /** What the image needs. Default: nginx's. */
  runtime: runtime.exactOptional(),
};
const env = z.record(variable, z.string());
const percent = z.int().min(10).max(100);

const keybuzzApi = z.strictObject({
  ...workload,
  ...reachable,
  ...nginxInItsPlace,
  /** Upper bound of the autoscaler; `replicas` is the lower one. */
  maxReplicas: count,
  /** The way to its database. Default "leader". With "pooled", its driver must not rely on session state. */
  databaseVia: databaseVia.exactOptional(),
  /** Further variables. Default: none. */
  env: env.exactOptional(),
});

const keybuzzFront = z.strictObject({ ...workload, ...reachable, ...nginxInItsPlace });

const chatwoot = z.strictObject({
  ...workload,
  /** Public host name. */
  host: domain,
  workerReplicas: count,
  /** Seconds that the ingress waits for an ordinary answer. Default 60. rack-timeout ends a request after 15 s anyway. */
  requestTimeoutSeconds: z.int().min(1).max(300).exactOptional(),
  /** Default: none, Chatwoot sends no mail. */
  smtp: smtp.exactOptional(),
  /** Of its mail. Default "KeyBuzz Support <support@[domain of host]>". */
  sender: text(
    /^[^<>@]+ <[^<>@\s]+@[^<>@\s]+>$/,
    "a name and an address",
    "KeyBuzz Support <support@keybuzz.io>",
  ).exactOptional(),
  /**
   * Where browsers reach the object store: they are sent there to download attachments, with a signed address.
   * Default: the store's private address; attachments can then be opened from inside the private network alone.
   */
  publicStorageUrl: text(
    /^https:\/\/[a-z0-9.-]+(:\d+)?$/,
    "an https address",
    "https://files.keybuzz.io",
  ).exactOptional(),
  /** The way to its database. Default "leader"; "pooled" needs PgBouncer 1.21 with max_prepared_statements. */
  databaseVia: z.enum(["leader", "pooled"]).exactOptional(),
});

const liteLlm = z.strictObject({ ...workload, ...reachable });

/** Its main process is one, ever; what scales are its workers and the receivers of webhooks. */
const n8n = z.strictObject({
  /** With its tag or digest; "latest" is refused. */
  image,
  /** Public host name of editor and webhooks. */
  host: domain,
  workerReplicas: count,
  webhookReplicas: count,
  /** Executions that one worker runs at a time. Default 10. */
  concurrency: z.int().min(1).max(100).exactOptional(),
});

const superset = z.strictObject({
  ...workload,
  /** Public host name. */
  host: domain,
  workerReplicas: count,
  /** Address of the first administrator. */
  adminEmail: z.email().meta({ description: "an address", examples: ["bi@keybuzz.io"] }),
});

/** Needs hosts of roles "mariadb" and "proxysql". */
const erpNext = z.strictObject({
  ...workload,
  /** Public host name. The site has the same, and keeps it for life. */
  host: domain,
  /** Of each of the two kinds of workers. */
  workerReplicas: count,
  /** GB for attached files. */
  filesGb: z.int().min(1).max(2000),
  /** Storage class that several nodes can mount. Default: local, all of ERPNext on one node (docs/decisions/0007). */
  sharedClass: hostname.exactOptional(),
});

/** A marketplace connector or an AI service, whole: an application of KeyBuzz' own that answers HTTP. */
const connector = z.strictObject({
  /** Names its Deployment, database, vhost and bucket; unique in the estate. */
  name: hostname,
  /** "connectors", "ai". */
  namespace: hostname,
  ...workload,
  ...reachable,
  /** Upper bound of an autoscaler; `replicas` is the lower one. Default: no autoscaler. */
  maxReplicas: count.exactOptional(),
  /** CPU use that the autoscaler keeps, in per cent of the request. Default 70; only with maxReplicas. */
  cpuPercent: percent.exactOptional(),
  /** Of the container and of the Service. */
  port,
  /** Answers 200-399 when it can take requests. */
  readinessPath: urlPath,
  /** Default: readinessPath. */
  livenessPath: urlPath.exactOptional(),
  /** Seconds that a start may take. Default 60. */
  startupSeconds: seconds.exactOptional(),
  /** Seconds of the longest request. Default 60. */
  longestRequestSeconds: seconds.exactOptional(),
  /** Default: the image's. */
  command: z.array(z.string()).min(1).exactOptional(),
  /** Default: the image's. */
  args: z.array(z.string()).exactOptional(),
  /** What it uses of the estate. Default: nothing. */
  needs: z.array(z.enum(["database", "redis", "rabbit", "bucket", "vectors", "llm"])).exactOptional(),
  /** The way to its database. Default "leader". */
  databaseVia: databaseVia.exactOptional(),
  /** Number of its Redis database, 5-13; only with need "redis". Default 5; a second connector needs another. */
  redisIndex: z.int().min(0).max(15).exactOptional(),
  /** Does it call HTTPS services on the internet? Default false. */
  outbound: z.boolean().exactOptional(),
  /** Plain variables. Default: none. */
  env: env.exactOptional(),
  /** Variables by key of the stack's secret configuration: { SHOP_TOKEN: "shopToken" }. Default: none. */
  configuredSecrets: z.record(variable, text(/^[a-z][A-Za-z0-9]*$/, "letters and digits", "shopToken")).exactOptional(),
  /** What the internet may ask of it at `host`. Default, with a host: ordinary requests below "/". */
  routes: z.array(route).min(1).exactOptional(),
  /** What the image needs. Default: user 1000, read-only but for /tmp. */
  runtime: runtime.exactOptional(),
  /** Default: 100m-1 core, 256-512 MiB. */
  resources: resources.exactOptional(),
  /** Default: away from AI and monitoring workers where possible. */
  placement: placement.exactOptional(),
});

const vault = z.strictObject({
  /** With its tag or digest; "latest" is refused. */
  image,
  /** Of the agent injector. */
  injectorImage: image,
  /** Members of its raft: 1, 3 or 5, each on a worker of its own. */
  replicas: count,
  /** How it gets its key back after a start. */
  unseal,
  /** May a pod that asks for secrets start while the injector is away: "Ignore", or not: "Fail"? */
  failurePolicy: z.enum(["Fail", "Ignore"]),
});

export const workloads = z.strictObject({
  /** Default: off. */
  keybuzzApi: keybuzzApi.exactOptional(),
  /** Default: off. */
  keybuzzFront: keybuzzFront.exactOptional(),
  /** Default: off. */
  chatwoot: chatwoot.exactOptional(),
  /** Default: off. */
  liteLlm: liteLlm.exactOptional(),
  /** Default: off. */
  n8n: n8n.exactOptional(),
  /** Default: off. */
  superset: superset.exactOptional(),
  /** Default: off. */
  erpNext: erpNext.exactOptional(),
  /** Marketplace connectors and AI services. Default: none. */
  connectors: z.array(connector).exactOptional(),
  /** Default: off. */
  vault: vault.exactOptional(),
});

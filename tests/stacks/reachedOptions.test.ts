import type { AppPlan } from "../../components/apps/appPlan";
import { emittedGraph, EXAMPLE_SETTINGS } from "../../stacks/emittedGraph";
import type { Environment } from "../../stacks/environment";
import { validateEnvironment } from "../../stacks/judgeEnvironment";
import { environment as local } from "../../stacks/local";
import { planEstate } from "../../stacks/plan";
import { secretKeys } from "../../stacks/secretConfig";
import { missingSecrets, unknownSettings } from "../../stacks/stackConfig";
import { verify } from "../../verifier/verify";

const { chatwoot, n8n } = local.workloads;
const runtime = { uid: 1234, rootFilesystem: { writableBecause: "it compiles at its start" } };

const small = { cpu: { request: "10m", limit: "20m" }, memory: { request: "10Mi", limit: "20Mi" } };

/** Every option of an application, but for what excludes another. */
const SHOP = {
  name: "shop",
  namespace: "connectors",
  image: "registry.example.org/shop:1",
  runtime,
  migration: { command: ["migrate"], env: { MODE: "once" }, timeoutSeconds: 30, retries: 1, resources: small },
  env: { MODE: "x", JDBC_URL: "jdbc:postgresql://{{DB_HOST}}/{{DB_NAME}}" },
  files: { "/etc/shop/config.yml": "password: {{DB_PASSWORD}}" },
  configuredSecrets: { SHOP_TOKEN: "shopToken" },
  generatedSecrets: ["SESSION_SECRET"],
  sharedFiles: { path: "/data", sizeGb: 2, sharedClass: "nfs" },
  needs: {
    postgres: {
      database: "shop_main",
      owner: "shop_owner",
      extensions: ["pg_trgm"],
      via: "pooled",
      // A server connection for each: local's PgBouncer pools sessions.
      connections: 1,
      variables: {
        DB_HOST: "host",
        DB_PORT: "port",
        DB_NAME: "database",
        DB_USER: "username",
        DB_PASSWORD: "password",
      },
      replicaVariables: { READ_URL: "url" },
    },
    mariadb: { database: "shop_old", variables: { OLD_URL: "url" } },
    redis: { index: 7, variables: { CACHE_URL: "url" } },
    rabbitmq: { vhost: "shop-queues", variables: { AMQP_URL: "url" } },
    bucket: {
      name: "shop-files",
      publish: true,
      variables: { S3_URL: "url", S3_BUCKET: "bucket", S3_SECRET: "secretKey", S3_PUBLIC: "publicUrl" },
    },
    vectors: { variables: { QDRANT_URL: "url" } },
    llm: { variables: { MODELS_URL: "url" } },
    apps: [{ app: "catalog", process: "web", port: "metrics", variables: { CATALOG_URL: "url" } }],
    internet: [{ port: 587, purpose: "sends mail", processes: ["worker"] }],
  },
  processes: [
    {
      kind: "web",
      command: ["node"],
      args: ["server.js"],
      env: { ROLE: "web" },
      resources: small,
      startupSeconds: 90,
      init: [{ name: "warm-up", command: ["warm"], env: { WARM: "1" }, resources: small }],
      sidecars: [{ name: "proxy", image: "proxy:1", args: ["-v"] }],
      port: 3000,
      ports: { metrics: 9090 },
      health: { kind: "http", path: "/health", livenessPath: "/alive", port: 9090 },
      scale: { min: 2, max: 4, cpuPercent: 55, memoryPercent: 80 },
      placement: { avoid: ["ai"], strict: true },
      longestRequestSeconds: 20,
      expose: [{ host: "shop.keybuzz.test", routes: [{ kind: "http", path: "/", responseTimeoutSeconds: 20 }] }],
    },
    {
      kind: "worker",
      health: { kind: "exec", command: ["alive"] },
      scale: 1,
      rollout: "recreate",
      longestJobSeconds: 300,
    },
    { kind: "worker", name: "mail", health: { kind: "exit" }, scale: 2 },
    {
      kind: "cron",
      name: "report",
      schedule: "0 3 * * 1-5",
      timeZone: "Europe/Berlin",
      timeoutSeconds: 60,
      retries: 2,
    },
    { kind: "daemon", name: "agent", health: { kind: "tcp", port: 8125 } },
  ],
};

const CATALOG = {
  name: "catalog",
  image: "catalog:1",
  processes: [
    {
      kind: "web",
      port: 8080,
      ports: { metrics: 9100 },
      health: { kind: "tcp" },
      scale: 1,
      ownVolume: { path: "/var/lib/catalog", sizeGb: 3 },
    },
  ],
};

/** Every option that a component has and the stacks do not use. */
const full = validateEnvironment(
  {
    ...local,
    workloads: {
      ...local.workloads,
      chatwoot: {
        ...chatwoot,
        smtp: { host: "smtp.example.org", port: 465, domain: "keybuzz.io", username: "support" },
        sender: "Help <help@keybuzz.io>",
        mailboxPorts: [993],
        signUp: "apiOnly",
        publicAttachments: true,
        databaseVia: "pooled",
      },
      files: { image: "nginx:1.29.3-alpine", host: "files.keybuzz.test", replicas: 2 },
      n8n: { ...n8n, concurrency: 3 },
      apps: [SHOP, CATALOG],
      registries: [{ registry: "registry.example.org", username: "ci", passwordKey: "exampleRegistryToken" }],
    },
  },
  "full.ts",
);

function planOf(environment: Environment, name: string): AppPlan {
  const found = planEstate(environment, EXAMPLE_SETTINGS).apps.find(({ app }) => app.name === name);
  if (found === undefined) throw new Error(`no application ${name}`);
  return found.app;
}

test("Chatwoot sends mail, shows attachments, and goes through the pooler", () => {
  const { configMap, secret } = planOf(full, "chatwoot");
  expect(configMap.entries).toMatchObject({
    SMTP_ADDRESS: "smtp.example.org",
    SMTP_TLS: "true",
    MAILER_SENDER_EMAIL: "Help <help@keybuzz.io>",
    ENABLE_ACCOUNT_SIGNUP: "api_only",
    STORAGE_PUBLIC_ENDPOINT: "https://files.keybuzz.test",
    POSTGRES_PORT: "6432",
  });
  expect(secret.entries["SMTP_PASSWORD"]).toBe("<<secret:config/chatwootSmtpPassword>>");
});

test("the files host leads to the buckets that are published, and to no other", () => {
  const { topology, services, publicHosts } = planEstate(full, EXAMPLE_SETTINGS);
  const { files } = planOf(full, "public-files");
  expect(files[0]?.content).toContain('"~^/(keybuzz-chatwoot|keybuzz-shop-files)/[^/?]" "yes"');
  const routes = services.ingress.routes().filter(({ host }) => host === "files.keybuzz.test");
  expect(routes.map(({ route }) => route.path)).toEqual(["/keybuzz-chatwoot", "/keybuzz-shop-files"]);
  expect(publicHosts).toContain("files.keybuzz.test");
  const own = topology.flows.filter(({ from }) => from.kind === "pods" && from.namespace === "files");
  expect(own.map(({ to }) => to.id)).toEqual(["minio/api"]);
});

test("n8n's workers have their number of executions", () => {
  const worker = planOf(full, "n8n").processes.find(({ name }) => name === "n8n-worker");
  expect(worker?.args).toEqual(["worker", "--concurrency=3"]);
});

test("an application's processes have all that its image needs", () => {
  const { processes, crons, runtime: own } = planOf(full, "shop");
  expect(own).toMatchObject(runtime);
  expect(processes).toMatchObject([
    {
      name: "shop",
      kind: "deployment",
      autoscale: { min: 2, max: 4, cpuPercent: 55, memoryPercent: 80 },
      command: ["node"],
      args: ["server.js"],
      env: { ROLE: "web" },
      ports: { http: 3000, metrics: 9090 },
      longestRequestSeconds: 20,
      resources: { cpu: { limit: "20m" } },
      placement: { avoid: ["ai"], strict: true },
      probes: {
        readiness: { check: { path: "/health", port: "metrics" } },
        liveness: { check: { path: "/alive" } },
        startup: { failureThreshold: 18 },
      },
      init: [{ name: "warm-up", command: ["warm"], env: { WARM: "1" } }],
      sidecars: [{ name: "proxy", image: "proxy:1", resources: { cpu: { limit: "500m" } } }],
    },
    {
      name: "shop-worker",
      rollout: "recreate",
      gracePeriodSeconds: 315,
      probes: { liveness: { check: { kind: "exec", command: ["alive"] } } },
    },
    { name: "shop-mail", minReplicas: 2, probes: "exit", ports: {} },
    { name: "shop-agent", kind: "daemon", probes: { readiness: { check: { kind: "tcp", port: "health" } } } },
  ]);
  expect(crons).toMatchObject([
    { name: "shop-report", schedule: "0 3 * * 1-5", timeZone: "Europe/Berlin", timeoutSeconds: 60, retries: 2 },
  ]);
  expect(planOf(full, "catalog").processes).toMatchObject([
    { name: "catalog", kind: "stateful", volume: { path: "/var/lib/catalog", sizeGb: 3 } },
  ]);
});

test("its needs give it the variables that it names, and its texts refer to them", () => {
  const { secret, configMap, migration, files, volume, pullSecret } = planOf(full, "shop");
  expect(configMap.entries).toMatchObject({
    MODE: "x",
    DB_PORT: "6432",
    DB_NAME: "shop_main",
    DB_USER: "shop_owner",
    JDBC_URL: `jdbc:postgresql://${configMap.entries["DB_HOST"]}/shop_main`,
    S3_BUCKET: "keybuzz-shop-files",
    S3_PUBLIC: "https://files.keybuzz.test",
    MODELS_URL: "http://llm-proxy.ai.svc.cluster.local:4000",
    CATALOG_URL: "http://catalog.catalog.svc.cluster.local:9100",
  });
  expect(secret.entries).toMatchObject({
    DB_PASSWORD: "<<secret:postgres/shop_owner>>",
    SHOP_TOKEN: "<<secret:config/shopToken>>",
    SESSION_SECRET: "<<secret:apps/shop/SESSION_SECRET>>",
  });
  expect(secret.entries["READ_URL"]).toContain(":5433/");
  expect(secret.entries["CACHE_URL"]).toMatch(/:6379\/7$/);
  expect(secret.entries["AMQP_URL"]).toMatch(/\/shop-queues$/);
  expect(secret.entries["OLD_URL"]).toMatch(/^mysql:\/\/shop_old:/);
  expect(migration).toMatchObject({ name: "shop-migrate", env: { MODE: "once", DB_PORT: "5432" }, retries: 1 });
  expect(files).toMatchObject([{ content: "password: <<secret:postgres/shop_owner>>", secret: true }]);
  expect(volume).toEqual({ name: "shop-files", path: "/data", sizeGb: 2, storage: { sharedClass: "nfs" } });
  expect(pullSecret).toMatchObject({ registry: "registry.example.org", username: "ci" });
});

test("only the process that sends mail reaches the port for it", () => {
  const { topology } = planEstate(full, EXAMPLE_SETTINGS);
  const mail = topology.flows.filter(({ to }) => to.provider.kind === "internet" && to.port === 587);
  expect(mail.map(({ from }) => from.kind === "pods" && from.app)).toEqual(["shop-worker"]);
});

test("the secrets that they name may be configured, and must", () => {
  const { secrets } = planEstate(full, EXAMPLE_SETTINGS);
  const wanted = ["keybuzz:chatwootSmtpPassword", "keybuzz:shopToken", "keybuzz:exampleRegistryToken"];
  expect(missingSecrets(secrets, () => false).map(({ path }) => path)).toEqual(expect.arrayContaining(wanted));
  expect(unknownSettings(wanted, secretKeys(full))).toEqual([]);
  expect(unknownSettings(wanted, secretKeys(local)).map(({ path }) => path)).toEqual(wanted.slice(1));
});

test("an estate with all of it is proved", async () => {
  const { findings } = verify(await emittedGraph(full, EXAMPLE_SETTINGS));
  expect(findings).toEqual([]);
});

import type { AppPlan } from "../../components/apps/appPlan";
import { emittedGraph, EXAMPLE_SETTINGS } from "../../stacks/emittedGraph";
import type { Environment } from "../../stacks/environment";
import { validateEnvironment } from "../../stacks/judgeEnvironment";
import { environment as local } from "../../stacks/local";
import { planEstate } from "../../stacks/plan";
import { secretKeys } from "../../stacks/secretConfig";
import { missingSecrets, unknownSettings } from "../../stacks/stackConfig";
import { verify } from "../../verifier/verify";

const { keybuzzApi, keybuzzFront, chatwoot, n8n, connectors = [] } = local.workloads;
const runtime = { uid: 1234, rootFilesystem: { writableBecause: "it compiles at its start" } };

/** Every option that a component has and the stacks do not use. */
const full = validateEnvironment(
  {
    ...local,
    workloads: {
      ...local.workloads,
      keybuzzApi: {
        ...keybuzzApi,
        port: 3000,
        probePath: "/health",
        runtime,
        databaseVia: "pooled",
        env: { LOG_LEVEL: "debug" },
      },
      keybuzzFront: { ...keybuzzFront, port: 8080, probePath: "/up", runtime },
      chatwoot: {
        ...chatwoot,
        smtp: { host: "smtp.example.org", port: 465, domain: "keybuzz.io", username: "support" },
        sender: "Help <help@keybuzz.io>",
        publicStorageUrl: "https://files.keybuzz.test",
        databaseVia: "pooled",
      },
      n8n: { ...n8n, concurrency: 3 },
      connectors: connectors.map((connector) => ({
        ...connector,
        maxReplicas: 4,
        cpuPercent: 55,
        livenessPath: "/alive",
        startupSeconds: 90,
        longestRequestSeconds: 20,
        command: ["node"],
        args: ["server.js"],
        databaseVia: "replicas",
        outbound: true,
        env: { MODE: "x" },
        configuredSecrets: { SHOP_TOKEN: "shopToken" },
        runtime,
        resources: { cpu: { request: "10m", limit: "20m" }, memory: { request: "10Mi", limit: "20Mi" } },
        placement: { only: "monitoring" },
      })),
    },
  },
  "full.ts",
);

function planOf(environment: Environment, name: string): AppPlan {
  const found = planEstate(environment, EXAMPLE_SETTINGS).apps.find(({ app }) => app.name === name);
  if (found === undefined) throw new Error(`no application ${name}`);
  return found.app;
}

test.each(["keybuzz-api", "keybuzz-front"])("%s has the image's own port, probe and user", (name) => {
  const { runtime: own, processes } = planOf(full, name);
  expect(own).toMatchObject(runtime);
  expect(processes[0]?.ports).toEqual({ http: name === "keybuzz-api" ? 3000 : 8080 });
  const path = name === "keybuzz-api" ? "/health" : "/up";
  expect(processes[0]?.probes.readiness.check).toMatchObject({ path });
});

test("KeyBuzz API goes through the pooler and has its own variables", () => {
  const { configMap, secret } = planOf(full, "keybuzz-api");
  expect(configMap.entries["LOG_LEVEL"]).toBe("debug");
  expect(secret.entries["DATABASE_URL"]).toContain(":6432/");
});

test("Chatwoot sends mail, shows attachments, and goes through the pooler", () => {
  const { configMap, secret } = planOf(full, "chatwoot");
  expect(configMap.entries).toMatchObject({
    SMTP_ADDRESS: "smtp.example.org",
    SMTP_TLS: "true",
    MAILER_SENDER_EMAIL: "Help <help@keybuzz.io>",
    STORAGE_ENDPOINT: "https://files.keybuzz.test",
    POSTGRES_PORT: "6432",
  });
  expect(secret.entries["SMTP_PASSWORD"]).toBe("<<secret:config/chatwootSmtpPassword>>");
});

test("n8n's workers have their number of executions", () => {
  const worker = planOf(full, "n8n").processes.find(({ name }) => name === "n8n-worker");
  expect(worker?.args).toEqual(["worker", "--concurrency=3"]);
});

test("a connector has all that its image needs", () => {
  const { processes, secret, configMap } = planOf(full, "chat-backend");
  expect(processes[0]).toMatchObject({
    autoscale: { min: 2, max: 4, cpuPercent: 55 },
    command: ["node"],
    args: ["server.js"],
    longestRequestSeconds: 20,
    resources: { cpu: { limit: "20m" } },
    placement: { only: "monitoring" },
    probes: { liveness: { check: { path: "/alive" } }, startup: { failureThreshold: 18 } },
  });
  expect(secret.entries).toMatchObject({ SHOP_TOKEN: "<<secret:config/shopToken>>" });
  expect(secret.entries["DATABASE_URL"]).toContain(":5433/");
  expect(configMap.entries["MODE"]).toBe("x");
});

test("the secrets that they name may be configured, and must", () => {
  const { secrets } = planEstate(full, EXAMPLE_SETTINGS);
  const wanted = ["keybuzz:chatwootSmtpPassword", "keybuzz:shopToken"];
  expect(missingSecrets(secrets, () => false).map(({ path }) => path)).toEqual(expect.arrayContaining(wanted));
  expect(unknownSettings(wanted, secretKeys(full))).toEqual([]);
  expect(unknownSettings(wanted, secretKeys(local)).map(({ path }) => path)).toEqual(["keybuzz:shopToken"]);
});

test("an estate with all of it is proved", async () => {
  const { findings } = verify(await emittedGraph(full, EXAMPLE_SETTINGS));
  expect(findings).toEqual([]);
});

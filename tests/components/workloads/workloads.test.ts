import { execFileSync } from "node:child_process";
import { hasSecret } from "../../../components/secrets/secretRef";
import type { AppPlan } from "../../../components/workloads/appPlan";
import { planChatwoot, type ChatwootArgs } from "../../../components/workloads/chatwoot";
import { planHttpService } from "../../../components/workloads/httpService";
import { NGINX_RUNTIME } from "../../../components/workloads/images";
import { planKeybuzzApi } from "../../../components/workloads/keybuzzApi";
import { planKeybuzzFront } from "../../../components/workloads/keybuzzFront";
import { planLiteLlm } from "../../../components/workloads/liteLlm";
import type { Container, PodSpec } from "../../../components/workloads/manifests";
import { ghcrPullSecret, renderPullSecrets } from "../../../components/workloads/pullSecrets";
import { renderApp } from "../../../components/workloads/renderApp";
import { fakeEstate, type FakeEstate } from "./fakeServices";
import { allObjects, expectRendered } from "./renderedFile";

const CHATWOOT: ChatwootArgs = {
  image: "ghcr.io/keybuzzio/chatwoot-keybuzz:v3.12.0",
  host: "support.keybuzz.io",
  webReplicas: 2,
  workerReplicas: 2,
};

function prod(): FakeEstate & { readonly plans: Readonly<Record<string, AppPlan>> } {
  const estate = fakeEstate();
  const { context } = estate;
  const liteLlm = planLiteLlm({ image: "ghcr.io/berriai/litellm-non_root:main-v1.83.3-stable", replicas: 2 }, context);
  const api = planKeybuzzApi(
    {
      image: "nginx:1.29.3-alpine",
      host: "platform-api.keybuzz.io",
      minReplicas: 3,
      maxReplicas: 30,
      llm: liteLlm.endpoint,
    },
    context,
  );
  const front = planKeybuzzFront({ image: "nginx:1.29.3-alpine", host: "platform.keybuzz.io", replicas: 3 }, context);
  const pullSecret = ghcrPullSecret(context.secrets.configured("ghcrToken"));
  const smtp = { host: "smtp.example.org", port: 587, domain: "keybuzz.io", username: "support@keybuzz.io" };
  const chatwoot = planChatwoot({ ...CHATWOOT, pullSecret, smtp }, context);
  return {
    ...estate,
    plans: { "keybuzz-api": api.app, "keybuzz-front": front.app, chatwoot: chatwoot.app, "llm-proxy": liteLlm.app },
  };
}

const NAMES = ["keybuzz-api", "keybuzz-front", "chatwoot", "llm-proxy"];

function planOf(name: string): AppPlan {
  const plan = prod().plans[name];
  if (plan === undefined) throw new Error(`no workload "${name}"`);
  return plan;
}

function podSpecs(plan: AppPlan): readonly PodSpec[] {
  const { migration, processes } = renderApp(plan);
  return [
    ...processes.map(({ deployment }) => deployment.spec.template.spec),
    ...(migration === undefined ? [] : [migration.spec.template.spec]),
  ];
}

function containers(plan: AppPlan): readonly Container[] {
  return podSpecs(plan).flatMap((spec) => spec.containers);
}

describe.each(NAMES)("%s", (name) => {
  const plan = planOf(name);

  it("renders what its file shows", () => {
    expectRendered(name, [...renderPullSecrets([plan]), ...allObjects(plan)]);
  });

  it("names an image by a version", () => {
    for (const { image } of containers(plan)) expect(image).toMatch(/:[^/]*\d/);
    expect(JSON.stringify(allObjects(plan))).not.toContain(":latest");
  });

  it("keeps secrets in Secrets", () => {
    const outside = allObjects(plan).filter(({ kind }) => kind !== "Secret");
    expect(outside.length).toBeGreaterThan(2);
    for (const object of outside) expect(hasSecret(JSON.stringify(object))).toBe(false);
  });

  it("is neither privileged nor root, and has no capability and no API token", () => {
    for (const spec of podSpecs(plan)) {
      expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } });
      expect(spec.securityContext.runAsUser).toBeGreaterThan(0);
      expect(spec.automountServiceAccountToken).toBe(false);
      expect(spec).not.toHaveProperty("hostNetwork");
      for (const { securityContext } of spec.containers) {
        expect(securityContext).toMatchObject({
          privileged: false,
          allowPrivilegeEscalation: false,
          capabilities: { drop: ["ALL"] },
        });
      }
      expect(JSON.stringify(spec.volumes)).not.toContain("hostPath");
    }
  });

  it("limits every container", () => {
    for (const { resources } of containers(plan)) {
      for (const amounts of [resources.requests, resources.limits]) {
        expect(Object.keys(amounts).sort()).toEqual(["cpu", "memory"]);
        for (const amount of Object.values(amounts)) expect(amount).toMatch(/^\d/);
      }
    }
  });

  it("probes every process, on a port that it has", () => {
    for (const { deployment } of renderApp(plan).processes) {
      for (const container of deployment.spec.template.spec.containers) {
        for (const probe of [container.startupProbe, container.readinessProbe, container.livenessProbe]) {
          expect(probe).toBeDefined();
          if (probe !== undefined && "httpGet" in probe) {
            expect(container.ports?.map((port) => port.name)).toContain(probe.httpGet.port);
            // Chatwoot v3.12.0 has no /health, LiteLLM's calls every model.
            expect(probe.httpGet.path).not.toBe("/health");
          }
        }
      }
    }
  });

  it("selects its pods by the labels that they have", () => {
    for (const { deployment, service, disruptionBudget } of renderApp(plan).processes) {
      const { labels } = deployment.spec.template.metadata;
      for (const selector of [
        deployment.spec.selector.matchLabels,
        service?.spec.selector,
        disruptionBudget?.spec.selector.matchLabels,
      ]) {
        if (selector !== undefined) expect(labels).toMatchObject(selector);
      }
    }
  });
});

describe("every object", () => {
  it("fits the Kubernetes schemas", () => {
    const objects = NAMES.flatMap((name) => [...renderPullSecrets([planOf(name)]), ...allObjects(planOf(name))]);
    // The schemas' package consists of ES modules, which jest does not load; node does.
    const script = `
      import { readFileSync } from "node:fs";
      const objects = JSON.parse(readFileSync(0, "utf8"));
      for (const object of objects) {
        const models = await import("kubernetes-models/" + object.apiVersion);
        new models[object.kind](object).validate();
      }
      console.log(objects.length);`;
    const output = execFileSync(process.execPath, ["--input-type=module", "-e", script], {
      input: JSON.stringify(objects),
      encoding: "utf8",
    });
    expect(Number(output)).toBe(objects.length);
  });

  it("is unique in its namespace", () => {
    const keys = NAMES.flatMap((name) => allObjects(planOf(name))).map(
      ({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`,
    );
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe("the KeyBuzz API", () => {
  it("gets every address that platform.md gives it", () => {
    const { configMap, secret } = planOf("keybuzz-api");
    expect(secret.entries).toMatchObject({
      DATABASE_URL: "postgres://keybuzz:<<secret:postgres/keybuzz>>@10.0.0.10:5432/keybuzz?sslmode=require",
      REDIS_URL: "redis://:<<secret:redis/default>>@10.0.0.10:6379/0",
      RABBITMQ_URL: "amqp://keybuzz:<<secret:rabbitmq/keybuzz>>@10.0.0.10:5672/keybuzz",
      VECTOR_API_KEY: "<<secret:qdrant/api-key>>",
    });
    expect(configMap.entries).toMatchObject({
      MINIO_URL: "http://10.0.0.134:9000",
      VECTOR_URL: "http://10.0.0.136:6333",
      LLM_URL: "http://llm-proxy.ai.svc.cluster.local:4000",
    });
  });

  it("leaves the number of pods to its autoscaler", () => {
    const [api] = renderApp(planOf("keybuzz-api")).processes;
    expect(api?.deployment.spec).not.toHaveProperty("replicas");
    expect(api?.autoscaler?.spec).toMatchObject({
      minReplicas: 3,
      maxReplicas: 30,
      scaleTargetRef: { name: "keybuzz-api" },
    });
    expect(api?.service?.spec.ports).toEqual([{ name: "http", port: 80, targetPort: "http", protocol: "TCP" }]);
  });

  it("has no LLM_URL where there is no LiteLLM", () => {
    const { app } = planKeybuzzApi(
      { image: "nginx:1.29.3-alpine", minReplicas: 2, maxReplicas: 4 },
      fakeEstate().context,
    );
    expect(app.configMap.entries).not.toHaveProperty("LLM_URL");
  });

  it("names every service that the environment lacks, at once", () => {
    const { topology, secrets, postgres } = fakeEstate().context;
    const plan = () =>
      planKeybuzzApi({ image: "nginx:1.29.3-alpine", minReplicas: 2, maxReplicas: 4 }, { topology, secrets, postgres });
    for (const name of ["redis", "rabbit", "buckets", "vectors"]) expect(plan).toThrow(`keybuzzApi.uses.${name}`);
    expect(plan).not.toThrow("keybuzzApi.uses.postgres");
  });
});

describe("Chatwoot", () => {
  it("migrates straight through the leader, before the roll-out, with time enough", () => {
    const { migration } = renderApp(planOf("chatwoot"));
    const [container] = migration?.spec.template.spec.containers ?? [];
    expect(container?.command).toEqual(["bundle", "exec", "rails", "db:chatwoot_prepare"]);
    expect(container?.env).toEqual([
      { name: "POSTGRES_HOST", value: "10.0.0.10" },
      { name: "POSTGRES_PORT", value: "5432" },
      { name: "POSTGRES_STATEMENT_TIMEOUT", value: "600s" },
    ]);
  });

  it("migrates through the leader even when its processes are pooled", () => {
    const { context, databases } = fakeEstate();
    const { app } = planChatwoot({ ...CHATWOOT, databaseVia: "pooled" }, context);
    expect(app.configMap.entries.POSTGRES_PORT).toBe("6432");
    expect(app.migration?.env.POSTGRES_PORT).toBe("5432");
    expect(databases).toEqual([
      "chatwoot-web -> chatwoot (pg_stat_statements, pg_trgm, pgcrypto) via pooled",
      "chatwoot-worker -> chatwoot (pg_stat_statements, pg_trgm, pgcrypto) via pooled",
      "chatwoot-migrate -> chatwoot (pg_stat_statements, pg_trgm, pgcrypto) via leader",
    ]);
  });

  it("repeats the migration when image or configuration change, and only then", () => {
    const job = (args: Partial<ChatwootArgs>) =>
      renderApp(planChatwoot({ ...CHATWOOT, ...args }, fakeEstate().context).app).migration?.metadata.name;
    expect(job({})).toMatch(/^chatwoot-migrate-[0-9a-f]{8}$/);
    expect(job({ webReplicas: 5, requestTimeoutSeconds: 90 })).toBe(job({}));
    expect(job({ image: "ghcr.io/keybuzzio/chatwoot-keybuzz:v3.13.0" })).not.toBe(job({}));
    expect(job({ sender: "Help <help@keybuzz.io>" })).not.toBe(job({}));
  });

  it("rolls its pods when the configuration changes, not when a route does", () => {
    const templates = (args: Partial<ChatwootArgs>) =>
      renderApp(planChatwoot({ ...CHATWOOT, ...args }, fakeEstate().context).app).processes.map(
        ({ deployment }) => deployment.spec.template,
      );
    expect(templates({ requestTimeoutSeconds: 90 })).toEqual(templates({}));
    expect(templates({ sender: "Help <help@keybuzz.io>" })).not.toEqual(templates({}));
  });

  it("never speaks to Sentinel", () => {
    const { configMap, secret } = planOf("chatwoot");
    expect(Object.keys({ ...configMap.entries, ...secret.entries }).filter((key) => key.includes("SENTINEL"))).toEqual(
      [],
    );
    expect(secret.entries.REDIS_URL).toContain("@10.0.0.10:6379/0");
  });

  it("exposes ActionCable, uploads and the rest", () => {
    const { exposed } = prod();
    const chatwoot = exposed.find(({ host }) => host === "support.keybuzz.io");
    expect(chatwoot?.backend).toMatchObject({ port: 3000, provider: { namespace: "chatwoot", app: "chatwoot-web" } });
    expect(chatwoot?.routes).toMatchObject([
      { kind: "websocket", path: "/cable" },
      { kind: "upload", path: "/api", maxBodyMb: 50 },
      { kind: "upload", path: "/public/api", maxBodyMb: 50 },
      { kind: "upload", path: "/rails/active_storage", maxBodyMb: 50 },
      { kind: "http", path: "/", responseTimeoutSeconds: 60 },
    ]);
  });

  it("gives Sidekiq 40 seconds to put its jobs back", () => {
    const worker = renderApp(planOf("chatwoot")).processes.find(({ name }) => name === "chatwoot-worker");
    expect(worker?.deployment.spec.template.spec.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(40);
    expect(worker?.service).toBeUndefined();
  });

  it("verifies the database with its authority's certificate", () => {
    const { configMap, files } = planOf("chatwoot");
    expect(configMap.entries.PGSSLMODE).toBe("verify-ca");
    expect(files).toMatchObject([
      { path: configMap.entries.PGSSLROOTCERT, content: "<<secret:postgres.ca>>", secret: true },
    ]);
  });

  it("sends browsers to the object store's public address, where there is one", () => {
    const endpoint = (args: Partial<ChatwootArgs>) =>
      planChatwoot({ ...CHATWOOT, ...args }, fakeEstate().context).app.configMap.entries.STORAGE_ENDPOINT;
    expect(endpoint({})).toBe("http://10.0.0.134:9000");
    expect(endpoint({ publicStorageUrl: "https://files.keybuzz.io" })).toBe("https://files.keybuzz.io");
  });

  it("keeps mail out of the configuration until a relay is named", () => {
    const { app } = planChatwoot(CHATWOOT, fakeEstate().context);
    expect(Object.keys(app.configMap.entries).filter((key) => key.startsWith("SMTP"))).toEqual([]);
    expect(planOf("chatwoot").secret.entries.SMTP_PASSWORD).toBe("<<secret:config/chatwootSmtpPassword>>");
  });

  it("declares the flows of each of its pods, and no others", () => {
    const { context, flows } = fakeEstate();
    planChatwoot(CHATWOOT, context);
    expect(flows()).toEqual([
      "chatwoot/chatwoot-migrate -> lb/leader",
      "chatwoot/chatwoot-migrate -> lb/redis",
      "chatwoot/chatwoot-web -> internet/https",
      "chatwoot/chatwoot-web -> lb/leader",
      "chatwoot/chatwoot-web -> lb/redis",
      "chatwoot/chatwoot-web -> minio",
      "chatwoot/chatwoot-worker -> internet/https",
      "chatwoot/chatwoot-worker -> lb/leader",
      "chatwoot/chatwoot-worker -> lb/redis",
      "chatwoot/chatwoot-worker -> minio",
    ]);
  });
});

describe("LiteLLM", () => {
  it("migrates in its Job alone", () => {
    const plan = planOf("llm-proxy");
    expect(plan.configMap.entries.DISABLE_SCHEMA_UPDATE).toBe("true");
    expect(plan.migration?.env.DISABLE_SCHEMA_UPDATE).toBe("false");
  });

  it("asks neither probe for /health", () => {
    const probes = planOf("llm-proxy").processes.flatMap(({ probes: { startup, readiness, liveness } }) => [
      startup,
      readiness,
      liveness,
    ]);
    const paths = probes.map(({ check }) => (check.kind === "http" ? check.path : check.kind));
    expect(paths.sort()).toEqual(["/health/liveliness", "/health/liveliness", "/health/readiness"]);
  });
});

describe("a streaming service", () => {
  it("declares sse and websocket routes like any other", () => {
    const { context, exposed } = fakeEstate();
    const { endpoint } = planHttpService(
      {
        name: "chat-backend",
        namespace: "ai",
        image: "registry.example.org/chat-backend:1.4.2",
        runtime: NGINX_RUNTIME,
        port: 8001,
        scale: 2,
        readinessPath: "/ready",
        resources: { cpu: { request: "100m", limit: "1" }, memory: { request: "128Mi", limit: "512Mi" } },
        expose: {
          host: "chat.keybuzz.io",
          routes: [
            { kind: "sse", path: "/api/chat/stream", heartbeatSeconds: 15, firstByteSeconds: 2 },
            { kind: "websocket", path: "/api/ws/", heartbeatSeconds: 30 },
            { kind: "http", path: "/" },
          ],
        },
      },
      context,
    );
    expect(exposed).toMatchObject([{ backend: endpoint, host: "chat.keybuzz.io" }]);
    expect(
      context.topology.connect({ kind: "pods", namespace: "keybuzz", app: "keybuzz-api" }, endpoint, "test"),
    ).toMatchObject({
      host: "chat-backend.ai.svc.cluster.local",
      port: 8001,
    });
  });
});

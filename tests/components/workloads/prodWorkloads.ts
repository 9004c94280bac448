import type { AppPlan } from "../../../components/apps/appPlan";
import type { AppEntry } from "../../../components/workloads/apps/appEntry";
import { planChatwoot, type ChatwootArgs } from "../../../components/workloads/chatwoot";
import { planErpNext } from "../../../components/workloads/erpNext";
import { planLiteLlm } from "../../../components/workloads/liteLlm";
import type { Container, PodSpec } from "../../../components/apps/podManifests";
import { planN8n } from "../../../components/workloads/n8n";
import { ghcrPullSecret } from "../../../components/apps/pullSecrets";
import { renderApp } from "../../../components/apps/renderApp";
import { planSuperset } from "../../../components/workloads/superset";
import { environment } from "../../../stacks/prod";
import { plannedApps } from "./plannedApps";
import { fakeEstate, type FakeEstate } from "./fakeServices";

export const CHATWOOT: ChatwootArgs = {
  image: "ghcr.io/keybuzzio/chatwoot-keybuzz:v3.12.0",
  host: "support.keybuzz.io",
  replicas: 2,
  workerReplicas: 2,
};

const SHOP: AppEntry = {
  name: "shop-connector",
  namespace: "connectors",
  image: "ghcr.io/keybuzzio/shop-connector:0.4.0",
  env: { LOG_LEVEL: "info" },
  configuredSecrets: { SHOP_TOKEN: "shopToken" },
  needs: {
    postgres: {},
    redis: { index: 5 },
    rabbitmq: {},
    bucket: {},
    vectors: {},
    llm: {},
    internet: [{ port: 443, purpose: "calls services on the internet" }],
  },
  processes: [
    {
      kind: "web",
      port: 8080,
      health: { kind: "http", path: "/ready", livenessPath: "/live" },
      scale: { min: 2, max: 6 },
    },
  ],
};

const CHAT: AppEntry = {
  name: "chat-backend",
  namespace: "ai",
  image: "ghcr.io/keybuzzio/chat-backend:0.1.0",
  needs: { postgres: {}, redis: { index: 6 }, llm: {} },
  processes: [
    {
      kind: "web",
      port: 8001,
      health: { kind: "http", path: "/health" },
      scale: 2,
      expose: [
        {
          host: "chat.keybuzz.io",
          routes: [
            { kind: "sse", path: "/api/chat/stream", match: "exact", heartbeatSeconds: 15, firstByteSeconds: 2 },
            { kind: "websocket", path: "/api/ws", heartbeatSeconds: 30 },
            { kind: "http", path: "/" },
          ],
        },
      ],
    },
  ],
};

/** Every workload as prod would run it, with those on that prod has off. */
export function prod(): FakeEstate & { readonly plans: Readonly<Record<string, AppPlan>> } {
  const estate = fakeEstate();
  const { context } = estate;
  const liteLlm = planLiteLlm({ image: "ghcr.io/berriai/litellm-non_root:main-v1.83.3-stable", replicas: 2 }, context);
  const pullSecret = ghcrPullSecret(context.secrets.configured("ghcrToken"));
  const smtp = { host: "smtp.example.org", port: 587, domain: "keybuzz.io", username: "support@keybuzz.io" };
  const chatwoot = planChatwoot({ ...CHATWOOT, pullSecret, smtp }, context);
  const n8n = planN8n(
    { image: "docker.n8n.io/n8nio/n8n:1.121.2", host: "n8n.keybuzz.io", workerReplicas: 2, webhookReplicas: 2 },
    context,
  );
  const superset = planSuperset(
    {
      image: "ghcr.io/keybuzzio/superset:4.1.4",
      host: "bi.keybuzz.io",
      replicas: 2,
      workerReplicas: 2,
      adminEmail: "bi@keybuzz.io",
      pullSecret,
    },
    context,
  );
  const erpNext = planErpNext(
    { image: "frappe/erpnext:v15.94.3", host: "erp.keybuzz.io", replicas: 2, workerReplicas: 2, filesGb: 50 },
    context,
  );
  const apps = plannedApps(
    [...(environment.workloads.apps ?? []), { ...SHOP, pullSecret }, { ...CHAT, pullSecret }],
    context,
    liteLlm.endpoint,
  );
  return {
    ...estate,
    plans: {
      n8n: n8n.app,
      superset: superset.app,
      erpnext: erpNext.app,
      ...Object.fromEntries(apps.map(({ app }) => [app.name, app])),
      chatwoot: chatwoot.app,
      "llm-proxy": liteLlm.app,
    },
  };
}

export const NAMES = [
  "keybuzz-api",
  "keybuzz-front",
  "chatwoot",
  "llm-proxy",
  "n8n",
  "superset",
  "erpnext",
  "shop-connector",
  "chat-backend",
];

export function planOf(name: string): AppPlan {
  const plan = prod().plans[name];
  if (plan === undefined) throw new Error(`no workload "${name}"`);
  return plan;
}

export function podSpecs(plan: AppPlan): readonly PodSpec[] {
  const { migration, firstAccount, processes } = renderApp(plan);
  return [
    ...processes.map(({ workload }) => workload.spec.template.spec),
    ...[migration, firstAccount].flatMap((job) => job?.spec.template.spec ?? []),
  ];
}

export function containers(plan: AppPlan): readonly Container[] {
  return podSpecs(plan).flatMap((spec) => spec.containers);
}

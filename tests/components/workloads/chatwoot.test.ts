import { planChatwoot, type ChatwootArgs } from "../../../components/workloads/chatwoot";
import { renderApp } from "../../../components/apps/renderApp";
import { fakeEstate } from "./fakeServices";
import { interpret, itWith } from "./interpreted";
import { CHATWOOT, planOf, prod } from "./prodWorkloads";

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
      "chatwoot-first-account -> chatwoot (pg_stat_statements, pg_trgm, pgcrypto) via leader",
    ]);
  });

  it("repeats the migration when image or configuration change, and only then", () => {
    const job = (args: Partial<ChatwootArgs>) =>
      renderApp(planChatwoot({ ...CHATWOOT, ...args }, fakeEstate().context).app).migration?.metadata.name;
    expect(job({})).toMatch(/^chatwoot-migrate-[0-9a-f]{8}$/);
    expect(job({ replicas: 5, requestTimeoutSeconds: 90 })).toBe(job({}));
    expect(job({ image: "ghcr.io/keybuzzio/chatwoot-keybuzz:v3.13.0" })).not.toBe(job({}));
    expect(job({ sender: "Help <help@keybuzz.io>" })).not.toBe(job({}));
  });

  it("rolls its pods when the configuration changes, not when a route does", () => {
    const templates = (args: Partial<ChatwootArgs>) =>
      renderApp(planChatwoot({ ...CHATWOOT, ...args }, fakeEstate().context).app).processes.map(
        ({ workload }) => workload.spec.template,
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
      // Mail with attachments, passed on by a mail server.
      { kind: "upload", path: "/rails/action_mailbox", maxBodyMb: 50 },
      { kind: "http", path: "/", responseTimeoutSeconds: 60 },
    ]);
  });

  it("gives Sidekiq 40 seconds to put its jobs back", () => {
    const worker = renderApp(planOf("chatwoot")).processes.find(({ name }) => name === "chatwoot-worker");
    expect(worker?.workload.spec.template.spec.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(40);
    expect(worker?.service).toBeUndefined();
  });

  it("verifies the database with its authority's certificate", () => {
    const { configMap, files } = planOf("chatwoot");
    expect(configMap.entries.PGSSLMODE).toBe("verify-ca");
    expect(files.filter(({ path }) => path.endsWith(".crt"))).toMatchObject([
      { path: configMap.entries.PGSSLROOTCERT, content: "<<secret:postgres.ca>>", secret: true },
    ]);
  });

  itWith("ruby")("has ActionCable try again for longer than Redis takes to have a new primary", () => {
    const script = `require "erb"; require "yaml"; require "json"
      puts JSON.generate(YAML.safe_load(ERB.new(ENV.fetch("CABLE")).result)["production"])`;
    const { content = "" } = planOf("chatwoot").files.find(({ path }) => path === "/app/config/cable.yml") ?? {};
    const env = { CABLE: content, REDIS_URL: "redis://:pass@10.0.0.10:6379/0", REDIS_PASSWORD: "0123" };
    const { status, said } = interpret("ruby", script, { env });
    expect({ status, said }).toMatchObject({ status: 0 });
    const { reconnect_attempts: delays, ...settings } = JSON.parse(said) as { reconnect_attempts: number[] };
    expect(settings).toEqual({
      adapter: "redis",
      url: env.REDIS_URL,
      password: env.REDIS_PASSWORD,
      channel_prefix: "chatwoot_production_action_cable",
    });
    expect(delays.reduce((sum, delay) => sum + delay)).toBeGreaterThan(120);
    expect(Math.max(...delays)).toBeLessThanOrEqual(5);
  });

  it("uploads to the store itself, and signs for the public host where attachments are public", () => {
    const planned = (args: Partial<ChatwootArgs>) => planChatwoot({ ...CHATWOOT, ...args }, fakeEstate().context).app;
    const closed = planned({});
    expect(closed.configMap.entries.STORAGE_ENDPOINT).toBe("http://10.0.0.134:9000");
    expect(closed.configMap.entries).not.toHaveProperty("STORAGE_PUBLIC_ENDPOINT");
    const open = planned({ publicAttachments: true });
    expect(open.configMap.entries).toMatchObject({
      STORAGE_ENDPOINT: "http://10.0.0.134:9000",
      STORAGE_PUBLIC_ENDPOINT: "https://files.keybuzz.io",
    });
    expect(open.files.map(({ path }) => path)).toContain("/app/config/initializers/public_attachments.rb");
  });

  it("reaches the mail servers of its inboxes, and no others", () => {
    const ports = (args: Partial<ChatwootArgs>) => {
      const { context, topology } = fakeEstate();
      planChatwoot({ ...CHATWOOT, ...args }, context);
      const out = topology.flows.filter(({ to }) => to.provider.kind === "internet");
      return out.map(({ from, to }) => `${from.kind === "pods" ? from.app : ""} ${to.port}`).sort();
    };
    expect(ports({})).toEqual(["chatwoot-web 443", "chatwoot-worker 443"]);
    expect(ports({ mailboxPorts: [993, 587] })).toEqual([
      ...["chatwoot-web 443", "chatwoot-web 587", "chatwoot-web 993"],
      ...["chatwoot-worker 443", "chatwoot-worker 587", "chatwoot-worker 993"],
    ]);
  });

  it("lets nobody sign up by himself, unless it is said", () => {
    const signUp = (args: Partial<ChatwootArgs>) =>
      planChatwoot({ ...CHATWOOT, ...args }, fakeEstate().context).app.configMap.entries.ENABLE_ACCOUNT_SIGNUP;
    expect([{}, { signUp: "on" }, { signUp: "apiOnly" }].map((args) => signUp(args as Partial<ChatwootArgs>))).toEqual([
      "false",
      "true",
      "api_only",
    ]);
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
      "chatwoot/chatwoot-first-account -> lb/leader",
      "chatwoot/chatwoot-first-account -> lb/redis",
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

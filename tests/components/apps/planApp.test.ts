import { SecretLedger } from "../../../components/secrets/secretLedger";
import type { AppArgs } from "../../../components/apps/appArgs";
import type { DeploymentArgs } from "../../../components/apps/processArgs";
import type { AppPlan } from "../../../components/apps/appPlan";
import { planApp } from "../../../components/apps/planApp";
import { secretChecksum } from "../../../components/apps/checksum";
import { parseImage } from "../../../components/apps/imageRef";
import { NGINX_RUNTIME } from "../../../components/apps/images";
import { MistakesError, type Mistake } from "../../../components/mistakes";
import { httpProbes } from "../../../components/apps/probe";
import { parseQuantity } from "../../../components/apps/quantity";
import { renderApp } from "../../../components/apps/renderApp";

const RESOURCES = { cpu: { request: "100m", limit: "1" }, memory: { request: "128Mi", limit: "256Mi" } };

function processArgs(change: Partial<DeploymentArgs> = {}): DeploymentArgs {
  return {
    name: "shop-web",
    ports: { http: 8080 },
    scale: 2,
    probes: httpProbes({ port: "http", readinessPath: "/ready" }),
    resources: RESOURCES,
    longestRequestSeconds: 30,
    ...change,
  };
}

function appArgs(change: Partial<AppArgs> = {}): AppArgs {
  return {
    name: "shop",
    namespace: "shop",
    image: "registry.example.org:5000/shop:1.2.3",
    runtime: NGINX_RUNTIME,
    config: { env: { MODE: "production" } },
    processes: [processArgs()],
    ...change,
  };
}

const plan = (change: Partial<AppArgs> = {}): AppPlan => planApp(appArgs(change), new SecretLedger());
const planProcess = (change: Partial<DeploymentArgs>): AppPlan => plan({ processes: [processArgs(change)] });

function mistakesOf(make: () => unknown): readonly Mistake[] {
  try {
    make();
  } catch (error) {
    if (error instanceof MistakesError) return error.mistakes;
    throw error;
  }
  return [];
}

function pathsOf(make: () => unknown): readonly string[] {
  return mistakesOf(make).map(({ path }) => path);
}

describe("a plan", () => {
  it("is free of mistakes to begin with", () => {
    expect(mistakesOf(plan)).toEqual([]);
  });

  it("derives what was left out", () => {
    const [web] = plan().processes;
    expect(web).toMatchObject({
      drainSeconds: 10,
      gracePeriodSeconds: 55,
      maxUnavailable: 1,
      rollout: "rolling",
      minReplicas: 2,
    });
  });

  it("gives a single pod no budget, which would block every drain", () => {
    const [rendered] = renderApp(planProcess({ scale: 1 })).processes;
    expect(rendered?.disruptionBudget).toBeUndefined();
  });

  it("separates secrets from settings, in files as in variables", () => {
    const secrets = new SecretLedger();
    const token = secrets.generated("shop/token");
    const planned = planApp(
      appArgs({
        config: {
          env: { MODE: "production", URL: `https://x:${token}@y` },
          files: { "/etc/shop/a.yaml": "a: 1", "/etc/shop/b": token },
        },
      }),
      secrets,
    );
    const { configMaps, secrets: rendered, processes } = renderApp(planned);
    expect(configMaps.map(({ metadata, data }) => [metadata.name, Object.keys(data)])).toEqual([
      ["shop-config", ["MODE"]],
      ["shop-files", ["etc-shop-a.yaml"]],
    ]);
    expect(rendered.map(({ metadata, stringData }) => [metadata.name, Object.keys(stringData)])).toEqual([
      ["shop-secrets", ["URL"]],
      ["shop-secret-files", ["etc-shop-b"]],
    ]);
    expect(processes[0]?.workload.spec.template.spec.volumes).toContainEqual({
      name: "secret-files",
      secret: { secretName: "shop-secret-files", defaultMode: 0o440 },
    });
  });

  it("names no ConfigMap and no Secret that would be empty", () => {
    const rendered = renderApp(plan({ config: { env: {} } }));
    expect([rendered.configMaps, rendered.secrets]).toEqual([[], []]);
    expect(JSON.stringify(rendered)).not.toContain("envFrom");
  });

  it("keeps a migration's own secrets in a Secret of their own, which only it reads", () => {
    const secrets = new SecretLedger();
    const url = `postgres://${secrets.generated("shop/db")}`;
    const migration = {
      name: "shop-migrate",
      command: ["migrate"],
      env: { URL: url, MODE: "x" },
      timeoutSeconds: 60,
      resources: RESOURCES,
    };
    const { migration: job, processes } = renderApp(planApp(appArgs({ migration }), secrets));
    const [container] = job?.spec.template.spec.containers ?? [];
    expect(container?.envFrom).toEqual([
      { configMapRef: { name: "shop-config" } },
      { secretRef: { name: "shop-migrate-secrets" } },
    ]);
    expect(container?.env).toEqual([{ name: "MODE", value: "x" }]);
    expect(JSON.stringify(processes)).not.toContain("shop-migrate-secrets");
  });

  it("has the same checksum whatever the order of its variables", () => {
    const annotations = (env: Record<string, string>) =>
      renderApp(plan({ config: { env } })).processes[0]?.workload.spec.template.metadata.annotations;
    expect(annotations({ A: "1", B: "2" })).toEqual(annotations({ B: "2", A: "1" }));
    expect(annotations({ A: "1", B: "2" })).not.toEqual(annotations({ A: "1", B: "3" }));
  });
});

describe("mistakes", () => {
  it("come all at once, each with path, value, what is allowed and a fix", () => {
    const make = () =>
      plan({
        image: "nginx",
        runtime: { ...NGINX_RUNTIME, uid: 0 },
        processes: [processArgs({ scale: 0, probes: httpProbes({ port: "web", readinessPath: "ready" }) })],
      });
    const found = mistakesOf(make);
    expect(found.map(({ path }) => path)).toEqual([
      "shop.image",
      "shop.runtime.uid",
      "shop.processes.shop-web.scale",
      ...["startup", "readiness", "liveness"].flatMap((kind) => [
        `shop.processes.shop-web.probes.${kind}.port`,
        `shop.processes.shop-web.probes.${kind}.path`,
      ]),
    ]);
    for (const { found: text, allowed, fix } of found)
      expect([text, allowed, fix].map((one) => one.length > 0)).toEqual([true, true, true]);
    expect(make).toThrow(
      /application "shop" has 9 mistakes:\n {2}shop\.image: found "nginx"; allowed: .*; fix: .*1\.2\.3/,
    );
  });

  it.each(["nginx", "nginx:latest", "registry:5000/nginx", "Nginx:1", "nginx:1@sha256:12", ""])(
    "refuse the image %p",
    (image) => {
      expect(pathsOf(() => plan({ image }))).toEqual(["shop.image"]);
    },
  );

  it.each([
    "nginx:1.29.3-alpine",
    "registry:5000/a/b:1",
    `nginx@sha256:${"0".repeat(64)}`,
    `nginx:latest@sha256:${"a".repeat(64)}`,
  ])("accept the image %p", (image) => {
    expect(pathsOf(() => plan({ image }))).toEqual([]);
  });

  it("tell a limit that is missing from one that is too low", () => {
    const holes = { cpu: { request: "100m", limit: "" }, memory: { request: "1Gi", limit: "512Mi" } };
    expect(mistakesOf(() => planProcess({ resources: holes }))).toMatchObject([
      { path: "shop.processes.shop-web.resources.cpu.limit", found: "nothing" },
      { path: "shop.processes.shop-web.resources.memory", found: 'request "1Gi" above limit "512Mi"' },
    ]);
  });

  it.each([
    [{ maxUnavailable: 2 }, "maxUnavailable"],
    [{ maxUnavailable: 0 }, "maxUnavailable"],
    [{ scale: 1, maxUnavailable: 1 }, "maxUnavailable"],
    [{ scale: { min: 4, max: 3, cpuPercent: 70 } }, "scale.max"],
    [{ scale: { min: 2, max: 3, cpuPercent: 0 } }, "scale.cpuPercent"],
    [{ rollout: "recreate" as const }, "rollout"],
    [{ gracePeriodSeconds: 39 }, "gracePeriodSeconds"],
    [{ ports: { http: 0 } }, "ports.http"],
    [{ ports: { http: 80, other: 80 } }, "ports.other"],
  ])("find %j at %s", (change: Partial<DeploymentArgs>, path) => {
    expect(pathsOf(() => planProcess(change))).toEqual([`shop.processes.shop-web.${path}`]);
  });

  it.each([
    { maxUnavailable: 1 },
    { gracePeriodSeconds: 40 },
    { scale: { min: 2, max: 2, cpuPercent: 100 } },
    { scale: 1, rollout: "recreate" as const },
  ])("leave %j alone", (change: Partial<DeploymentArgs>) => {
    expect(pathsOf(() => planProcess(change))).toEqual([]);
  });

  it("find a probe that outlives its period", () => {
    const probes = httpProbes({ port: "http", readinessPath: "/" });
    const slow = { ...probes, readiness: { ...probes.readiness, timeoutSeconds: probes.readiness.periodSeconds + 1 } };
    expect(pathsOf(() => planProcess({ probes: slow }))).toEqual([
      "shop.processes.shop-web.probes.readiness.timeoutSeconds",
    ]);
  });

  it.each([
    ["DB_PASSWORD", "hunter2"],
    ["API_TOKEN", "abc"],
    ["ENCRYPTION_KEY", "abc"],
    ["DATABASE_URL", "postgres://shop:hunter2@db/shop"],
  ])("find the plain secret in %s, and do not repeat it", (name, value) => {
    const make = () => plan({ config: { env: { [name]: value } } });
    expect(pathsOf(make)).toEqual([`shop.config.env.${name}`]);
    expect(mistakesOf(make).some((mistake) => JSON.stringify(mistake).includes(value))).toBe(false);
  });

  it.each([
    ["PASSWORD_MIN_LENGTH", "12"],
    ["STORAGE_ACCESS_KEY", "shop"],
    ["DB_PASSWORD", "<<secret:shop/db>>"],
    ["DATABASE_URL", "postgres://db:5432/shop"],
  ])("take %s=%s for no plain secret", (name, value) => {
    expect(pathsOf(() => plan({ config: { env: { [name]: value } } }))).toEqual([]);
  });

  it("find a secret that would stand readable in the Deployment", () => {
    expect(pathsOf(() => planProcess({ env: { A: "<<secret:shop/a>>" } }))).toEqual(["shop.processes.shop-web.env.A"]);
  });

  it("find processes of one name, and none at all", () => {
    expect(pathsOf(() => plan({ processes: [processArgs(), processArgs()] }))).toEqual(["shop.processes"]);
    expect(pathsOf(() => plan({ processes: [] }))).toEqual(["shop.processes"]);
  });
});

describe("parts", () => {
  it("take an image apart", () => {
    expect(parseImage("registry:5000/a/b:1.0")).toEqual({ repository: "registry:5000/a/b", tag: "1.0" });
    expect(parseImage("a b")).toBeUndefined();
  });

  it.each([
    ["250m", 0.25],
    ["1", 1],
    ["1.5Gi", 1.5 * 2 ** 30],
    ["1e3", undefined],
    ["-1", undefined],
    ["1 Gi", undefined],
  ])("read the quantity %p", (text, amount) => {
    expect(parseQuantity(text)).toBe(amount);
  });

  it("make checksums that follow key and value, and hold neither", () => {
    const checksum = secretChecksum("k".repeat(32), { PASSWORD: "hunter2" });
    expect(checksum).toMatch(/^[0-9a-f]{16}$/);
    expect(secretChecksum("k".repeat(32), { PASSWORD: "hunter3" })).not.toBe(checksum);
    expect(secretChecksum("l".repeat(32), { PASSWORD: "hunter2" })).not.toBe(checksum);
  });
});

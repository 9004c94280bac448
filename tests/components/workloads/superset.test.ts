import { renderApp } from "../../../components/apps/renderApp";
import { interpret, itWith } from "./interpreted";
import { planOf } from "./prodWorkloads";

/** Of the packages that its image has, as much as the configuration takes from them. */
const MODULES = {
  "redis.py": "class Redis:\n    @staticmethod\n    def from_url(url): return url\n",
  "cachelib.py": "",
  "celery.py": "",
};
const PRELUDE = `
import sys, types, json, redis
cache = types.ModuleType("cachelib.redis"); cache.RedisCache = lambda **kept: kept
times = types.ModuleType("celery.schedules"); times.crontab = lambda **kept: kept
sys.modules.update({"cachelib.redis": cache, "celery.schedules": times})
`;
const REPORT = `
print(json.dumps({"results": RESULTS_BACKEND, "beat": CELERY_CONFIG.beat_schedule, "imports": CELERY_CONFIG.imports}))
`;

describe("Superset", () => {
  it("has one scheduler, ever, and prepares its tables first", () => {
    const { processes, migration } = renderApp(planOf("superset"));
    const { workload } = processes.find(({ name }) => name === "superset-beat") ?? {};
    expect(workload?.spec).toMatchObject({ replicas: 1, strategy: { type: "Recreate" } });
    expect(migration?.spec.template.spec.containers[0]?.command?.[2]).toMatch(
      /^superset db upgrade && superset init && python /,
    );
  });

  itWith("python3")("keeps Superset's own schedule, and a place for the answers of asynchronous queries", () => {
    const { content = "" } = planOf("superset").files.find(({ path }) => path.endsWith("superset_config.py")) ?? {};
    const env = {
      SUPERSET_SECRET_KEY: "key",
      DATABASE_URL: "postgresql+psycopg2://superset",
      CELERY_BROKER_URL: "redis://10.0.0.10:6379/1",
      CACHE_REDIS_URL: "redis://10.0.0.10:6379/2",
    };
    const { status, said } = interpret("python3", `${PRELUDE}${content}${REPORT}`, { modules: MODULES, env });
    expect({ status, said }).toMatchObject({ status: 0 });
    expect(JSON.parse(said)).toEqual({
      results: { host: env.CACHE_REDIS_URL, default_timeout: 86400, key_prefix: "superset_results_" },
      beat: {
        "reports.scheduler": {
          task: "reports.scheduler",
          schedule: { minute: "*", hour: "*" },
          options: { expires: 604800 },
        },
        "reports.prune_log": { task: "reports.prune_log", schedule: { minute: 0, hour: 0 } },
      },
      imports: ["superset.sql_lab", "superset.tasks.scheduler", "superset.tasks.thumbnails", "superset.tasks.cache"],
    });
  });

  it("restarts nothing because Redis does not answer", () => {
    for (const { name, workload } of renderApp(planOf("superset")).processes) {
      const [container] = workload.spec.template.spec.containers;
      const probes = [container?.startupProbe, container?.livenessProbe];
      expect([name, ...probes.map((probe) => JSON.stringify(probe).includes("inspect ping"))]).toEqual([
        name,
        false,
        false,
      ]);
    }
    const worker = renderApp(planOf("superset")).processes.find(({ name }) => name === "superset-worker");
    expect(JSON.stringify(worker?.workload.spec.template.spec.containers[0]?.readinessProbe)).toContain("inspect ping");
  });

  it("has no secret in its files or commands", () => {
    const plan = planOf("superset");
    expect(plan.files.map(({ secret }) => secret)).toEqual([false, false]);
    expect(Object.keys(plan.secret.entries)).toEqual([
      "CACHE_REDIS_URL",
      "CELERY_BROKER_URL",
      "DATABASE_URL",
      "SUPERSET_ADMIN_PASSWORD",
      "SUPERSET_SECRET_KEY",
    ]);
  });
});

import { renderApp } from "../../../components/apps/renderApp";
import { planOf } from "./prodWorkloads";

describe("Superset", () => {
  it("has one scheduler, ever, and prepares its tables first", () => {
    const { processes, migration } = renderApp(planOf("superset"));
    const { workload } = processes.find(({ name }) => name === "superset-beat") ?? {};
    expect(workload?.spec).toMatchObject({ replicas: 1, strategy: { type: "Recreate" } });
    expect(migration?.spec.template.spec.containers[0]?.command?.[2]).toMatch(
      /^superset db upgrade && superset init && python /,
    );
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

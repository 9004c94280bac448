import { planOf } from "./prodWorkloads";

describe("LiteLLM", () => {
  it("migrates in its Job alone", () => {
    const plan = planOf("llm-proxy");
    expect(plan.configMap.entries.DISABLE_SCHEMA_UPDATE).toBe("true");
    expect(plan.migration?.env.DISABLE_SCHEMA_UPDATE).toBe("false");
  });

  it("asks neither probe for /health", () => {
    const probes = planOf("llm-proxy").processes.flatMap((process) =>
      process.probes === "exit" ? [] : [process.probes.startup, process.probes.readiness, process.probes.liveness],
    );
    const paths = probes.map(({ check }) => (check.kind === "http" ? check.path : check.kind));
    expect(paths.sort()).toEqual(["/health/liveliness", "/health/liveliness", "/health/readiness"]);
  });
});

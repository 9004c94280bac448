import { renderApp } from "../../../components/apps/renderApp";
import { REDIS_INDEX } from "../../../components/workloads/redisIndexes";
import { planOf, prod } from "./prodWorkloads";

describe("n8n", () => {
  it("has one main process, ever", () => {
    const { workload } = renderApp(planOf("n8n")).processes.find(({ name }) => name === "n8n-main") ?? {};
    expect(workload?.spec).toMatchObject({ replicas: 1, strategy: { type: "Recreate" } });
  });

  it("sends each path to the process that serves it", () => {
    const routes = prod()
      .exposed.filter(({ host }) => host === "n8n.keybuzz.io")
      .map(({ backend, routes }) => [backend.id, routes.map(({ kind, path }) => `${kind} ${path}`)]);
    expect(routes).toEqual([
      [
        "n8n/main",
        [
          "http /",
          "websocket /rest/push",
          "websocket /chat",
          "upload /webhook-test",
          "upload /form-test",
          "sse /mcp-test",
        ],
      ],
      ["n8n/webhook", ["upload /webhook", "upload /webhook-waiting", "upload /form", "upload /form-waiting"]],
      ["n8n/mcp", ["sse /mcp"]],
    ]);
  });

  it("keeps the sessions of MCP servers in one pod, which is a webhook process like the others", () => {
    const container = (name: string) =>
      renderApp(planOf("n8n")).processes.find((process) => process.name === name)?.workload.spec;
    expect(container("n8n-webhook-mcp")).toMatchObject({ replicas: 1 });
    expect(container("n8n-webhook-mcp")?.template.spec.containers[0]?.args).toEqual(["webhook"]);
    expect(container("n8n-webhook")?.template.spec.containers[0]?.args).toEqual(["webhook"]);
  });

  it("migrates in one pod, by a command that ends, with the same database", () => {
    const [container] = renderApp(planOf("n8n")).migration?.spec.template.spec.containers ?? [];
    expect(container?.command).toEqual(["n8n", "list:workflow", "--active=true", "--onlyId"]);
    expect(container?.envFrom).toEqual([
      { configMapRef: { name: "n8n-config" } },
      { secretRef: { name: "n8n-secrets" } },
    ]);
    const flows = prod().flows();
    expect(flows).toContain("n8n/n8n-migrate -> lb/leader");
    expect(flows).not.toContain("n8n/n8n-migrate -> internet/https");
  });

  it("writes into the Redis database that is reserved for it, with an account of its own", () => {
    const { configMap, secret } = planOf("n8n");
    expect(configMap.entries).toMatchObject({
      QUEUE_BULL_REDIS_DB: String(REDIS_INDEX.n8n),
      QUEUE_BULL_REDIS_USERNAME: "n8n",
    });
    expect(secret.entries).toMatchObject({ QUEUE_BULL_REDIS_PASSWORD: "<<secret:redis/n8n>>" });
  });

  it("lets a worker finish for as long as it says", () => {
    const { workload } = renderApp(planOf("n8n")).processes.find(({ name }) => name === "n8n-worker") ?? {};
    const { containers, terminationGracePeriodSeconds } = workload?.spec.template.spec ?? {};
    expect(containers?.[0]?.env).toContainEqual({ name: "N8N_GRACEFUL_SHUTDOWN_TIMEOUT", value: "300" });
    expect(terminationGracePeriodSeconds).toBeGreaterThan(300);
  });
});

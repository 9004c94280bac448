import { renderApp } from "../../../components/apps/renderApp";
import { planOf, prod } from "./prodWorkloads";

describe("n8n", () => {
  it("has one main process, ever", () => {
    const { workload } = renderApp(planOf("n8n")).processes.find(({ name }) => name === "n8n-main") ?? {};
    expect(workload?.spec).toMatchObject({ replicas: 1, strategy: { type: "Recreate" } });
  });

  it("sends webhooks to the webhook pods and the editor's socket to the main process", () => {
    const routes = prod()
      .exposed.filter(({ host }) => host === "n8n.keybuzz.io")
      .map(({ backend, routes }) => [backend.id, routes.map(({ kind, path }) => `${kind} ${path}`)]);
    expect(routes).toEqual([
      ["n8n/main", ["upload /", "websocket /rest/push"]],
      ["n8n/webhook", ["upload /webhook", "upload /webhook-waiting"]],
    ]);
  });

  it("lets a worker finish for as long as it says", () => {
    const { workload } = renderApp(planOf("n8n")).processes.find(({ name }) => name === "n8n-worker") ?? {};
    const { containers, terminationGracePeriodSeconds } = workload?.spec.template.spec ?? {};
    expect(containers?.[0]?.env).toContainEqual({ name: "N8N_GRACEFUL_SHUTDOWN_TIMEOUT", value: "300" });
    expect(terminationGracePeriodSeconds).toBeGreaterThan(300);
  });
});

import { EXAMPLE_SETTINGS } from "../../stacks/emittedGraph";
import { loadEnvironment } from "../../stacks/loadEnvironment";
import { planEstate } from "../../stacks/plan";
import { registrations } from "../../tools/registrations";
import { predecessors } from "./support/waits";

test("a worker's turn comes after the objects that others wrote, too", async () => {
  const local = loadEnvironment("local");
  const labels = { "app.kubernetes.io/name": "tool" };
  const pods = { metadata: { labels }, spec: { containers: [{ name: "tool", image: "tool:1" }] } };
  const tool = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "tool" },
    spec: { selector: { matchLabels: labels }, template: pods },
  };
  const objects = [{ name: "tool", namespace: "tools", manifests: [tool] }];
  const environment = { ...local, workloads: { ...local.workloads, objects } };
  const all = await registrations(planEstate(environment, EXAMPLE_SETTINGS));
  const urn = (name: string): string => all.find((one) => one.urn.endsWith(`::${name}`))?.urn ?? `no ${name}`;
  const before = predecessors(all)(urn("kubernetes-turn-k3s-worker-01"));
  expect(before).toContain(urn("tool-objects-deployment-tool"));
});

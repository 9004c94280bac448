// In which order a run makes what an environment has beside prod's own: prod's is tests/stacks/waits.test.ts.
import { EXAMPLE_SETTINGS } from "../../stacks/emittedGraph";
import type { AppSpec, WorkloadsSpec } from "../../stacks/environment";
import { planEstate } from "../../stacks/plan";
import { environment as prod } from "../../stacks/prod";
import { registrations, type Registration } from "../../tools/registrations";
import { predecessors } from "../stacks/support/waits";

jest.setTimeout(180_000);

const BILLING: AppSpec = {
  name: "billing",
  image: "billing:1",
  needs: { vault: { files: [{ name: "stripe.env", secret: "stripe", as: "env" }] } },
  migration: { command: ["migrate"] },
  processes: [{ kind: "worker", health: { kind: "exit" }, scale: 2 }],
};

const named = (apiVersion: string, kind: string) => ({ apiVersion, kind, metadata: { name: "guard" } });
/** Of a chart, whose pods judge what others write. */
const GUARD: NonNullable<WorkloadsSpec["objects"]>[number] = {
  name: "guard",
  namespace: "guard",
  manifests: [
    named("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration"),
    named("example.org/v1", "Rule"),
    named("apps/v1", "Deployment"),
    named("v1", "ConfigMap"),
    named("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
  ],
};

let all: readonly Registration[] = [];
beforeAll(async () => {
  const { workloads } = prod;
  const added = { apps: [...(workloads.apps ?? []), BILLING], objects: [GUARD] };
  const environment = { ...prod, workloads: { ...workloads, ...added } };
  all = await registrations(planEstate(environment, EXAMPLE_SETTINGS));
});
const urn = (name: string): string => all.find((one) => one.urn.endsWith(`::${name}`))?.urn ?? `no ${name}`;

test("pods with secrets from Vault come after the webhook that puts the agent into them", () => {
  const before = predecessors(all);
  for (const name of ["billing-migration", "billing-worker-deployment"])
    expect([name, before(urn(name)).has(urn("vault-webhook"))]).toEqual([name, true]);
});

test("of objects that others wrote, what the API asks comes after the pods that answer, and these after what they need", () => {
  const before = predecessors(all);
  const kinds = ["customresourcedefinition", "rule", "configmap", "deployment", "validatingwebhookconfiguration"];
  const objects = kinds.map((kind) => urn(`guard-objects-${kind}-guard`));
  const earlier = (one: string): readonly string[] => kinds.filter((_kind, i) => before(one).has(objects[i] ?? ""));
  expect(objects.map(earlier)).toEqual([
    [],
    kinds.slice(0, 1),
    kinds.slice(0, 1),
    kinds.slice(0, 3),
    kinds.slice(0, 4),
  ]);
});

// In which order a run makes what an environment has beside prod's own: prod's is tests/stacks/waits.test.ts.
import { EXAMPLE_SETTINGS } from "../../stacks/emittedGraph";
import type { AppSpec } from "../../stacks/environment";
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

let all: readonly Registration[] = [];
beforeAll(async () => {
  const { workloads } = prod;
  const environment = { ...prod, workloads: { ...workloads, apps: [...(workloads.apps ?? []), BILLING] } };
  all = await registrations(planEstate(environment, EXAMPLE_SETTINGS));
});
const urn = (name: string): string => all.find((one) => one.urn.endsWith(`::${name}`))?.urn ?? `no ${name}`;

test("pods with secrets from Vault come after the webhook that puts the agent into them", () => {
  const before = predecessors(all);
  for (const name of ["billing-migration", "billing-worker-deployment"])
    expect([name, before(urn(name)).has(urn("vault-webhook"))]).toEqual([name, true]);
});

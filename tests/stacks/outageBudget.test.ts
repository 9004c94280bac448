import { declaration } from "../../stacks/declaration";
import { EXAMPLE_SETTINGS } from "../../stacks/emittedGraph";
import { environmentSchema } from "../../stacks/environment";
import { planEstate } from "../../stacks/plan";
import { environment as staging } from "../../stacks/staging";

function declared(environment: typeof staging): Readonly<Record<string, number>> | undefined {
  const plan = planEstate(environment, EXAMPLE_SETTINGS);
  return declaration({ ...plan, routes: plan.services.ingress.routes() }).outageBudget;
}

test("what an environment allows is declared, for whoever judges its changes", () => {
  expect(declared({ ...staging, outageBudget: { postgres: 14 } })).toEqual({ postgres: 14 });
  expect(declared(staging)).toBeUndefined();
});

test.each([{ haproxy: 1 }, { postgres: 0 }, { postgres: "long" }])("%j is no budget", (outageBudget) => {
  expect(environmentSchema.safeParse({ ...staging, outageBudget }).success).toBe(false);
});

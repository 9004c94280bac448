import { emittedGraph, EXAMPLE_SETTINGS } from "../../stacks/emittedGraph";
import { planEstate } from "../../stacks/plan";
import { verify } from "../../verifier/verify";
import { prodWith } from "./support/page";

jest.setTimeout(60_000);

const alone = prodWith([
  { name: "alone", image: "alone:1", processes: [{ kind: "worker", health: { kind: "exit" }, scale: 2 }] },
]);

test("an application that asks for nothing has a namespace, in which everything is closed", async () => {
  const { namespaces, networkPolicies } = planEstate(alone, EXAMPLE_SETTINGS);
  expect(namespaces.map(({ name }) => name)).toContain("alone");
  const own = networkPolicies.filter(({ metadata }) => metadata.namespace === "alone");
  expect(own.length).toBeGreaterThan(0);
  expect(JSON.stringify(own)).not.toContain("0.0.0.0/0");
  expect(verify(await emittedGraph(alone, EXAMPLE_SETTINGS)).findings).toEqual([]);
});

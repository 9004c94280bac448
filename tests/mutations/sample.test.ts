// Rules, services, policies and timeouts of prod, removed or altered, one at a time: 150 of them, or all.
import { mutations } from "../../verifier/mutations/mutationList";
import { REQUIRED_SHARE, runMutations, sample, shareCaught } from "../../verifier/mutations/mutationRun";
import { prodGraph } from "../support/emitted";
import { WHOLE } from "../support/whole";

const SEED = 20260301;
const LIMIT_MS = 300_000;

test(
  "with every kind of mutation: at least 98 % of those with an effect are caught",
  () => {
    const graph = prodGraph();
    const all = mutations(graph);
    const count = WHOLE ? all.length : 150;
    const chosen = sample(all, count, SEED);
    expect(new Set(chosen.map(({ name }) => name)).size).toBe(count);
    expect(new Set(chosen.map(({ kind }) => kind))).toEqual(new Set(all.map(({ kind }) => kind)));
    const result = runMutations(graph, chosen);
    // What is known to have no effect is a small part, each with its reason.
    for (const { harmless } of result.harmless) expect(harmless).toMatch(/\w+ \w+/);
    expect(result.harmless.length).toBeLessThan(count / 4);
    // Names, so that a failure says which.
    expect(shareCaught(result) < REQUIRED_SHARE ? result.missed.map(({ name }) => name) : []).toEqual([]);
    expect(result.caught.length).toBeGreaterThan(count / 2);
  },
  LIMIT_MS,
);

test("the same seed picks the same ones, another seed others", () => {
  const all = mutations(prodGraph());
  const names = (seed: number): readonly string[] => sample(all, 20, seed).map(({ name }) => name);
  expect(names(1)).toEqual(names(1));
  expect(names(1)).not.toEqual(names(2));
});

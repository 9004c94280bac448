// Rules, services, policies and timeouts of prod, removed or altered, one at a time. Whole: npm run test:mutations.
import { mutations } from "../../verifier/mutations/mutationList";
import { REQUIRED_SHARE, runMutations, sample, shareCaught } from "../../verifier/mutations/mutationRun";
import { prodGraph } from "../support/emitted";

const COUNT = 150;
const SEED = 20260301;
const LIMIT_MS = 300_000;

test(
  "a sample with every kind of mutation: at least 98 % of those with an effect are caught",
  () => {
    const graph = prodGraph();
    const all = mutations(graph);
    const chosen = sample(all, COUNT, SEED);
    expect(new Set(chosen.map(({ name }) => name)).size).toBe(COUNT);
    expect(new Set(chosen.map(({ kind }) => kind))).toEqual(new Set(all.map(({ kind }) => kind)));
    const result = runMutations(graph, chosen);
    // What is known to have no effect is a small part, each with its reason.
    for (const { harmless } of result.harmless) expect(harmless).toMatch(/\w+ \w+/);
    expect(result.harmless.length).toBeLessThan(COUNT / 4);
    // Names, so that a failure says which.
    expect(shareCaught(result) < REQUIRED_SHARE ? result.missed.map(({ name }) => name) : []).toEqual([]);
    expect(result.caught.length).toBeGreaterThan(COUNT / 2);
  },
  LIMIT_MS,
);

test("the same seed picks the same ones, another seed others", () => {
  const all = mutations(prodGraph());
  const names = (seed: number): readonly string[] => sample(all, 20, seed).map(({ name }) => name);
  expect(names(1)).toEqual(names(1));
  expect(names(1)).not.toEqual(names(2));
});

// The same stack behind the Gateway API: what can be done to its Gateway, its NodePort and its HTTPRoutes.
import { concernsGateway } from "../../verifier/mutations/gatewayMutations";
import { mutations } from "../../verifier/mutations/mutationList";
import { runMutations, sample } from "../../verifier/mutations/mutationRun";
import { prodThroughGateway } from "../support/emitted";
import { WHOLE } from "../support/whole";

const SEED = 20260301;
const LIMIT_MS = 300_000;

test(
  "each, with every kind of them, is caught, or known to change nothing",
  () => {
    const graph = prodThroughGateway();
    const entry = mutations(graph).filter(concernsGateway);
    const count = WHOLE ? entry.length : 90;
    const chosen = sample(entry, count, SEED);
    expect(new Set(chosen.map(({ kind }) => kind))).toEqual(new Set(entry.map(({ kind }) => kind)));
    const { missed, caught, harmless } = runMutations(graph, chosen);
    expect(missed.map(({ name }) => name)).toEqual([]);
    for (const one of harmless) expect(one.harmless).toMatch(/\w+ \w+/);
    expect(caught.length).toBeGreaterThan((count * 4) / 5);
  },
  LIMIT_MS,
);

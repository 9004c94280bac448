// What routes ask for beside being passed on, removed or altered, one at a time.
import { mutations } from "../../verifier/mutations/mutationList";
import { runMutations, sample } from "../../verifier/mutations/mutationRun";
import { prodWith, writtenApps } from "../apps/support/page";
import { emitted } from "../support/emitted";
import { WHOLE } from "../support/whole";

const SEED = 20260301;
const LIMIT_MS = 300_000;
const NAMES = ["reports", "sso", "board", "gateway", "widget", "portal", "pricing"];
const CONCERNS = new RegExp(
  `(:Ingress |:Secret |:ConfigMap )((${NAMES.join("|")})-|ingress-nginx-config: data\\.(annotations|global))`,
);

test(
  "each is caught, or known to change nothing",
  () => {
    const graph = emitted(prodWith(writtenApps().flatMap(({ app }) => (NAMES.includes(app.name) ? [app] : []))));
    const all = mutations(graph).filter(({ name }) => CONCERNS.test(name));
    const options = all.filter(({ name }) =>
      /auth|rewrite|redirect|limit-|cors|affinity|cookie|headers|canary|regex|pathType|users|risk/.test(name),
    );
    expect(options.length).toBeGreaterThan(45);
    const { missed, harmless } = runMutations(graph, WHOLE ? all : sample(options, 25, SEED));
    expect(missed.map(({ name }) => name)).toEqual([]);
    for (const one of harmless) expect(one.harmless).toMatch(/\w+ \w+/);
  },
  LIMIT_MS,
);

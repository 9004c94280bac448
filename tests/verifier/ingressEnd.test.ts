import { mutations } from "../../verifier/mutations/mutationList";
import { runMutations } from "../../verifier/mutations/mutationRun";
import { withInput } from "../../verifier/mutations/graphEdits";
import { verify } from "../../verifier/verify";
import { prodGraph } from "../support/emitted";

const prod = prodGraph();
const DAEMONS = "ingress-nginx-controller";
const CONFIG = "ingress-nginx-config";
const POD = ["spec", "template", "spec"] as const;

function found(name: string, path: readonly (string | number)[], value: unknown) {
  return verify(withInput(name, path, value)(prod)).findings.map(({ rule, value: words }) => `${rule}: ${words}`);
}

test("an ingress pod may end without failing a connection: what prod emits", () => {
  expect(verify(prod).findings).toEqual([]);
});

test("times that do not fit are told in seconds", () => {
  expect(found(DAEMONS, [...POD, "terminationGracePeriodSeconds"], 280)).toEqual([
    "terminationGracePeriodSeconds: 280 s, but it takes requests for 30 s more, ends them within 240 s, and waits 10 s",
  ]);
  expect(found(DAEMONS, [...POD, "terminationGracePeriodSeconds"], 281)).toEqual([]);
  const [unready] = found(DAEMONS, [...POD, "containers", 0, "readinessProbe", "failureThreshold"], 2);
  expect(unready).toContain(
    "may count as not ready after 10 s, which closes the NodePort, and lb-keybuzz-1 may take 11 s",
  );
});

test.each([
  [["data", "add-headers"], undefined, "add-headers: nothing: no ConfigMap of the stack"],
  [
    ["data", "proxy-cookie-path"],
    '/ "/; HttpOnly"',
    'proxy-cookie-path: / "/; HttpOnly": a cookie goes out in the clear',
  ],
] as const)("browsers come back by HTTPS alone, and cookies too: %j", (path, value, words) => {
  expect(found(CONFIG, path, value).join("\n")).toContain(words);
});

test("a header that lasts for a day is none", () => {
  expect(found("ingress-nginx-headers", ["data", "Strict-Transport-Security"], "max-age=86400").join()).toContain(
    "Strict-Transport-Security: max-age=86400: a browser that is given a http:// address",
  );
});

test("what can be done to it is among the mutations, and caught", () => {
  const chosen = mutations(prod).filter(
    ({ name }) =>
      name.includes(`${DAEMONS}:`) ||
      /ingress-nginx-headers: |data\.(http-snippet|add-headers|proxy-cookie-path)|healthCheck\.(http\.domain|interval)|5\?\?/.test(
        name,
      ),
  );
  expect(chosen.length).toBeGreaterThanOrEqual(16);
  expect(runMutations(prod, chosen).missed.map(({ name }) => name)).toEqual([]);
});

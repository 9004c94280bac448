import { checkClaimed } from "../../verifier/ask/claimed";
import { withInput, without } from "../../verifier/mutations/graphEdits";
import type { EmittedGraph } from "../../verifier/read/graph";
import { buildWorld } from "../../verifier/read/world";
import { prodGraph } from "../support/emitted";

const prod = prodGraph();
const found = (graph: EmittedGraph): readonly string[] =>
  checkClaimed(graph, buildWorld(graph)).map(({ subject, value }) => `${subject}: ${value}`);
const JOB = "n8n-first-account";
const EDITOR = "n8n-main-n8n-keybuzz-io";

/** As an engine tells it: who has which URN, and what waits for what. */
const ordered = (graph: EmittedGraph, waitsFor: readonly string[]): EmittedGraph => ({
  resources: graph.resources.map((one) => ({
    ...one,
    urn: `urn:${one.name}`,
    dependencies: one.type.endsWith(":Ingress") ? waitsFor.map((name) => `urn:${name}`) : [],
  })),
});

test("applications that belong to their first visitor are claimed before anybody comes", () => {
  expect(found(prod)).toEqual([]);
});

test("one on the internet without a first account is found, by every route to it", () => {
  const findings = found(without(({ name }) => name === JOB)(prod));
  expect(findings).toContain("n8n.keybuzz.io/ -> n8n/n8n-main: whoever comes first becomes n8n's owner");
  expect(findings.every((one) => one.startsWith("n8n.keybuzz.io/"))).toBe(true);
  const chatwoot = found(without(({ name }) => name === "chatwoot-first-account")(prod));
  expect(chatwoot[0]).toContain("whoever comes first becomes Chatwoot's super admin");
});

test("a route that does not wait for the first account is found", () => {
  expect(found(ordered(prod, [JOB, "chatwoot-first-account"]))).toEqual([]);
  expect(found(ordered(prod, ["n8n-main-deployment", "chatwoot-first-account"]))).toContain(
    "n8n.keybuzz.io/ -> n8n/n8n-main: whoever comes first becomes n8n's owner",
  );
});

test("a Job that only has the name is none", () => {
  const annotations = { "pulumi.com/replaceUnready": "true" };
  expect(found(withInput(JOB, ["metadata", "annotations"], annotations)(prod))).not.toEqual([]);
});

test("a route that strangers cannot use may come first", () => {
  const closed = ["metadata", "annotations", "nginx.ingress.kubernetes.io/whitelist-source-range"];
  const unclaimed = without(({ name }) => name === JOB)(prod);
  const findings = found(withInput(EDITOR, closed, "203.0.113.0/24")(unclaimed));
  expect(findings.some((one) => one.startsWith("n8n.keybuzz.io/ ->"))).toBe(false);
});

describe("with", () => {
  const unclaimed = without(({ name }) => name === JOB)(prod);
  const comes = (annotations: Readonly<Record<string, string>>): boolean =>
    found(
      Object.entries(annotations).reduce(
        (graph, [name, value]) =>
          withInput(EDITOR, ["metadata", "annotations", `nginx.ingress.kubernetes.io/${name}`], value)(graph),
        unclaimed,
      ),
    ).some((one) => one.startsWith("n8n.keybuzz.io/ ->"));

  test.each<[what: string, annotations: Readonly<Record<string, string>>, comes: boolean]>([
    ["an audience", { "whitelist-source-range": "203.0.113.0/24, 198.51.100.0/24" }, false],
    ["an audience that is the internet", { "whitelist-source-range": "203.0.113.0/24, 0.0.0.0/0" }, true],
    ["a password", { "auth-type": "basic", "auth-secret": "n8n/users" }, false],
    ["a word that asks for none", { "auth-type": "" }, true],
    ["a login by an application of the estate", { "auth-url": "http://superset-web.superset.svc/oauth2/auth" }, false],
    ["a login by one that is not there", { "auth-url": "http://nobody.superset.svc/oauth2/auth" }, true],
    ["a login by a stranger", { "auth-url": "https://id.example.org/auth" }, true],
  ])("%s", (_, annotations, expected) => {
    expect(comes(annotations)).toBe(expected);
  });
});

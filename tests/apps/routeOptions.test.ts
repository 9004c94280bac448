// What the page's entries ask of the entry beside being passed on: written, and missed where it is not.
import { withInput, without, type Edit } from "../../verifier/mutations/graphEdits";
import { flowLabel, readDeclaration } from "../../verifier/declaration";
import { explain } from "../../verifier/explain";
import type { EmittedGraph } from "../../verifier/read/graph";
import { findingsAfter } from "../incidents/support";
import { emitted } from "../support/emitted";
import { prodWith, writtenApps } from "./support/page";

jest.setTimeout(180_000);

const NAMES = ["reports", "sso", "board", "gateway", "widget", "portal", "pricing"];
const apps = writtenApps().flatMap(({ app }) => (NAMES.includes(app.name) ? [app] : []));
let graph: EmittedGraph;
beforeAll(() => {
  graph = emitted(prodWith(apps));
}, 180_000);

const PREFIX = "nginx.ingress.kubernetes.io/";
const annotation = (ingress: string, name: string, value: unknown): Edit =>
  withInput(ingress, ["metadata", "annotations", `${PREFIX}${name}`], value);
const written = (ingress: string): Readonly<Record<string, string>> => {
  const found = graph.resources.find(({ type, name }) => type.endsWith(":Ingress") && name === ingress);
  const { annotations } = found?.inputs["metadata"] as { annotations: Record<string, string> };
  return Object.fromEntries(Object.entries(annotations).map(([key, value]) => [key.replace(PREFIX, ""), value]));
};
const pathOf = (ingress: string): unknown => {
  const found = graph.resources.find(({ name }) => name === ingress);
  const [rule] = (found?.inputs["spec"] as { rules: { http: { paths: unknown[] } }[] }).rules;
  return rule?.http.paths[0];
};
const config = (name: string, value: unknown): Edit => withInput("ingress-nginx-config", ["data", name], value);

const REPORTS = "reports-reports-keybuzz-io";
const BOARD = "board-board-keybuzz-io";
const API = "gateway-shop-keybuzz-io-api";
const STATUS = "gateway-shop-keybuzz-io-status";
const WWW = "gateway-www-shop-keybuzz-io";
const WIDGET = "widget-widget-keybuzz-io";
const PORTAL = "portal-portal-keybuzz-io";
const PRICING = "pricing-pricing-keybuzz-io";
const CANARY = "pricing-canary-pricing-keybuzz-io";

test("as they are written, in the words of ingress-nginx", () => {
  expect(written(REPORTS)).toMatchObject({ "auth-type": "basic", "auth-secret": `reports/${REPORTS}-users` });
  expect(written(BOARD)).toMatchObject({
    "auth-url": "http://sso.sso.svc.cluster.local:4180/oauth2/auth",
    "auth-signin": "https://sso.keybuzz.io",
  });
  expect(written(API)).toMatchObject({ "rewrite-target": "/v1$1", "use-regex": "true" });
  expect(pathOf(API)).toMatchObject({ path: "/api((?:/(.*))?)$", pathType: "ImplementationSpecific" });
  // At the same host, so a pattern as well.
  expect(written(STATUS)).toEqual({
    "permanent-redirect": "https://status.keybuzz.io",
    "permanent-redirect-code": "308",
    "use-regex": "true",
  });
  expect(written(WWW)).toEqual({ "rewrite-target": "https://shop.keybuzz.io/$1", "use-regex": "true" });
  expect(written(WIDGET)).toMatchObject({
    "limit-rps": "10",
    "enable-cors": "true",
    "cors-allow-origin": "https://*.keybuzz.io",
    "cors-allow-credentials": "false",
  });
  expect(written(PORTAL)).toMatchObject({
    affinity: "cookie",
    "session-cookie-name": "pod",
    "custom-headers": `portal/${PORTAL}-headers`,
  });
  expect(written(CANARY)).toEqual({ canary: "true", "canary-weight": "10" });
  const map = graph.resources.find(({ name }) => name === "ingress-nginx-config");
  expect(map?.inputs["data"]).toMatchObject({
    "annotations-risk-level": "High",
    "global-allowed-response-headers": "X-Frame-Options",
    "limit-req-status-code": "429",
  });
});

test("they are proved, the other version with the same needs", () => {
  expect(findingsAfter(graph)).toEqual([]);
  const flows = readDeclaration(graph)?.flows.map(flowLabel) ?? [];
  expect(flows.filter((flow) => /^nodes -> (sso\/sso|pricing\/pricing-canary):/.test(flow))).toHaveLength(2);
  expect(flows.filter((flow) => flow.startsWith("pricing/pricing-canary -> lb-data:5432"))).toHaveLength(1);
  expect(explain(graph, "the internet", "reports.keybuzz.io")).toContain("with a password (bot, mara)");
  expect(explain(graph, "the internet", "board.keybuzz.io")).toContain("whom sso/sso knows");
  expect(explain(graph, "the internet", "www.shop.keybuzz.io")).toContain(
    "sent to https://shop.keybuzz.io and what is",
  );
});

type Case = readonly [what: string, edits: readonly Edit[], question: string, rule: string, value: RegExp];
const CASES: readonly Case[] = [
  ["a password that is not asked for", [annotation(REPORTS, "auth-type", undefined)], "closed", "missing: auth-type", /for its users alone/],
  ["users that are not there", [annotation(REPORTS, "auth-secret", "reports/others")], "open", "auth-secret", /there is no Secret reports\/others: nobody comes in/],
  ["users of another namespace", [annotation(REPORTS, "auth-secret", "other/users")], "open", "auth-secret", /in another namespace/],
  ["a login that is not asked for", [annotation(BOARD, "auth-url", undefined)], "closed", "missing: auth-url", /nobody is asked/],
  ["a stranger who is asked", [annotation(BOARD, "auth-url", "http://portal.portal.svc.cluster.local:8080/oauth2/auth")], "closed", "auth-url", /says who comes in, which is not sso\/sso/],
  ["one of the internet who is asked", [annotation(BOARD, "auth-url", "https://id.example.org/auth")], "closed", "auth-url", /is not sso\/sso/],
  ["another question", [annotation(BOARD, "auth-url", "http://sso.sso.svc.cluster.local:4180/ping")], "closed", "auth-url", /\/ping in the place of \/oauth2\/auth/],
  ["a controller that refuses the question", [config("annotations-risk-level", "Medium")], "open", "annotations-risk-level", /refuses an Ingress with auth-url/],
  ["a password that nobody declared", [annotation(PRICING, "auth-type", "basic")], "open", "auth-type", /declared without authentication/],
  ["a password beside a login", [annotation(BOARD, "auth-type", "basic")], "open", "auth-type", /here, too, .* oidc alone/],
  ["a login beside a password", [annotation(REPORTS, "auth-url", "http://sso.sso.svc.cluster.local:4180/oauth2/auth")], "open", "auth-url", /here, too, .* basic alone/],
  ["another path for the application", [annotation(API, "rewrite-target", "/v2$1")], "open", "rewrite", /\/v2, but \/v1 is declared/],
  ["the path unchanged", [annotation(API, "rewrite-target", undefined)], "open", "missing: rewrite", /nothing, but \/v1/],
  ["clients sent elsewhere", [annotation(STATUS, "permanent-redirect", "https://example.org")], "open", "redirect", /https:\/\/example\.org, but https:\/\/status/],
  ["for ever in the place of for now", [annotation(STATUS, "permanent-redirect-code", "302")], "open", "redirect's status", /temporary, but permanent/],
  ["clients not sent at all", [annotation(WWW, "rewrite-target", undefined)], "closed", "missing: a redirect", /requests come to pods/],
  ["no limit", [annotation(WIDGET, "limit-rps", undefined)], "closed", "missing: limit-rps", /nothing, but 10/],
  ["limits of balancers in the place of clients", [config("use-forwarded-headers", "false")], "open", "use-forwarded-headers", /share one client's limits/],
  ["clients without limits", [annotation(WIDGET, "limit-allowlist", "0.0.0.0/0")], "closed", "limit-allowlist", /0\.0\.0\.0\/0, but nothing is declared/],
  ["a limit that is none", [annotation(WIDGET, "limit-burst-multiplier", "1000")], "closed", "limit-burst-multiplier", /how many requests may come at once/],
  ["a limit that nobody declared", [annotation(PORTAL, "limit-rpm", "1")], "open", "limit-rpm", /1, but nothing is declared/],
  ["answers that drip", [annotation(PORTAL, "limit-rate", "1")], "open", "limit-rate", /bytes of an answer/],
  ["everybody's pages", [annotation(WIDGET, "cors-allow-origin", "*")], "closed", "cors-allow-origin", /\*, but https:\/\/\*\.keybuzz\.io/],
  ["with logins", [annotation(WIDGET, "cors-allow-credentials", undefined)], "closed", "cors-allow-credentials", /true, but false/],
  ["no headers", [annotation(PORTAL, "custom-headers", undefined)], "open", "missing: headers of answers", /X-Frame-Options: DENY/],
  ["a header that the controller refuses", [config("global-allowed-response-headers", "X-Other")], "open", "global-allowed-response-headers", /nginx denies the route/],
  ["headers that are not there", [without(({ name }) => name === `${PORTAL}-headers`)], "open", "custom-headers", /there is no ConfigMap/],
  ["any pod", [annotation(PORTAL, "affinity", undefined)], "open", "missing: affinity", /nothing, but cookie/],
  ["another part for the canary", [annotation(CANARY, "canary-weight", "50")], "open", "backends of pricing/pricing", /50 % of the requests, but 90 %/],
  ["nothing for the canary", [without(({ type, name }) => type.endsWith(":Ingress") && name === CANARY)], "open", "backends of pricing/pricing-canary", /0 % of the requests, but 10 %/],
]; // prettier-ignore

test.each(CASES)("%s is found", (_, edits, question, rule, value) => {
  const found = findingsAfter(graph, ...edits).filter((one) => one.rule === rule && one.question === question);
  expect(found.map((one) => one.value)).toEqual([expect.stringMatching(value)]);
});

test("a path that is none beside patterns is not understood", () => {
  const plain = withInput(STATUS, ["spec", "rules", 0, "http", "paths", 0], {
    path: "/status",
    pathType: "Prefix",
    backend: { service: { name: "gateway", port: { number: 8080 } } },
  });
  const values = findingsAfter(graph, plain).map(({ value }) => value);
  expect(values).toContainEqual(expect.stringMatching(/shop\.keybuzz\.io\/status is a pattern there, since Ingress/));
});

test.each([
  ["canary-weight-total", "1000"],
  ["canary-by-header", "X-Beta"],
])("a canary that %s gives to others than was declared is not understood", (name, value) => {
  const values = findingsAfter(graph, annotation(CANARY, name, value)).map((one) => one.value);
  expect(values).toContainEqual(`Ingress pricing/${CANARY}: ${name} of a canary`);
});

test("a canary with a single pod is told, one that nobody may reach, too", () => {
  const alone = withInput("pricing-canary-deployment", ["spec", "replicas"], 1);
  expect(findingsAfter(graph, alone)).toContainEqual(
    expect.objectContaining({ question: "alive", at: "pricing/pricing-canary" }),
  );
  const policies = graph.resources.filter(
    ({ type, inputs }) =>
      type.endsWith(":NetworkPolicy") && JSON.stringify(inputs["spec"]).includes('"pricing-canary"'),
  );
  expect(policies.length).toBeGreaterThan(0);
  const shut = without((one) => policies.some(({ name }) => name === one.name));
  expect(findingsAfter(graph, shut)).toContainEqual(
    expect.objectContaining({ question: "open", subject: expect.stringContaining("pricing/pricing-canary") as string }),
  );
});

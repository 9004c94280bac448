import { Mistakes } from "../../components/mistakes";
import { DELEGATED } from "../../components/network/certificatePlan";
import { EXAMPLE_SETTINGS } from "../../stacks/emittedGraph";
import { judgeEnvironment } from "../../stacks/judgeEnvironment";
import { draftEstate } from "../../stacks/plan";
import { withInput, type Edit } from "../../verifier/mutations/graphEdits";
import { explain } from "../../verifier/explain";
import { findingsAfter, only } from "../incidents/support";
import { emitted } from "../support/emitted";
import { prodWith, writtenApps } from "./support/page";

jest.setTimeout(120_000);

const desk = writtenApps().flatMap(({ app }) => (app.name === "desk" ? [app] : []));
const graph = () => emitted(prodWith(desk));
const OPERATORS = EXAMPLE_SETTINGS.operatorCidrs.join();

const range = (ingress: string, value: unknown): Edit =>
  withInput(ingress, ["metadata", "annotations", "nginx.ingress.kubernetes.io/whitelist-source-range"], value);
const ADMIN = "desk-desk-keybuzz-io-admin";

test("each route has its audience, and the public one none", () => {
  const ranges = graph()
    .resources.filter(({ name }) => name.startsWith("desk-desk-"))
    .map(({ name, inputs }) => [name, (inputs["metadata"] as { annotations: Record<string, string> }).annotations])
    .map(([name, annotations]) => [
      name,
      (annotations as Record<string, string>)["nginx.ingress.kubernetes.io/whitelist-source-range"],
    ]);
  expect(Object.fromEntries(ranges)).toEqual({
    "desk-desk-keybuzz-io": undefined,
    [ADMIN]: OPERATORS,
    "desk-desk-keybuzz-io-hooks": "198.51.100.0/24",
  });
  expect(findingsAfter(graph())).toEqual([]);
  expect(explain(graph(), "the internet", "desk.keybuzz.io/admin")).toContain(`for ${OPERATORS}, silence of 60 s`);
});

test("an admin page that anybody comes to is not proved", () => {
  const found = only(findingsAfter(graph(), range(ADMIN, undefined)), { question: "closed" });
  expect(found).toMatchObject({ subject: "http desk.keybuzz.io/admin", rule: "missing: whitelist-source-range" });
  expect(found.value).toBe(`anybody may come in, but the route is for ${OPERATORS} alone`);
});

test("nor is one that is open to more networks, or to others", () => {
  const wider = findingsAfter(graph(), range(ADMIN, `${OPERATORS}, 192.0.2.0/24`));
  expect(only(wider, { question: "closed" }).value).toMatch(/^192\.0\.2\.0\/24 may come in/);
  const others = findingsAfter(graph(), range(ADMIN, "192.0.2.0/24"));
  expect(only(others, { question: "open" }).value).toMatch(/^203\.0\.113\.0\/24 may not come in/);
});

test("nor a page for everybody that only some come to", () => {
  const found = only(findingsAfter(graph(), range("desk-desk-keybuzz-io", "192.0.2.0/24")), { question: "open" });
  expect(found.value).toBe("only 192.0.2.0/24 may come in, but the route is for everybody");
});

test("nor one whose controller does not see who comes", () => {
  const blind = withInput("ingress-nginx-config", ["data", "use-forwarded-headers"], "false");
  const findings = findingsAfter(graph(), blind).filter(({ rule }) => rule === "use-forwarded-headers");
  expect(findings.map(({ subject }) => subject)).toEqual(["http desk.keybuzz.io/admin", "http desk.keybuzz.io/hooks"]);
});

test("behind a controller of the Gateway API it is refused", () => {
  const mistakes = new Mistakes();
  const { kubernetes, ...prod } = prodWith(desk);
  const gateway = { ...prod, kubernetes: { ...kubernetes, ingress: { kind: "gateway", className: "envoy" } } };
  mistakes.attempt(() => draftEstate(judgeEnvironment(gateway, mistakes), EXAMPLE_SETTINGS, DELEGATED, mistakes));
  expect(mistakes.all.map(({ path }) => path)).toEqual([
    "desk.keybuzz.io/admin (desk, http).audience",
    "desk.keybuzz.io/hooks (desk, http).audience",
  ]);
});

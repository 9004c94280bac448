// Incident 2, and the half of incident 3: annotations that ingress-nginx does not have.
import { prodGraph } from "../support/emitted";
import { withInput } from "../../verifier/mutations/graphEdits";
import { findingsAfter, only } from "./support";

const INGRESS = "chatwoot-web-support-keybuzz-io";
const annotation = (name: string, value: string): ReturnType<typeof withInput> =>
  withInput(INGRESS, ["metadata", "annotations", `nginx.ingress.kubernetes.io/${name}`], value);

test.each([
  ["upstream-connect-timeout", "60"],
  ["upstream-read-timeout", "60"],
  ["upstream-send-timeout", "60"],
  // NGINX Inc.'s controller has it.
  ["websocket-services", "chatwoot-web"],
  // It runs code: switched off.
  ["configuration-snippet", "deny all;"],
])("%s is named, with the Ingress and what exists instead", (name, value) => {
  const [finding, ...others] = findingsAfter(prodGraph(), annotation(name, value));
  expect(others).toEqual([]);
  expect(finding).toMatchObject({
    question: "patient",
    subject: "support.keybuzz.io/",
    at: `Ingress chatwoot/${INGRESS}`,
    value: expect.stringContaining(`nginx.ingress.kubernetes.io/${name} `) as string,
    remedy: expect.stringContaining("proxy-read-timeout") as string,
  });
});

test("a limit with a unit is refused by the controller, and so here", () => {
  const finding = only(findingsAfter(prodGraph(), annotation("proxy-read-timeout", "60s")), { rule: "annotation" });
  expect(finding.value).toContain('"60s" is refused; allowed: whole seconds without a unit');
});

import { mutations } from "../../verifier/mutations/mutationList";
import { runMutations } from "../../verifier/mutations/mutationRun";
import { withInput } from "../../verifier/mutations/graphEdits";
import { verify } from "../../verifier/verify";
import { prodGraph } from "../support/emitted";

const prod = prodGraph();
const SWITCH = "nginx.ingress.kubernetes.io/proxy-request-buffering";
const found = (name: string, path: readonly string[], value: unknown) =>
  verify(withInput(name, path, value)(prod)).findings.filter(({ rule }) => rule === "proxy-request-buffering");

test("requests are passed on unbuffered where files are taken, and nowhere else", () => {
  const [editor, ...others] = found("n8n-main-n8n-keybuzz-io", ["metadata", "annotations", SWITCH], "off");
  expect(others).toEqual([]);
  expect(editor).toMatchObject({ question: "patient", subject: "http n8n.keybuzz.io/" });
  expect(editor?.value).toContain("a slow client holds a thread of the pod");
  const [form] = found("n8n-webhook-n8n-keybuzz-io-form", ["metadata", "annotations", SWITCH], undefined);
  expect(form).toMatchObject({ subject: "upload n8n.keybuzz.io/form" });
});

test("such a change, and a first account that goes, are among the mutations that are caught", () => {
  const chosen = mutations(prod).filter(
    ({ name }) =>
      name.includes("first-account: removed") || name.includes(`n8n-keybuzz-io: metadata.annotations.${SWITCH}`),
  );
  expect(chosen.length).toBeGreaterThanOrEqual(3);
  expect(runMutations(prod, chosen).missed.map(({ name }) => name)).toEqual([]);
});

import { withInput } from "../../verifier/mutations/graphEdits";
import { at } from "../../verifier/read/graph";
import { textVerdict } from "../../verifier/report";
import { verify } from "../../verifier/verify";
import { prodGraph } from "../support/emitted";

const prod = prodGraph();
const SECRETS = [{ apiGroups: [""], resources: ["secrets"], verbs: ["list"] }];
const roleOf = (part: string): string =>
  prod.resources.find(({ type, name }) => type.endsWith(":ClusterRole") && name.includes(part))?.name ?? `no ${part}`;
const found = (name: string, path: readonly (string | number)[], value: unknown) =>
  verify(withInput(name, path, value)(prod)).findings.map(({ subject, rule }) => `${subject}: ${rule}`);

test("what ingress-nginx may, and where it is, is accepted with its reason and printed each time", () => {
  const verdict = verify(prod);
  expect(verdict.findings).toEqual([]);
  const text = textVerdict(verdict);
  for (const words of [
    "ingress-nginx/ingress-nginx -> every Secret of the cluster: ClusterRole ingress-nginx",
    "ingress-nginx/ingress-nginx -> the nodes' own network: hostNetwork",
    "ingress-nginx does not start without the list of all Secrets",
    "It is on servers too",
  ])
    expect(text).toContain(words);
});

test("another one that may read all Secrets is a finding; one Secret by its name is none", () => {
  const role = roleOf("prometheus");
  expect(found(role, ["rules"], SECRETS)).toContainEqual(
    expect.stringMatching(/^monitoring\/\S+ -> every Secret of the cluster: ClusterRole /),
  );
  expect(
    found(
      role,
      ["rules"],
      SECRETS.map((rule) => ({ ...rule, resourceNames: ["one"] })),
    ),
  ).toEqual([]);
  expect(found(role, ["rules"], [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }])).toHaveLength(1);
});

test("pods that come onto the nodes' own network are a finding", () => {
  const web = prod.resources.find(
    ({ type, inputs }) => type.endsWith(":Deployment") && at(inputs, "metadata", "name") === "chatwoot-web",
  );
  const [one, ...others] = found(web?.name ?? "", ["spec", "template", "spec", "hostNetwork"], true).filter((words) =>
    words.endsWith("hostNetwork"),
  );
  expect(others).toEqual([]);
  expect(one).toBe("chatwoot/chatwoot-web -> the nodes' own network: hostNetwork");
});

test("images that are pinned by name alone are told; one with a digest is not", () => {
  const [told] = verify(prod).assumptions;
  expect(told).toContain("nginx:1.30.2-alpine");
  expect(told).not.toContain("registry.k8s.io/ingress-nginx/controller");
});

import type { EmittedResource } from "../../verifier/read/graph";
import { Policies, readPolicy } from "../../verifier/read/policies";
import { parseRange, type Range } from "../../verifier/read/range";

const range = (text: string): Range => {
  const parsed = parseRange(text);
  if (parsed === undefined) throw new Error(text);
  return parsed;
};
const web = { namespace: "chatwoot", labels: { app: "web", tier: "front" } };
const worker = { namespace: "chatwoot", labels: { app: "worker" } };
const api = { namespace: "keybuzz", labels: { app: "api" } };

function policies(...specs: readonly object[]): { all: Policies; problems: string[] } {
  const problems: string[] = [];
  const read = specs.map((spec, index): EmittedResource => ({
    type: "kubernetes:networking.k8s.io/v1:NetworkPolicy",
    name: `policy-${index}`,
    inputs: { metadata: { namespace: "chatwoot", name: `policy-${index}` }, spec },
  }));
  const labels = new Map([["keybuzz", { team: "platform" }]]);
  return {
    all: new Policies(
      read.map((one) => readPolicy(one, problems)),
      labels,
    ),
    problems,
  };
}

const selectWeb = { podSelector: { matchLabels: { app: "web" } } };

test("nothing selects it: everything passes", () => {
  const { all } = policies();
  expect(all.permits(web, "ingress", api, 3000, "tcp")).toBe("");
  expect(all.permits(web, "egress", range("1.1.1.1"), 53, "udp")).toBe("");
});

test("isolated in one direction only", () => {
  const { all } = policies({ podSelector: {}, policyTypes: ["Ingress"] });
  expect(all.permits(web, "ingress", worker, 3000, "tcp")).toBeUndefined();
  expect(all.permits(web, "egress", worker, 3000, "tcp")).toBe("");
});

test("policyTypes left out: Ingress always, Egress if there are such rules", () => {
  expect(policies({ podSelector: {} }).all.permits(web, "egress", worker, 1, "tcp")).toBe("");
  expect(policies({ podSelector: {}, egress: [] }).all.permits(web, "egress", worker, 1, "tcp")).toBe("");
  const one = { podSelector: {}, egress: [{ ports: [{ port: 53 }] }] };
  expect(policies(one).all.permits(web, "egress", worker, 1, "tcp")).toBeUndefined();
  expect(policies({ podSelector: {} }).all.permits(web, "ingress", worker, 1, "tcp")).toBeUndefined();
});

test("a policy of another namespace or of other labels isolates nobody here", () => {
  const { all } = policies({ podSelector: { matchLabels: { app: "other" } }, policyTypes: ["Ingress"] });
  expect(all.permits(web, "ingress", api, 3000, "tcp")).toBe("");
  expect(all.permits(api, "ingress", web, 3000, "tcp")).toBe("");
});

describe("peers", () => {
  const from = (peer: object): Policies =>
    policies({ ...selectWeb, policyTypes: ["Ingress"], ingress: [{ from: [peer], ports: [{ port: 3000 }] }] }).all;

  test("pods without a namespace are those of the policy's own", () => {
    const all = from({ podSelector: { matchLabels: { app: "worker" } } });
    expect(all.permits(web, "ingress", worker, 3000, "tcp")).toBe("NetworkPolicy chatwoot/policy-0, ingress[0]");
    expect(all.permits(web, "ingress", { ...worker, namespace: "keybuzz" }, 3000, "tcp")).toBeUndefined();
  });

  test("namespaces by their own labels, and by the name that Kubernetes gives them", () => {
    for (const labels of [{ team: "platform" }, { "kubernetes.io/metadata.name": "keybuzz" }]) {
      const all = from({ namespaceSelector: { matchLabels: labels } });
      expect(all.permits(web, "ingress", api, 3000, "tcp")).toContain("policy-0");
      expect(all.permits(web, "ingress", worker, 3000, "tcp")).toBeUndefined();
    }
  });

  test("namespace and pods together must both fit", () => {
    const all = from({
      namespaceSelector: { matchLabels: { team: "platform" } },
      podSelector: { matchLabels: { app: "x" } },
    });
    expect(all.permits(web, "ingress", api, 3000, "tcp")).toBeUndefined();
  });

  test("an address block holds addresses, never pods, and not what it excepts", () => {
    const all = from({ ipBlock: { cidr: "10.0.0.0/16", except: ["10.0.9.0/24"] } });
    expect(all.permits(web, "ingress", range("10.0.0.5"), 3000, "tcp")).toContain("policy-0");
    expect(all.permits(web, "ingress", range("10.0.9.5"), 3000, "tcp")).toBeUndefined();
    expect(all.permits(web, "ingress", range("10.1.0.5"), 3000, "tcp")).toBeUndefined();
    expect(all.permits(web, "ingress", worker, 3000, "tcp")).toBeUndefined();
  });

  test("an empty list of peers is everybody", () => {
    const { all } = policies({ ...selectWeb, policyTypes: ["Ingress"], ingress: [{ ports: [{ port: 3000 }] }] });
    expect(all.permits(web, "ingress", range("8.8.8.8"), 3000, "tcp")).toContain("policy-0");
  });
});

test("ports: number, protocol, ranges, and none for all", () => {
  const open = (ports: readonly object[]): Policies =>
    policies({ ...selectWeb, policyTypes: ["Ingress"], ingress: [{ from: [{ podSelector: {} }], ports }] }).all;
  const passes = (all: Policies, port: number, protocol: string): boolean =>
    all.permits(web, "ingress", worker, port, protocol) !== undefined;
  expect(passes(open([{ port: 53, protocol: "UDP" }]), 53, "udp")).toBe(true);
  expect(passes(open([{ port: 53, protocol: "UDP" }]), 53, "tcp")).toBe(false);
  expect(passes(open([{ port: 3000 }]), 3001, "tcp")).toBe(false);
  expect([2999, 3000, 3010, 3011].map((port) => passes(open([{ port: 3000, endPort: 3010 }]), port, "tcp"))).toEqual([
    false,
    true,
    true,
    false,
  ]);
  expect(passes(open([]), 12345, "udp")).toBe(true);
});

test.each([
  ["In", ["front"], true],
  ["In", ["back"], false],
  ["NotIn", ["front"], false],
  ["NotIn", ["back"], true],
  ["Exists", [], true],
  ["DoesNotExist", [], false],
  ["Nonsense", [], false],
])("matchExpressions: tier %s %j", (operator, values, selects) => {
  const spec = { podSelector: { matchExpressions: [{ key: "tier", operator, values }] }, policyTypes: ["Ingress"] };
  expect(policies(spec).all.isolated(web, "ingress")).toBe(selects);
});

test("what cannot be read is reported, and opens nothing", () => {
  const { all, problems } = policies({
    ...selectWeb,
    policyTypes: ["Ingress"],
    ingress: [{ from: [{ ipBlock: { cidr: "fd00::/8" } }], ports: [{ port: "http" }] }],
  });
  expect(problems).toEqual([
    'NetworkPolicy chatwoot/policy-0: ipBlock "fd00::/8"',
    'NetworkPolicy chatwoot/policy-0: port "http" by name',
  ]);
  expect(all.permits(web, "ingress", range("10.0.0.1"), 3000, "tcp")).toBeUndefined();
});

// Two readings of the same NetworkPolicies, which share no code: the verifier's, and one from the documentation.
import { GraphIndex, type EmittedGraph, type EmittedResource } from "../../verifier/read/graph";
import { Policies, readPolicy } from "../../verifier/read/policies";
import { parseRange, type Range } from "../../verifier/read/range";
import { buildWorld } from "../../verifier/read/world";
import { verify } from "../../verifier/verify";
import { withInput } from "../../verifier/mutations/graphEdits";
import { mutations } from "../../verifier/mutations/mutationList";
import { sample } from "../../verifier/mutations/mutationRun";
import { prodGraph } from "../support/emitted";
import { oracle, type Labels, type Namespaces, type NetworkPolicyObject, type OraclePod } from "./support/policyOracle";

const POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy";
const DIRECTIONS = [
  ["ingress", "Ingress"],
  ["egress", "Egress"],
] as const;
const LIMIT_MS = 300_000;

interface Estate {
  readonly verifier: Policies;
  readonly policies: readonly NetworkPolicyObject[];
  readonly namespaces: Namespaces;
  readonly pods: readonly OraclePod[];
  /** Addresses that are no pod's. */
  readonly addresses: readonly string[];
  readonly ports: readonly number[];
}

interface Compared {
  asked: number;
  allowed: number;
  readonly differing: string[];
}

/** Every pod with every pod and address, on every port and protocol, in both directions. */
function compare({ verifier, policies, namespaces, pods, addresses, ports }: Estate): Compared {
  const result: Compared = { asked: 0, allowed: 0, differing: [] };
  const ranges = new Map(addresses.map((address) => [address, range(address)]));
  for (const pod of pods) {
    for (const [direction, side] of DIRECTIONS) {
      const asOracle = oracle(policies, namespaces, pod, side);
      for (const other of [...pods, ...addresses]) {
        if (other === pod) continue;
        const peer = typeof other === "string" ? (ranges.get(other) ?? range(other)) : other;
        for (const port of ports) {
          for (const protocol of ["TCP", "UDP"] as const) {
            const ours = verifier.permits(pod, direction, peer, port, protocol.toLowerCase()) !== undefined;
            const theirs = asOracle(other, port, protocol);
            result.asked += 1;
            if (theirs) result.allowed += 1;
            if (ours !== theirs)
              result.differing.push(
                `${direction} of ${JSON.stringify(pod)} with ${JSON.stringify(other)} ${port}/${protocol}: verifier ${ours}`,
              );
          }
        }
      }
    }
  }
  return result;
}

function range(text: string): Range {
  const parsed = parseRange(text);
  if (parsed === undefined) throw new Error(text);
  return parsed;
}

/** The emitted estate as the oracle sees it: pods of every kind, one of each namespace that nobody knows, machines. */
function estateOf(graph: EmittedGraph): Estate {
  const world = buildWorld(graph);
  const { cluster } = world;
  const known = cluster.workloads.filter(({ hostNetwork }) => !hostNetwork);
  const strangers = cluster.namespaces.map((namespace) => ({ namespace, labels: {} }));
  const first = cluster.network?.workloadPool.text.replace(/\.\d+\/\d+$/, "") ?? "";
  const pods = [...known, ...strangers].map(({ namespace, labels }, index) => ({
    namespace,
    labels,
    ip: `${first}.${index + 1}`,
  }));
  const emitted = new GraphIndex(graph);
  const namespaces = new Map<string, Labels>(
    cluster.namespaces.map((name) => [name, { "kubernetes.io/metadata.name": name }]),
  );
  for (const { inputs } of emitted.ofType("kubernetes:core/v1:Namespace")) {
    const { name, labels } = inputs["metadata"] as { readonly name: string; readonly labels?: Labels };
    namespaces.set(name, { ...labels, "kubernetes.io/metadata.name": name });
  }
  return {
    verifier: cluster.policies,
    policies: emitted.ofType(POLICY).map(({ inputs }) => inputs as unknown as NetworkPolicyObject),
    namespaces,
    pods,
    addresses: [
      ...[...world.byAddress.values()].map(({ addressText }) => addressText),
      // A node's tunnel, a cluster address, and the world outside.
      "10.233.64.7",
      "10.233.0.1",
      "1.1.1.1",
      "192.168.1.1",
    ],
    ports: [...new Set([...known.flatMap((one) => one.ports.map(({ port }) => port)), 1, 53, 443, 5432, 6443, 65535])],
  };
}

test(
  "prod: every pod with every pod and machine, on every port that any of them has: no disagreement",
  () => {
    const estate = estateOf(prodGraph());
    expect(estate.pods.length).toBeGreaterThan(30);
    const { asked, allowed, differing } = compare(estate);
    expect(differing.slice(0, 5)).toEqual([]);
    expect(asked).toBeGreaterThan(200_000);
    // Of a matrix that is closed by default, little is open, and something is.
    expect(allowed).toBeGreaterThan(300);
    expect(allowed).toBeLessThan(asked / 4);
  },
  LIMIT_MS,
);

test(
  "prod with one policy altered at a time: no disagreement either, and some of them do open something",
  () => {
    const graph = prodGraph();
    const before = compare(narrow(estateOf(graph))).allowed;
    const chosen = sample(
      mutations(graph).filter(({ kind }) => kind.includes("NetworkPolicy")),
      10,
      20260301,
    );
    let moved = 0;
    for (const { name, edit } of chosen) {
      const { allowed, differing } = compare(narrow(estateOf(edit(graph))));
      expect([name, differing.slice(0, 3)]).toEqual([name, []]);
      if (allowed !== before) moved += 1;
    }
    expect(moved).toBeGreaterThan(chosen.length / 3);
  },
  LIMIT_MS,
);

/** On fewer ports, for many estates. */
const narrow = (estate: Estate): Estate => ({
  ...estate,
  ports: [1, 53, 3000, 5432, 8080, 443],
  addresses: ["10.0.0.10", "10.0.0.100", "10.233.64.7", "1.1.1.1"],
});

test("policies made up at random: every kind of selector, peer, port and default", () => {
  let state = 20260301;
  // Numerical Recipes' linear congruential generator: the same everywhere.
  const pick = <T>(...values: readonly T[]): T => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return values[Math.floor((state / 2 ** 32) * values.length)] as T;
  };
  const namespaces = new Map<string, Labels>(
    ["a", "b", "c"].map((name) => [
      name,
      { "kubernetes.io/metadata.name": name, ...(name === "c" ? {} : { team: name === "a" ? "x" : "y" }) },
    ]),
  );
  const pods = ["a", "b", "c"].flatMap((namespace, n) =>
    [{ app: "web" }, { app: "db", tier: "1" }, {}].map((labels: Labels, i) => ({
      namespace,
      labels,
      ip: `10.9.0.${n * 4 + i + 1}`,
    })),
  );
  const selector = (key: string, ...values: readonly string[]): object =>
    pick<() => object>(
      () => ({}),
      () => ({ matchLabels: { [key]: pick(...values) } }),
      () => ({ matchExpressions: [{ key, operator: pick("In", "NotIn"), values: [pick(...values)] }] }),
      () => ({ matchExpressions: [{ key, operator: pick("Exists", "DoesNotExist") }] }),
    )();
  const podSelector = (): object => selector("app", "web", "db");
  const namespaceSelector = (): object =>
    pick<() => object>(
      () => selector("team", "x", "y"),
      () => selector("kubernetes.io/metadata.name", "a", "b", "c"),
    )();
  const peer = (): object =>
    pick<() => object>(
      () => ({ podSelector: podSelector() }),
      () => ({ namespaceSelector: namespaceSelector() }),
      () => ({ namespaceSelector: namespaceSelector(), podSelector: podSelector() }),
      () => ({ ipBlock: { cidr: pick("0.0.0.0/0", "10.9.0.0/16", "10.0.0.0/16", "10.0.0.9/32") } }),
      () => ({ ipBlock: { cidr: "0.0.0.0/0", except: pick(["10.9.0.0/16"], ["10.0.0.0/16"], ["10.0.0.0/8"]) } }),
    )();
  const port = (): object =>
    pick<() => object>(
      () => ({ port: pick(80, 81) }),
      () => ({ port: 80, endPort: pick(81, 90) }),
      () => ({ port: 80, protocol: pick("TCP", "UDP") }),
      () => ({ protocol: pick("TCP", "UDP") }),
    )();
  const some = (make: () => object, most: number): object[] => Array.from({ length: pick(0, 1, 1, most) }, make);
  const rule = (side: "from" | "to"): object => ({
    ...pick<() => object>(
      () => ({}),
      () => ({ [side]: some(peer, 2) }),
      () => ({ [side]: some(peer, 2) }),
    )(),
    ...pick<() => object>(
      () => ({}),
      () => ({ ports: some(port, 2) }),
    )(),
  });
  const policy = (): NetworkPolicyObject => ({
    metadata: { namespace: pick("a", "b", "c"), name: `p${pick(1, 2, 3, 4, 5, 6, 7, 8)}` },
    spec: {
      podSelector: podSelector(),
      ...pick<object>(
        {},
        { policyTypes: ["Ingress"] },
        { policyTypes: ["Egress"] },
        { policyTypes: ["Ingress", "Egress"] },
      ),
      ...pick<() => object>(
        () => ({}),
        () => ({ ingress: some(() => rule("from"), 2) }),
      )(),
      ...pick<() => object>(
        () => ({}),
        () => ({ egress: some(() => rule("to"), 2) }),
      )(),
    },
  });
  let asked = 0;
  let allowed = 0;
  for (let round = 0; round < 300; round += 1) {
    const policies = Array.from({ length: pick(1, 2, 4, 6) }, policy);
    const problems: string[] = [];
    const read = policies.map((one) =>
      readPolicy({ type: POLICY, name: one.metadata.name, inputs: one } as unknown as EmittedResource, problems),
    );
    const own = new Map([...namespaces].map(([name, { team }]) => [name, team === undefined ? {} : { team }]));
    const result = compare({
      verifier: new Policies(read, own, range("10.9.0.0/16")),
      policies,
      namespaces,
      pods,
      addresses: ["10.0.0.9", "10.0.0.10", "1.1.1.1"],
      ports: [79, 80, 81, 90, 91],
    });
    expect(problems).toEqual([]);
    expect([JSON.stringify(policies), result.differing.slice(0, 3)]).toEqual([JSON.stringify(policies), []]);
    asked += result.asked;
    allowed += result.allowed;
  }
  expect(allowed).toBeGreaterThan(asked / 10);
  expect(allowed).toBeLessThan((9 * asked) / 10);
});

test("a block that holds some of the pods' addresses, and not all, is not understood", () => {
  const graph = prodGraph();
  const name = "policies-monitoring-allow-alertmanager";
  const rules = graph.resources.find((one) => one.name === name)?.inputs["spec"] as NetworkPolicyObject["spec"];
  const index = (rules.egress ?? []).findIndex(({ to }) => to?.some(({ ipBlock }) => ipBlock?.cidr === "0.0.0.0/0"));
  const block = (ipBlock: object): readonly string[] =>
    verify(withInput(name, ["spec", "egress", index, "to", 0], { ipBlock })(graph))
      .findings.filter(({ question }) => question === "understood")
      .map(({ value }) => value);
  expect(index).toBeGreaterThanOrEqual(0);
  expect(block({ cidr: "0.0.0.0/0", except: ["10.233.100.0/24"] })).toEqual([
    "NetworkPolicy monitoring/allow-alertmanager: ipBlock 0.0.0.0/0 holds some of the pods' addresses, 10.233.96.0/19",
  ]);
  expect(block({ cidr: "0.0.0.0/0", except: ["10.0.0.0/8"] })).toEqual([]);
});

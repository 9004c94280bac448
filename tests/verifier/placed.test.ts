// Where pods may come: nodes for each, and somebody for each node; all replicas on one node are one loss.
import type { EmittedGraph } from "../../verifier/read/graph";
import { environment as prodEnvironment } from "../../stacks/prod";
import { VERSIONS } from "../../stacks/versions";
import { withFile, withInput, type Edit } from "../../verifier/mutations/graphEdits";
import { verify } from "../../verifier/verify";
import { findingsAfter, only } from "../incidents/support";
import { emitted, prodGraph } from "../support/emitted";

jest.setTimeout(180_000);

let prod: EmittedGraph;
beforeAll(() => {
  prod = prodGraph();
});

const POD = ["spec", "template", "spec"] as const;
const K3S = "/etc/rancher/k3s/config.yaml";
const WEB = "chatwoot-web-deployment";

test("the AI worker takes LiteLLM: what is emitted is proved", () => {
  expect(verify(prod).findings).toEqual([]);
});

test("a worker that is kept for pods which nobody has", () => {
  expect(only(findingsAfter(prod, withInput("llm-proxy-deployment", [...POD, "tolerations"], undefined)), {})).toEqual({
    question: "alive",
    subject: "pods on k3s-worker-03",
    at: "k3s-worker-03",
    rule: "taint keybuzz.io/duty=ai:NoSchedule",
    value: "no workload tolerates it: the machine runs nothing",
    remedy: "place a workload there (placement: only, or also), or make it a general worker",
  });
});

test("a worker with another taint, which nobody heard of: not even the ingress controller, to which balancers send", () => {
  const tainted = withFile("k3s-worker-01", K3S, (config) =>
    config.replace("node-taint: []", 'node-taint: ["gpu:NoExecute"]'),
  );
  expect(only(findingsAfter(prod, tainted), { question: "alive", at: "k3s-worker-01" }).rule).toBe(
    "taint gpu:NoExecute",
  );
});

test("pods that no node takes: by selector, and by affinity", () => {
  const selected = withInput(WEB, [...POD, "nodeSelector"], { "keybuzz.io/duty": "gpu" });
  expect(only(findingsAfter(prod, selected), { at: "chatwoot/chatwoot-web" }).value).toBe("none of 8 nodes takes them");
  const drawn = withInput(WEB, [...POD, "affinity"], {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: "keybuzz.io/duty", operator: "In", values: ["gpu"] }] }],
      },
    },
  });
  expect(only(findingsAfter(prod, drawn), { at: "chatwoot/chatwoot-web" }).value).toBe("none of 8 nodes takes them");
});

test("more pods that must be apart than nodes take them", () => {
  const more = withInput("vault-server-set", ["spec", "replicas"], 5);
  const found = only(findingsAfter(prod, more), { subject: "pods of vault/vault" });
  expect(found.value).toBe("5 pods, never two on one node, and 3 node(s) take them");
});

test("a spread that cannot be met, because nodes that are not tolerated count as empty", () => {
  const spread = (more: object): Edit =>
    withInput(
      WEB,
      [...POD, "topologySpreadConstraints"],
      [{ maxSkew: 1, topologyKey: "kubernetes.io/hostname", whenUnsatisfiable: "DoNotSchedule", ...more }],
    );
  const many = withInput(WEB, ["spec", "replicas"], 4);
  expect(only(findingsAfter(prod, many, spread({})), { subject: "pods of chatwoot/chatwoot-web" }).value).toBe(
    "4 pods, no more than 3 on 3 node(s) that take them: the others count as empty",
  );
  expect(findingsAfter(prod, many, spread({ nodeTaintsPolicy: "Honor" }))).toEqual([]);
  expect(findingsAfter(prod, spread({}))).toEqual([]);
});

test("two replicas that one worker alone takes are lost with it", () => {
  const found = only(
    findingsAfter(prod, withInput("llm-proxy-deployment", [...POD, "nodeSelector"], { "keybuzz.io/duty": "ai" })),
    {},
  );
  expect(found).toMatchObject({
    at: "ai/llm-proxy",
    value: "2 replicas, and k3s-worker-03 alone takes them",
    singlePoint: "ai/llm-proxy",
  });
});

/** A claim for the pods of Chatwoot's web process. */
const claimed =
  (storageClassName: string, mode: string): Edit =>
  (graph) => {
    const mounted = withInput(
      WEB,
      [...POD, "volumes"],
      [{ name: "files", persistentVolumeClaim: { claimName: "files" } }],
    );
    const inputs = {
      metadata: { name: "files", namespace: "chatwoot" },
      spec: { storageClassName, accessModes: [mode] },
    };
    return {
      resources: [
        ...mounted(graph).resources,
        { type: "kubernetes:core/v1:PersistentVolumeClaim", name: "files", inputs },
      ],
    };
  };

test("replicas that share a local claim are on one node", () => {
  expect(only(findingsAfter(prod, claimed("local-path", "ReadWriteOnce")), {})).toMatchObject({
    at: "chatwoot/chatwoot-web",
    rule: "claim files: ReadWriteOnce, on a node's own disk",
    value: "all 2 replicas are on the one node that has it",
  });
  expect(findingsAfter(prod, claimed("shared", "ReadWriteMany"))).toEqual([]);
});

test("a roll-out that waits for the claim of the pod which waits for it", () => {
  const found = findingsAfter(prod, claimed("hcloud-volumes", "ReadWriteOnce"));
  expect(only(found, { rule: "strategy RollingUpdate" }).value).toContain("it waits for ever");
  const recreated = findingsAfter(
    prod,
    claimed("hcloud-volumes", "ReadWriteOnce"),
    withInput(WEB, ["spec", "strategy"], { type: "Recreate" }),
  );
  expect(recreated.map(({ rule }) => rule)).toEqual(["claim files: ReadWriteOnce"]);
});

test("ERPNext with two replicas on a claim of one node is not proved; with a class that several nodes mount it is", () => {
  const erpNext = {
    image: VERSIONS.images.erpNext,
    host: "erp.keybuzz.io",
    replicas: 2,
    workerReplicas: 2,
    filesGb: 20,
  };
  const graph = emitted({ ...prodEnvironment, workloads: { ...prodEnvironment.workloads, erpNext } });
  const verdict = verify(graph);
  expect(verdict.ok).toBe(false);
  expect(verdict.findings.map(({ at, value }) => [at, value])).toEqual(
    ["erpnext/erpnext-web", "erpnext/erpnext-nginx"].map((label) => [
      label,
      "all 2 replicas are on the one node that has it",
    ]),
  );
  const shared = withInput("erpnext-volume", ["spec", "accessModes"], ["ReadWriteMany"]);
  expect(findingsAfter(graph, shared)).toEqual([]);
});

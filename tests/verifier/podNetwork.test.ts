// The pod network's own settings, and the way to the Kubernetes API, altered one at a time.
import { withInput, without, type Edit } from "../../verifier/mutations/graphEdits";
import type { EmittedGraph } from "../../verifier/read/graph";
import { findingsAfter } from "../incidents/support";
import { prodGraph } from "../support/emitted";

let prod: EmittedGraph;
beforeAll(() => {
  prod = prodGraph();
});

describe("the pod network", () => {
  const about = (name: string, path: readonly (string | number)[], value: unknown): readonly string[] =>
    findingsAfter(prod, withInput(name, ["spec", ...path], value))
      .filter(({ subject }) => subject === "the pod network")
      .map(({ at }) => at);
  const mtu = (value: unknown): readonly string[] =>
    about("kubernetes-calico-installation", ["calicoNetwork", "mtu"], value);

  test("packets as large as the network carries, in VXLAN, do not fit (hcloud-k8s#450)", () => {
    expect(mtu(1399)).toEqual([]);
    for (const tooLarge of [1401, 1450, undefined]) expect(mtu(tooLarge)).toEqual(["Installation, calicoNetwork.mtu"]);
  });

  test.each(["None", "IPIP", "VXLANCrossSubnet", undefined])(
    "encapsulation %s is not the way that is open",
    (value) => {
      const found = about("kubernetes-calico-installation", ["calicoNetwork", "ipPools", 0, "encapsulation"], value);
      expect(found).toEqual(["IPPool 10.233.96.0/19"]);
    },
  );

  test("chains behind UFW's are never asked", () => {
    expect(about("kubernetes-calico-felix", ["chainInsertMode"], "Append")).toEqual([
      "FelixConfiguration, chainInsertMode",
    ]);
  });
});

describe("tokens of the Kubernetes API", () => {
  const about = (...edits: readonly Edit[]): readonly string[] =>
    findingsAfter(prod, ...edits)
      .filter(({ subject }) => subject.endsWith("and the Kubernetes API"))
      .map(({ subject, value }) => `${subject}: ${value.replace(/ 10\..*/, "")}`);

  test("whoever has one must reach it", () => {
    const edit = withInput(
      "superset-web-deployment",
      ["spec", "template", "spec", "automountServiceAccountToken"],
      true,
    );
    expect(about(edit)).toEqual(["superset/superset-web and the Kubernetes API: it has a token, and does not reach"]);
  });

  test("a door for any pod, though declared, is one for each that has no use for it", () => {
    const platform = prod.resources.find(({ type }) => type === "keybuzz:stacks:Platform");
    const declared = platform?.inputs["declaration"] as { readonly flows: readonly object[] };
    const api = declared.flows.find(
      (flow) => (flow as { readonly to: { readonly id: string } }).to.id === "kubernetes/api-servers",
    );
    const open = withInput(
      "policies-superset-allow-any-pod",
      ["spec", "egress"],
      [{ to: [{ ipBlock: { cidr: "10.0.0.100/32" } }], ports: [{ port: 6443, protocol: "TCP" }] }],
    );
    const declare = withInput(
      platform?.name ?? "",
      ["declaration", "flows"],
      [...declared.flows, { ...api, from: { kind: "anyPod" } }],
    );
    expect(about(open, declare)).toContain(
      "superset/superset-web and the Kubernetes API: it has no token, and reaches",
    );
  });
});

describe("names within the cluster", () => {
  const lost = (...edits: readonly Edit[]): readonly string[] =>
    findingsAfter(prod, ...edits).flatMap(({ singlePoint }) =>
      singlePoint?.endsWith("/coredns") === true ? [singlePoint] : [],
    );

  test("are there without any one node: whoever takes the second CoreDNS away is told", () => {
    const scaler = "kubernetes-dns-scale";
    expect(lost(withInput(scaler, ["spec", "minReplicas"], 3))).toEqual([]);
    expect(lost(withInput(scaler, ["spec", "minReplicas"], 1))).toEqual(["kube-system/coredns"]);
    expect(lost(without(({ name }) => name === scaler))).toEqual(["kube-system/coredns"]);
  });
});

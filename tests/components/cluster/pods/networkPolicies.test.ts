import { namespacePlans } from "../../../../components/cluster/pods/namespaces";
import {
  FLOWS_ANNOTATION,
  networkPolicySpecs,
  type NetworkPolicyObject,
} from "../../../../components/cluster/pods/networkPolicySpecs";
import { app, estate } from "../support/estate";

function example() {
  const base = estate();
  const { topology, ingress } = base;
  const web = app(topology, "chatwoot", "chatwoot-web", 3000);
  const llm = app(topology, "ai", "llm-proxy", 4000);
  ingress.expose(web.endpoint, { host: "support.keybuzz.io", routes: [{ kind: "http", path: "/" }] });
  topology.connect(web.pods, llm.endpoint, "Chatwoot asks the models");
  const database = topology.endpoint({
    id: "postgres/leader",
    provider: { kind: "loadBalancer", name: "lb-data", address: "10.0.0.10", public: false },
    port: 5432,
    protocol: "tcp",
  });
  topology.connect(web.pods, database, "Chatwoot's database");
  const namespaces = namespacePlans({ topology });
  const policies = networkPolicySpecs(
    topology,
    base.context,
    namespaces.map(({ name }) => name),
  );
  const find = (namespace: string, name: string): NetworkPolicyObject => {
    const policy = policies.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
    if (policy === undefined) throw new Error(`no ${namespace}/${name}`);
    return policy;
  };
  return { ...base, namespaces, policies, find };
}

test("every namespace denies both ways by default, and opens DNS to its pods, and nothing else", () => {
  const { namespaces, find } = example();
  expect(namespaces.map(({ name }) => name)).toEqual([
    "ai",
    "calico-system",
    "chatwoot",
    "ingress-nginx",
    "kube-system",
  ]);
  for (const { name } of namespaces) {
    expect(find(name, "deny-all").spec).toEqual({ podSelector: {}, policyTypes: ["Ingress", "Egress"] });
    const ports = find(name, "allow-any-pod").spec.egress?.flatMap((rule) => rule.ports);
    expect(ports).toEqual([
      { port: 53, protocol: "UDP" },
      { port: 53, protocol: "TCP" },
    ]);
  }
});

test("the API is open to the cluster's own parts, and to no pod of an application", () => {
  const reaching = example().policies.filter(({ spec }) =>
    (spec.egress ?? []).some(({ ports }) => ports.some(({ port }) => port === 6443)),
  );
  expect(reaching.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)).toEqual([
    "calico-system/allow-calico-kube-controllers",
    "kube-system/allow-coredns",
    "kube-system/allow-local-path-provisioner",
    "kube-system/allow-metrics-server",
  ]);
});

test("an application's policy, read by a person", () => {
  expect(example().find("chatwoot", "allow-chatwoot-web")).toMatchSnapshot();
});

test("CoreDNS and metrics-server, which K3s ships, have theirs", () => {
  const { find } = example();
  expect(find("kube-system", "allow-coredns")).toMatchSnapshot();
  expect(find("kube-system", "allow-metrics-server")).toMatchSnapshot();
});

test("nothing is open that no flow declares: no empty peer list, no port-less rule, no egress to everywhere but DNS upstream", () => {
  for (const { metadata, spec } of example().policies) {
    for (const rule of spec.ingress ?? []) {
      expect(rule.from.length).toBeGreaterThan(0);
      expect(rule.ports.length).toBeGreaterThan(0);
    }
    for (const rule of spec.egress ?? []) {
      expect(rule.to.length).toBeGreaterThan(0);
      const everywhere = JSON.stringify(rule.to).includes("0.0.0.0/0");
      expect(everywhere).toBe(metadata.name === "allow-coredns" && rule.ports.every(({ port }) => port === 53));
    }
  }
});

test("a policy names the flows that it comes from, and goes with them", () => {
  const { find } = example();
  expect(find("chatwoot", "allow-chatwoot-web").metadata.annotations?.[FLOWS_ANNOTATION]).toContain(
    "5432/tcp: Chatwoot's database",
  );
  const { topology, context } = estate();
  const all = networkPolicySpecs(topology, context, ["calico-system", "kube-system"]);
  const names = all.filter(({ metadata }) => metadata.namespace === "kube-system").map(({ metadata }) => metadata.name);
  expect(names).toEqual([
    "allow-any-pod",
    "allow-coredns",
    "allow-local-path-provisioner",
    "allow-metrics-server",
    "deny-all",
  ]);
});

test("a namespace that is not listed is refused by name", () => {
  const { topology, context } = example();
  expect(() => networkPolicySpecs(topology, context, ["calico-system", "kube-system", "chatwoot"])).toThrow(
    "ai (llm-proxy)",
  );
});

describe("namespaces", () => {
  test("pod security: restricted; the ingress' is privileged; kube-system is left alone", () => {
    const plans = new Map(example().namespaces.map((plan) => [plan.name, plan]));
    expect(plans.get("chatwoot")?.labels).toMatchObject({
      "pod-security.kubernetes.io/enforce": "restricted",
      "pod-security.kubernetes.io/warn": "restricted",
    });
    expect(plans.get("ingress-nginx")?.labels["pod-security.kubernetes.io/enforce"]).toBe("privileged");
    expect(plans.get("kube-system")).toEqual({ name: "kube-system", managed: false, labels: {}, keeps: [] });
  });

  test("a level for a namespace that nobody uses is refused", () => {
    const { topology } = example();
    expect(() => namespacePlans({ topology, podSecurity: { chatwot: "restricted" } })).toThrow("chatwot");
    expect(
      namespacePlans({ topology, further: ["vault"], podSecurity: { vault: "baseline" } }).find(
        ({ name }) => name === "vault",
      )?.labels,
    ).toMatchObject({
      "pod-security.kubernetes.io/enforce": "baseline",
    });
  });
});

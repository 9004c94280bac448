import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { AppRoutes } from "../../../components/cluster/ingress/appRoutes";
import { Calico } from "../../../components/cluster/pods/calico";
import { ClusterNamespaces } from "../../../components/cluster/pods/clusterNamespaces";
import { IngressNginx } from "../../../components/cluster/ingress/ingressNginx";
import { namespacePlans } from "../../../components/cluster/pods/namespaces";
import { NetworkPolicies } from "../../../components/cluster/pods/networkPolicies";
import { networkPolicySpecs } from "../../../components/cluster/pods/networkPolicySpecs";
import type { Host, TaskArgs } from "../../../components/machines/host";
import { ADDRESSES, app, estate } from "./support/estate";

interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly provider: string | undefined;
}

const registered: Registered[] = [];

beforeAll(async () => {
  await pulumi.runtime.setMocks({
    newResource: ({ type, name, inputs, provider }) => {
      registered.push({ type, name, inputs: inputs as Record<string, unknown>, provider });
      return { id: `${name}-id`, state: inputs as Record<string, unknown> };
    },
    call: ({ token }) => {
      throw new Error(`unexpected call of ${token}`);
    },
  });
  register();
  await pulumi.runtime.disconnect();
});

/** What pods of a namespace wait for. */
const waits = new Map<string, readonly pulumi.Output<string>[]>();
const tasks: { readonly name: string; readonly args: TaskArgs }[] = [];

function register(): void {
  const { topology, ingress, context } = estate();
  const { pods, endpoint } = app(topology, "chatwoot", "chatwoot-web", 3000);
  ingress.expose(endpoint, { host: "support.keybuzz.io", routes: [{ kind: "http", path: "/" }] });
  const provider = new kubernetes.Provider("cluster", { kubeconfig: "{}", clusterIdentifier: "test" });
  const server: Pick<Host, "task"> = {
    task: (name, args) => {
      tasks.push({ name, args });
      return new pulumi.ComponentResource("test:Task", name) as pulumi.Resource as ReturnType<Host["task"]>;
    },
  };
  new Calico("calico", { addresses: ADDRESSES, networkMtu: 1450, provider, server: server as Host });
  const namespaces = namespacePlans({ topology });
  const made = new ClusterNamespaces("namespaces", { namespaces, provider });
  const policies = networkPolicySpecs(
    topology,
    context,
    namespaces.map(({ name }) => name),
  );
  const closed = new NetworkPolicies("policies", {
    policies,
    provider,
    namespaces: made.namespaces,
    dependsOn: [...made.ready],
  });
  for (const namespace of ["chatwoot", "nobody"])
    waits.set(
      namespace,
      closed.readyIn(namespace).map(({ urn }) => urn),
    );
  const controller = new IngressNginx("ingress", { service: ingress, provider });
  new AppRoutes("chatwoot-routes", {
    routes: ingress.routes(pods),
    provider,
    secrets: PLAIN,
    dependsOn: controller.ready,
  });
}

const PLAIN = { resolve: (text: string) => pulumi.output(text) };

const names = (type: string): readonly string[] =>
  registered
    .filter((resource) => resource.type === type)
    .map(({ name }) => name)
    .sort();

test("every Kubernetes object goes to the cluster's own provider, never to a default one", () => {
  const objects = registered.filter(({ type }) => type.startsWith("kubernetes:"));
  expect(objects.length).toBeGreaterThan(15);
  expect(objects.filter(({ provider }) => !(provider ?? "").includes("::cluster::"))).toEqual([]);
});

test("what is registered, by type", () => {
  expect(names("kubernetes:core/v1:Namespace")).toEqual([
    "namespaces-calico-system",
    "namespaces-chatwoot",
    "namespaces-ingress-nginx",
  ]);
  expect(names("kubernetes:networking.k8s.io/v1:Ingress")).toEqual(["chatwoot-web-support-keybuzz-io"]);
  expect(names("kubernetes:apps/v1:DaemonSet")).toEqual(["ingress-controller"]);
  expect(names("kubernetes:operator.tigera.io/v1:Installation")).toEqual(["calico-installation"]);
  expect(names("kubernetes:crd.projectcalico.org/v1:FelixConfiguration")).toEqual(["calico-felix"]);
  expect(names("kubernetes:networking.k8s.io/v1:NetworkPolicy")).toEqual([
    "policies-calico-system-allow-any-pod",
    "policies-calico-system-allow-calico-kube-controllers",
    "policies-calico-system-deny-all",
    "policies-chatwoot-allow-any-pod",
    "policies-chatwoot-allow-chatwoot-web",
    "policies-chatwoot-deny-all",
    "policies-ingress-nginx-allow-any-pod",
    "policies-ingress-nginx-deny-all",
    "policies-kube-system-allow-any-pod",
    "policies-kube-system-allow-coredns",
    "policies-kube-system-allow-local-path-provisioner",
    "policies-kube-system-allow-metrics-server",
    "policies-kube-system-deny-all",
  ]);
  expect(names("kubernetes:networking.k8s.io/v1:IngressClass")).toHaveLength(1);
});

test("the operator is installed by a server, once", () => {
  expect(tasks.map(({ name }) => name)).toEqual(["calico-operator"]);
  expect(tasks[0]?.args.script).toContain("v3.31.7/manifests/tigera-operator.yaml");
});

test("pods wait for the policies of their own namespace, and for those where names are resolved", async () => {
  const named = async (namespace: string): Promise<readonly string[]> => {
    const urns = await Promise.all(
      (waits.get(namespace) ?? []).map((urn) => new Promise<string>((resolve) => urn.apply(resolve))),
    );
    return urns.map((urn) => urn.split("::").at(-1) ?? urn).sort();
  };
  const names = [
    "policies-kube-system-allow-any-pod",
    "policies-kube-system-allow-coredns",
    "policies-kube-system-allow-local-path-provisioner",
    "policies-kube-system-allow-metrics-server",
    "policies-kube-system-deny-all",
  ];
  expect(await named("nobody")).toEqual(names);
  expect(await named("chatwoot")).toEqual([
    "policies-chatwoot-allow-any-pod",
    "policies-chatwoot-allow-chatwoot-web",
    "policies-chatwoot-deny-all",
    ...names,
  ]);
});

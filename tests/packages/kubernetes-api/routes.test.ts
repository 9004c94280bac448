import { at, ensureObject, listAt, objectAt, textAt, type JsonObject } from "@standin/kubernetes-api/wire/json";
import { daemonSet, daemonSets, deployment, deployments, TestCluster, until } from "./support/testCluster";

// A machine shared with other work is slow at times.
jest.setTimeout(60_000);

let cluster: TestCluster;
beforeEach(async () => {
  cluster = await TestCluster.start();
});
afterEach(() => cluster.stop());

describe("services and routes", () => {
  const service: JsonObject = {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "web" },
    spec: { selector: { app: "web" }, ports: [{ port: 80, targetPort: "http" }] },
  };
  const endpoints = async (): Promise<number> =>
    listAt(await cluster.settled("/api/v1/namespaces/default/endpoints/web"), "subsets", 0, "addresses").length;

  test("a Service has an address, and the endpoints of the pods it selects", async () => {
    const made = await cluster.apply("/api/v1/namespaces/default/services/web", service);
    expect(textAt(made, "spec", "clusterIP")).toMatch(/^10\.43\./);
    expect(await endpoints()).toBe(0);
    await cluster.apply(`${deployments}/web`, deployment("web"));
    expect(await endpoints()).toBe(2);
    const slices = await cluster.get("/apis/discovery.k8s.io/v1/namespaces/default/endpointslices");
    expect(at(slices, "items", 0, "ports", 0, "port")).toBe(8080);
    await cluster.client.request({ method: "DELETE", path: "/api/v1/namespaces/default/services/web" });
    await until(
      async () => (await cluster.client.get("/api/v1/namespaces/default/endpoints/web")) === undefined,
      "endpoints go with their Service",
    );
  });

  test("a Service whose targetPort no pod names has no endpoints", async () => {
    const wrong = { ...service, spec: { ...objectAt(service, "spec"), ports: [{ port: 80, targetPort: "https" }] } };
    await cluster.apply("/api/v1/namespaces/default/services/web", wrong);
    await cluster.apply(`${deployments}/web`, deployment("web"));
    expect(await endpoints()).toBe(0);
  });

  test("an Ingress gets addresses only from a running controller of its class that may publish them", async () => {
    const rbac = "/apis/rbac.authorization.k8s.io/v1";
    const ingress = "/apis/networking.k8s.io/v1/namespaces/default/ingresses/web";
    await cluster.apply(ingress, {
      apiVersion: "networking.k8s.io/v1",
      kind: "Ingress",
      metadata: { name: "web" },
      spec: {
        ingressClassName: "nginx",
        rules: [
          {
            host: "a.example.com",
            http: {
              paths: [{ path: "/", pathType: "Prefix", backend: { service: { name: "web", port: { number: 80 } } } }],
            },
          },
        ],
      },
    });
    const addresses = async (): Promise<string[]> =>
      listAt(await cluster.settled(ingress), "status", "loadBalancer", "ingress").map(
        (entry) => textAt(entry, "ip") ?? "",
      );
    await cluster.apply("/apis/networking.k8s.io/v1/ingressclasses/nginx", {
      apiVersion: "networking.k8s.io/v1",
      kind: "IngressClass",
      metadata: { name: "nginx" },
      spec: { controller: "k8s.io/ingress-nginx" },
    });
    expect(await addresses()).toEqual([]);
    const controller = daemonSet({ serviceAccountName: "nginx", hostNetwork: true });
    ensureObject(controller, "spec", "template", "spec").containers = [
      {
        name: "c",
        image: "c:1",
        args: [
          "/nginx-ingress-controller",
          "--controller-class=k8s.io/ingress-nginx",
          "--report-node-internal-ip-address",
        ],
      },
    ];
    await cluster.apply(`${daemonSets}/agent`, controller);
    expect(await addresses()).toEqual([]);
    await cluster.apply("/api/v1/namespaces/default/serviceaccounts/nginx", {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: "nginx" },
    });
    expect(await addresses()).toEqual([]);
    const rules = [{ apiGroups: ["networking.k8s.io"], resources: ["ingresses/status"], verbs: ["update"] }];
    await cluster.apply(`${rbac}/clusterroles/nginx`, {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: { name: "nginx" },
      rules,
    });
    await cluster.apply(`${rbac}/clusterrolebindings/nginx`, {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name: "nginx" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "nginx" },
      subjects: [{ kind: "ServiceAccount", name: "nginx", namespace: "default" }],
    });
    expect(await addresses()).toEqual(["10.0.0.100", "10.0.0.110", "10.0.0.111"]);
  });
});

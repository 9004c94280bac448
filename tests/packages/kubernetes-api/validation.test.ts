import { at, ensureObject, type JsonObject } from "@standin/kubernetes-api/wire/json";
import { deployment, deployments, refusal, TestCluster } from "./support/testCluster";

// A machine shared with other work is slow at times.
jest.setTimeout(60_000);

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await TestCluster.start();
});
afterAll(() => cluster.stop());

const services = "/api/v1/namespaces/default/services";
const service = (name: string, spec: JsonObject): JsonObject => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name },
  spec,
});
const refused = (path: string, body: JsonObject): ReturnType<typeof refusal> => refusal(cluster.apply(path, body));
const refusedDeployment = (change: (podSpec: JsonObject, spec: JsonObject) => void): ReturnType<typeof refusal> =>
  refused(`${deployments}/wrong`, deployment("wrong", change));

describe("schemas", () => {
  test("unknown fields are refused, all at once, with their paths", async () => {
    const error = await refusedDeployment((podSpec, spec) => {
      spec.replica = 2;
      podSpec.containers = [{ name: "web", image: "nginx:1.29", imagePullPolice: "Always" }];
    });
    expect(error.code).toBe(400);
    expect(error.message).toContain(
      'unknown field "spec.replica", unknown field "spec.template.spec.containers[0].imagePullPolice"',
    );
  });

  test("wrong types and missing fields are refused, all at once", async () => {
    const error = await refusedDeployment((podSpec, spec) => {
      spec.replicas = "two";
      delete spec.selector;
      podSpec.containers = [{ image: "nginx:1.29" }];
    });
    expect(error.code).toBe(422);
    for (const field of ["spec.replicas", "spec.selector", "spec.template.spec.containers[0].name"])
      expect(error.message).toContain(field);
  });

  test.each([
    [
      "Pod template labels that the selector does not match",
      (_pod: JsonObject, spec: JsonObject) => (spec.selector = { matchLabels: { app: "other" } }),
      "does not match template",
    ],
    [
      "a name that is no DNS label",
      (pod: JsonObject) => (pod.containers = [{ name: "Web", image: "a" }]),
      "containers[0].name",
    ],
    ["a container without image", (pod: JsonObject) => (pod.containers = [{ name: "web" }]), "containers[0].image"],
    [
      "two containers of one name",
      (pod: JsonObject) =>
        (pod.containers = [
          { name: "a", image: "a" },
          { name: "a", image: "a" },
        ]),
      "Duplicate value",
    ],
    [
      "a mount without volume",
      (pod: JsonObject) =>
        (pod.containers = [{ name: "a", image: "a", volumeMounts: [{ name: "v", mountPath: "/v" }] }]),
      'Not found: "v"',
    ],
    [
      "a port out of range",
      (pod: JsonObject) => (pod.containers = [{ name: "a", image: "a", ports: [{ containerPort: 70000 }] }]),
      "between 1 and 65535",
    ],
    [
      "a port name that is too long",
      (pod: JsonObject) =>
        (pod.containers = [{ name: "a", image: "a", ports: [{ name: "a-very-long-port-name", containerPort: 1 }] }]),
      "at most 15",
    ],
    [
      "a quantity that is none",
      (pod: JsonObject) => (pod.containers = [{ name: "a", image: "a", resources: { limits: { memory: "1GB" } } }]),
      "quantity",
    ],
    [
      "a request above its limit",
      (pod: JsonObject) =>
        (pod.containers = [{ name: "a", image: "a", resources: { limits: { cpu: "500m" }, requests: { cpu: 1 } } }]),
      "at most the cpu limit",
    ],
    [
      "a restart policy that a Deployment cannot have",
      (pod: JsonObject) => (pod.restartPolicy = "Never"),
      "restartPolicy",
    ],
  ])("%s: 422", async (_what, change, message) => {
    const error = await refusedDeployment(change);
    expect(error.code).toBe(422);
    expect(error.message).toContain(message);
  });

  test("Services: ports are needed, node ports have a range, cluster addresses a network", async () => {
    expect((await refused(`${services}/a`, service("a", { selector: { a: "b" } }))).message).toContain(
      "spec.ports: Required value",
    );
    expect(
      (await refused(`${services}/a`, service("a", { type: "NodePort", ports: [{ port: 80, nodePort: 8080 }] })))
        .message,
    ).toContain("30000-32767");
    expect(
      (await refused(`${services}/a`, service("a", { clusterIP: "192.168.0.1", ports: [{ port: 80 }] }))).message,
    ).toContain("not within");
    await cluster.apply(`${services}/np`, service("np", { type: "NodePort", ports: [{ port: 80, nodePort: 31695 }] }));
    const taken = await refused(
      `${services}/np2`,
      service("np2", { type: "NodePort", ports: [{ port: 80, nodePort: 31695 }] }),
    );
    expect(taken.message).toContain("already allocated");
  });

  test("labels and names", async () => {
    const path = "/api/v1/namespaces/default/configmaps";
    expect(
      (await refused(`${path}/Big`, { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "Big" } })).message,
    ).toContain("metadata.name");
    const labelled = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", labels: { a: "not a label" } } };
    expect((await refused(`${path}/a`, labelled)).message).toContain("metadata.labels");
  });

  test("Secrets: stringData lands in data", async () => {
    const path = "/api/v1/namespaces/default/secrets/plain";
    const made = await cluster.apply(path, {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "plain" },
      stringData: { a: "hello" },
    });
    expect(made).toMatchObject({ type: "Opaque", data: { a: "aGVsbG8=" } });
    expect(made.stringData).toBeUndefined();
  });
});

describe("immutable fields", () => {
  const changed = async (path: string, before: JsonObject, after: JsonObject): Promise<string> => {
    await cluster.apply(path, before);
    const error = await refused(path, after);
    expect(error.code).toBe(422);
    return error.message;
  };

  test("a Deployment's selector", async () => {
    const relabelled = deployment("keep", (_pod, spec) => {
      spec.selector = { matchLabels: { app: "new" } };
      ensureObject(spec, "template").metadata = { labels: { app: "new" } };
    });
    expect(await changed(`${deployments}/keep`, deployment("keep"), relabelled)).toContain(
      "spec.selector: Invalid value: field is immutable",
    );
  });

  test("a Job's template", async () => {
    const job = (image: string): JsonObject => ({
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: { name: "migrate" },
      spec: { template: { spec: { restartPolicy: "Never", containers: [{ name: "a", image }] } } },
    });
    const path = "/apis/batch/v1/namespaces/default/jobs/migrate";
    expect(await changed(path, job("a:1"), job("a:2"))).toContain("spec.template");
  });

  test("a Service's address", async () => {
    const spec = (clusterIP: string): JsonObject => ({ clusterIP, ports: [{ port: 80 }] });
    const message = await changed(
      `${services}/fixed`,
      service("fixed", spec("10.43.0.50")),
      service("fixed", spec("10.43.0.51")),
    );
    expect(message).toContain("may not change once set");
  });

  test("most of a StatefulSet", async () => {
    const set = (serviceName: string, replicas: number): JsonObject => ({
      apiVersion: "apps/v1",
      kind: "StatefulSet",
      metadata: { name: "set" },
      spec: {
        serviceName,
        replicas,
        selector: { matchLabels: { a: "b" } },
        template: { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "a", image: "a:1" }] } },
      },
    });
    const path = "/apis/apps/v1/namespaces/default/statefulsets/set";
    expect(await changed(path, set("one", 1), set("two", 1))).toContain("updates to statefulset spec");
    expect(at(await cluster.apply(path, set("one", 3)), "spec", "replicas")).toBe(3);
  });

  test("another size of a claim: only where its class can be expanded, and never a smaller one", async () => {
    const claims = "/api/v1/namespaces/default/persistentvolumeclaims";
    const claim = (name: string, size: string, storageClassName: string): JsonObject => ({
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name },
      spec: { storageClassName, accessModes: ["ReadWriteOnce"], resources: { requests: { storage: size } } },
    });
    await cluster.apply("/apis/storage.k8s.io/v1/storageclasses/grows", {
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      metadata: { name: "grows" },
      provisioner: "csi.example.org",
      allowVolumeExpansion: true,
    });
    const resized = async (name: string, size: string, storageClass: string) => {
      const path = `${claims}/${name}`;
      await cluster.apply(path, claim(name, "5Gi", storageClass));
      await cluster.settled(path);
      return refusal(cluster.apply(path, claim(name, size, storageClass)));
    };
    expect(await resized("local", "6Gi", "local-path")).toMatchObject({
      code: 403,
      message: expect.stringContaining("the storageclass that provisions the pvc must support resize") as string,
    });
    expect(await resized("smaller", "4Gi", "grows")).toMatchObject({ code: 403 });
    await cluster.apply(`${claims}/smaller`, claim("smaller", "6Gi", "grows"));
  });

  test("an immutable ConfigMap, a role binding's role", async () => {
    const config = (a: string): JsonObject => ({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "frozen" },
      immutable: true,
      data: { a },
    });
    expect(await changed("/api/v1/namespaces/default/configmaps/frozen", config("1"), config("2"))).toContain("data");
    const binding = (name: string): JsonObject => ({
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name: "b" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name },
    });
    expect(
      await changed("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/b", binding("x"), binding("y")),
    ).toContain("roleRef");
  });
});

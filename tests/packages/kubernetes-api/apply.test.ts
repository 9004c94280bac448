import { at, listAt, numberAt, textAt, type JsonObject } from "@standin/kubernetes-api/wire/json";
import { deployment, deployments, refusal, TestCluster } from "./support/testCluster";

// A machine shared with other work is slow at times.
jest.setTimeout(60_000);

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await TestCluster.start();
});
afterAll(() => cluster.stop());

const configMaps = "/api/v1/namespaces/default/configmaps";
const configMap = (name: string, data: JsonObject, more: JsonObject = {}): JsonObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, ...more },
  data,
});

describe("server-side apply", () => {
  test("creates, and applying the same again changes nothing", async () => {
    const first = await cluster.apply(`${configMaps}/same`, configMap("same", { a: "1" }));
    const second = await cluster.apply(`${configMaps}/same`, configMap("same", { a: "1" }));
    expect(second.metadata).toEqual(first.metadata);
    expect(textAt(first, "metadata", "namespace")).toBe("default");
  });

  test("a field that its manager no longer states goes; another manager's field stays", async () => {
    const path = `${configMaps}/fields`;
    await cluster.apply(path, configMap("fields", { a: "1", b: "2" }, { labels: { x: "y" } }));
    await cluster.apply(path, configMap("fields", { c: "3" }), { fieldManager: "other" });
    const after = await cluster.apply(path, configMap("fields", { a: "1" }));
    expect(after.data).toEqual({ a: "1", c: "3" });
    expect(at(after, "metadata", "labels")).toBeUndefined();
  });

  test("a field shared by two managers goes with the last of them", async () => {
    const path = `${configMaps}/shared`;
    await cluster.apply(path, configMap("shared", { a: "1" }));
    await cluster.apply(path, configMap("shared", { a: "1" }), { fieldManager: "other" });
    expect((await cluster.apply(path, configMap("shared", {}))).data).toEqual({ a: "1" });
    const gone = await cluster.apply(
      path,
      { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "shared" } },
      { fieldManager: "other" },
    );
    expect(gone.data ?? {}).toEqual({});
  });

  test("another manager's value is a conflict (409) that names manager and field; force takes it over", async () => {
    const path = `${configMaps}/conflict`;
    await cluster.apply(path, configMap("conflict", { a: "1" }));
    const error = await refusal(cluster.apply(path, configMap("conflict", { a: "2" }), { fieldManager: "other" }));
    expect(error).toMatchObject({ code: 409, reason: "Conflict", causes: ["FieldManagerConflict"] });
    expect(error.message).toBe('Apply failed with 1 conflict: conflict with "test": .data.a');
    expect((await cluster.get(path)).data).toEqual({ a: "1" });
    const forced = await cluster.apply(path, configMap("conflict", { a: "2" }), {
      fieldManager: "other",
      force: "true",
    });
    expect(forced.data).toEqual({ a: "2" });
    const managers = listAt(forced, "metadata", "managedFields").map((entry) => textAt(entry, "manager"));
    expect(managers).toEqual(["other"]);
  });

  test("keyed lists merge by key: containers, env and ports are removed one by one", async () => {
    const path = `${deployments}/lists`;
    const container = (env: JsonObject[], ports: JsonObject[]): JsonObject => ({
      name: "web",
      image: "nginx:1.29",
      env,
      ports,
    });
    const withContainers = (...containers: JsonObject[]): JsonObject =>
      deployment("lists", (podSpec) => {
        podSpec.containers = containers;
      });
    const port = { name: "http", containerPort: 8080 };
    const sidecar = { name: "sidecar", image: "busybox:1.37" };
    await cluster.apply(
      path,
      withContainers(
        container(
          [
            { name: "A", value: "1" },
            { name: "B", value: "2" },
          ],
          [port, { name: "x", containerPort: 9 }],
        ),
        sidecar,
      ),
    );
    const after = await cluster.apply(path, withContainers(container([{ name: "B", value: "3" }], [port])));
    const containers = listAt(after, "spec", "template", "spec", "containers");
    expect(containers.map((item) => textAt(item, "name"))).toEqual(["web"]);
    expect(at(containers[0], "env")).toEqual([{ name: "B", value: "3" }]);
    expect(at(containers[0], "ports")).toEqual([{ ...port, protocol: "TCP" }]);
  });

  test("the generation counts changes of content only", async () => {
    const path = `${deployments}/generation`;
    const first = await cluster.apply(path, deployment("generation"));
    const labelled = deployment("generation");
    labelled.metadata = { name: "generation", labels: { a: "b" } };
    expect(numberAt(await cluster.apply(path, labelled), "metadata", "generation")).toBe(1);
    const scaled = deployment("generation", (_pod, spec) => {
      spec.replicas = 3;
    });
    expect(numberAt(await cluster.apply(path, scaled), "metadata", "generation")).toBe(2);
    expect(at(first, "spec", "strategy", "type")).toBe("RollingUpdate");
  });

  test("dryRun=All validates and stores nothing", async () => {
    const answer = await cluster.apply(`${configMaps}/dry`, configMap("dry", { a: "1" }), { dryRun: "All" });
    expect(answer.data).toEqual({ a: "1" });
    expect(await cluster.client.get(`${configMaps}/dry`)).toBeUndefined();
    const wrong = deployment("dry", (podSpec) => {
      podSpec.containers = [];
    });
    expect((await refusal(cluster.apply(`${deployments}/dry`, wrong, { dryRun: "All" }))).code).toBe(422);
  });
});

describe("other writes", () => {
  test("POST creates once, with generateName too; PUT wants the newest version", async () => {
    const post = (body: JsonObject): Promise<JsonObject> =>
      cluster.client.request({ method: "POST", path: configMaps, body });
    const made = await post(configMap("posted", { a: "1" }));
    expect((await refusal(post(configMap("posted", {})))).reason).toBe("AlreadyExists");
    const generated = await post({ apiVersion: "v1", kind: "ConfigMap", metadata: { generateName: "gen-" } });
    expect(textAt(generated, "metadata", "name")).toMatch(/^gen-[0-9a-f]{5}$/);
    const put = (body: JsonObject): Promise<JsonObject> =>
      cluster.client.request({ method: "PUT", path: `${configMaps}/posted`, body });
    expect((await put({ ...made, data: { a: "2" } })).data).toEqual({ a: "2" });
    expect((await refusal(put({ ...made, data: { a: "3" } }))).code).toBe(409);
  });

  test("merge patch removes with null; strategic merge patch merges containers by name", async () => {
    await cluster.apply(`${configMaps}/patched`, configMap("patched", { a: "1", b: "2" }));
    const merged = await cluster.client.request({
      method: "PATCH",
      path: `${configMaps}/patched`,
      body: { data: { a: null, c: "3" } },
      contentType: "application/merge-patch+json",
    });
    expect(merged.data).toEqual({ b: "2", c: "3" });
    await cluster.apply(`${deployments}/strategic`, deployment("strategic"));
    const patched = await cluster.client.request({
      method: "PATCH",
      path: `${deployments}/strategic`,
      body: { spec: { template: { spec: { containers: [{ name: "web", image: "nginx:1.30" }] } } } },
      contentType: "application/strategic-merge-patch+json",
    });
    expect(at(patched, "spec", "template", "spec", "containers", 0, "image")).toBe("nginx:1.30");
    expect(at(patched, "spec", "template", "spec", "containers", 0, "ports", 0, "containerPort")).toBe(8080);
  });

  test("a merge patch takes the field's ownership, so the next apply of another value conflicts", async () => {
    const path = `${deployments}/scaled`;
    await cluster.apply(path, deployment("scaled"));
    await cluster.client.request({
      method: "PATCH",
      path,
      body: { spec: { replicas: 5 } },
      contentType: "application/merge-patch+json",
    });
    const error = await refusal(cluster.apply(path, deployment("scaled")));
    expect(error.message).toContain(".spec.replicas");
  });

  test("an object about another path, in an unknown namespace or of an unknown kind is refused", async () => {
    expect((await refusal(cluster.apply(`${configMaps}/one`, configMap("two", {})))).code).toBe(400);
    const missing = await refusal(
      cluster.apply("/api/v1/namespaces/nowhere/configmaps/x", configMap("x", {}, { namespace: "nowhere" })),
    );
    expect(missing).toMatchObject({ code: 404, message: 'namespaces "nowhere" not found' });
    expect((await refusal(cluster.client.request({ method: "GET", path: "/apis/example.com/v1/things" }))).code).toBe(
      404,
    );
  });
});

import { spawn } from "node:child_process";
import { once } from "node:events";
import { statSync } from "node:fs";
import * as https from "node:https";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { KubeClient } from "@standin/kubernetes-api/wire/kubeClient";
import { parseKubeconfig } from "@standin/kubernetes-api/wire/connection";
import { listAt, textAt, type JsonObject } from "@standin/kubernetes-api/wire/json";
import { deployment, deployments, refusal, TestCluster, until } from "./support/testCluster";

// A machine shared with other work is slow at times.
jest.setTimeout(60_000);

let cluster: TestCluster;
beforeEach(async () => {
  cluster = await TestCluster.start();
});
afterEach(() => cluster.stop());

const crds = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const widgets: JsonObject = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "widgets.example.com" },
  spec: {
    group: "example.com",
    scope: "Namespaced",
    names: { plural: "widgets", singular: "widget", kind: "Widget", listKind: "WidgetList" },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: "object",
            properties: {
              spec: {
                type: "object",
                required: ["size"],
                properties: {
                  size: { type: "integer", minimum: 1 },
                  mode: { type: "string", default: "auto", enum: ["auto", "manual"] },
                },
              },
            },
          },
        },
      },
    ],
  },
};
const widget = (spec: JsonObject, name = "w"): JsonObject => ({
  apiVersion: "example.com/v1",
  kind: "Widget",
  metadata: { name },
  spec,
});
const widgetPath = "/apis/example.com/v1/namespaces/default/widgets/w";

describe("custom resources", () => {
  test("a CRD makes its kind known, validated and with defaults; deleting it removes the kind", async () => {
    expect((await refusal(cluster.apply(widgetPath, widget({ size: 1 })))).code).toBe(404);
    await cluster.apply(`${crds}/widgets.example.com`, widgets);
    const established = await cluster.settled(`${crds}/widgets.example.com`);
    expect(listAt(established, "status", "conditions").map((condition) => textAt(condition, "type"))).toContain(
      "Established",
    );
    expect((await cluster.apply(widgetPath, widget({ size: 1 }))).spec).toEqual({ size: 1, mode: "auto" });
    const discovery = await cluster.get("/apis/example.com/v1");
    expect(listAt(discovery, "resources").map((resource) => textAt(resource, "name"))).toEqual(["widgets"]);
    for (const [spec, message] of [
      [{ size: 0 }, "spec.size"],
      [{ mode: "auto" }, "spec.size"],
      [{ size: 1, mode: "off" }, "Unsupported value"],
      [{ size: 1, colour: "red" }, 'unknown field "spec.colour"'],
    ] as const)
      expect((await refusal(cluster.apply(`${widgetPath}-wrong`, widget(spec, "w-wrong")))).message).toContain(message);
    await cluster.client.request({ method: "DELETE", path: `${crds}/widgets.example.com` });
    await until(async () => (await cluster.client.get(`${crds}/widgets.example.com`)) === undefined, "the CRD goes");
    expect(await cluster.client.get(widgetPath)).toBeUndefined();
  });

  test("kinds can be known without a CRD", async () => {
    await cluster.down();
    await cluster.up({
      extraKinds: [
        {
          group: "projectcalico.org",
          version: "v3",
          kind: "GlobalNetworkPolicy",
          plural: "globalnetworkpolicies",
          namespaced: false,
        },
      ],
    });
    const path = "/apis/projectcalico.org/v3/globalnetworkpolicies/a";
    const made = await cluster.apply(path, {
      apiVersion: "projectcalico.org/v3",
      kind: "GlobalNetworkPolicy",
      metadata: { name: "a" },
      spec: { any: ["thing"] },
    });
    expect(made.spec).toEqual({ any: ["thing"] });
  });
});

describe("finalizers", () => {
  test("hold an object back until they are removed", async () => {
    const path = "/api/v1/namespaces/default/configmaps/held";
    await cluster.apply(path, {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "held", finalizers: ["example.com/hold"] },
    });
    await cluster.client.request({ method: "DELETE", path });
    expect(textAt(await cluster.get(path), "metadata", "deletionTimestamp")).toBeDefined();
    await cluster.client.request({
      method: "PATCH",
      path,
      body: { metadata: { finalizers: null } },
      contentType: "application/merge-patch+json",
    });
    expect(await cluster.client.get(path)).toBeUndefined();
  });
});

describe("access", () => {
  const status = (path: string, ca: string): Promise<number> =>
    new Promise((resolve, reject) => {
      https
        .get(cluster.local.url + path, { ca }, (response) => resolve(response.resume().statusCode ?? 0))
        .on("error", reject);
    });

  test("only with the client certificate; the state is the owner's only", async () => {
    const { ca = "" } = parseKubeconfig(cluster.local.kubeconfig);
    expect(await status("/api/v1/namespaces", ca)).toBe(401);
    expect(await status("/readyz", ca)).toBe(200);
    expect(statSync(cluster.stateFile).mode & 0o077).toBe(0);
  });

  test.each(["kubernetes.default.svc", "localhost", "10.0.0.10"])("the certificate is valid for %s", async (name) => {
    await cluster.down();
    await cluster.up({ extraSans: ["10.0.0.10"] });
    const connection = parseKubeconfig(cluster.local.kubeconfig);
    const client = new KubeClient({ ...connection, serverName: name });
    await expect(client.request({ method: "GET", path: "/version" })).resolves.toMatchObject({
      gitVersion: expect.stringMatching(/^v1\.\d+/) as string,
    });
    client.close();
  });

  test.each(["10.0.0.11", "other.example"])("the certificate is not valid for %s", async (name) => {
    await cluster.down();
    await cluster.up({ extraSans: ["10.0.0.10"] });
    const client = new KubeClient({ ...parseKubeconfig(cluster.local.kubeconfig), serverName: name });
    await expect(client.request({ method: "GET", path: "/version" })).rejects.toThrow(/certificate's altnames/);
    client.close();
  });

  test("watch and unknown patch types are answered plainly", async () => {
    const watch = await refusal(
      cluster.client.request({ method: "GET", path: "/api/v1/namespaces", query: { watch: "true" } }),
    );
    expect(watch).toMatchObject({ code: 405, reason: "MethodNotAllowed" });
    const jsonPatch = {
      method: "PATCH",
      path: "/api/v1/namespaces/default",
      body: {},
      contentType: "application/json-patch+json",
    } as const;
    expect((await refusal(cluster.client.request(jsonPatch))).code).toBe(415);
  });

  test("a stated port in use is an error that says what to do", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    await cluster.down();
    await expect(cluster.up({ port })).rejects.toThrow(
      `port ${port} on 127.0.0.1 is in use. Free it, or choose another port`,
    );
    other.close();
  });
});

describe("restart", () => {
  test("keeps objects, port and credentials; moves when the port is taken meanwhile", async () => {
    await cluster.apply(`${deployments}/web`, deployment("web"));
    const { url, kubeconfig } = cluster.local;
    await cluster.down();
    await cluster.up();
    expect({ url: cluster.local.url, kubeconfig: cluster.local.kubeconfig }).toEqual({ url, kubeconfig });
    await cluster.get(`${deployments}/web`);
    await cluster.down();
    const other = createServer().listen(Number(new URL(url).port), "127.0.0.1");
    await once(other, "listening");
    await cluster.up();
    expect(cluster.local.url).not.toBe(url);
    await cluster.get(`${deployments}/web`);
    other.close();
  });

  test("kill -9 loses nothing that was answered", async () => {
    await cluster.down();
    const script = join(__dirname, "support", "serve.ts");
    const child = spawn(process.execPath, ["--import", "tsx", script, cluster.stateFile], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    try {
      const [line] = (await once(child.stdout, "data")) as [Buffer];
      const client = new KubeClient(
        parseKubeconfig((JSON.parse(line.toString()) as { kubeconfig: string }).kubeconfig),
      );
      await expect(cluster.up()).rejects.toThrow(`${cluster.stateFile} is in use by another process`);
      const path = "/api/v1/namespaces/default/configmaps";
      const names = Array.from({ length: 20 }, (_, index) => `c${index}`);
      for (const name of names)
        await client.request({
          method: "POST",
          path,
          body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name } },
        });
      child.kill("SIGKILL");
      await once(child, "exit");
      client.close();
      await cluster.up();
      const found = listAt(await cluster.get(path), "items").map((item) => textAt(item, "metadata", "name"));
      expect(found).toEqual(expect.arrayContaining(names));
    } finally {
      child.kill("SIGKILL");
    }
  });
});

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { kubernetesProvider } from "@standin/pulumi-engine/providers/kubernetes";
import { parseKubeconfig } from "@standin/kubernetes-api/wire/connection";
import { KubeClient, pause } from "@standin/kubernetes-api/wire/kubeClient";
import { startRealKubernetes, type KubernetesNode, type LocalKubernetes } from "@standin/kubernetes-api";
import { listAt, textAt, type Json } from "@standin/kubernetes-api/wire/json";
import { unpackEtcd } from "@standin/kubernetes-api/real/binaries";
import { deployment, Harness, service, type Declaration } from "../packages/pulumi-engine/kubernetes/support/harness";
import { ingressController } from "../packages/pulumi-engine/kubernetes/support/ingressController";
import { accessScenarios } from "../packages/kubernetes-api/support/accessScenarios";
import { providerScenarios } from "../packages/pulumi-engine/kubernetes/support/providerScenarios";

// The first run builds the binaries.
jest.setTimeout(30 * 60_000);

const cacheDir = join(__dirname, "..", "..", ".cache", "kubernetes");
const directory = mkdtempSync(join(tmpdir(), "keybuzz-real-kubernetes-"));
const stateDir = join(directory, "state");
const nodes: readonly KubernetesNode[] = [
  { name: "k3s-master-01", address: "10.0.0.100", role: "server" },
  { name: "k3s-worker-01", address: "10.0.0.110", role: "agent", labels: { "keybuzz.io/pool": "ai" } },
];
let real: LocalKubernetes;

const start = (): Promise<LocalKubernetes> =>
  startRealKubernetes({
    cacheDir,
    stateDir,
    nodes,
    extraSans: ["10.0.0.10"],
    log: (line) => process.stderr.write(`${line}\n`),
  });

/** Processes whose command line names our directory. */
function ours(): string[] {
  return readdirSync("/proc")
    .filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid)
    .filter(
      (pid) => existsSync(`/proc/${pid}/cmdline`) && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(directory),
    );
}

beforeAll(async () => {
  real = await start();
});
afterAll(async () => {
  await real.close();
  const left = ours();
  rmSync(directory, { recursive: true, force: true });
  expect(left).toEqual([]);
});

describe("the provider against the real API", () => providerScenarios(async () => real.kubeconfig));

describe("who may what at the real API", () => accessScenarios(() => real));

describe("the cluster", () => {
  let harness: Harness;
  beforeEach(async () => {
    harness = new Harness(await kubernetesProvider({ kubeconfig: real.kubeconfig }));
  });
  afterEach(() => harness.provider.close());

  test("nodes are as declared, and those no longer declared go", async () => {
    const client = new KubeClient(parseKubeconfig(real.kubeconfig));
    const names = async (): Promise<(string | undefined)[]> =>
      listAt(await client.request({ method: "GET", path: "/api/v1/nodes" }), "items").map((node) =>
        textAt(node, "metadata", "name"),
      );
    await real.setNodes([...nodes, { name: "k3s-worker-02", address: "10.0.0.111", role: "agent" }]);
    expect(await names()).toEqual(["k3s-master-01", "k3s-worker-01", "k3s-worker-02"]);
    await real.setNodes(nodes);
    expect(await names()).toEqual(["k3s-master-01", "k3s-worker-01"]);
    client.close();
  });

  test("an Ingress gets the addresses of the nodes its controller runs on", async () => {
    for (const declared of ingressController("default")) await harness.create(declared, { timeoutSeconds: 60 });
    await harness.create(deployment("default", "web"), { timeoutSeconds: 60 });
    await harness.create(service("default", "web"), { timeoutSeconds: 60 });
    const path = { path: "/", pathType: "Prefix", backend: { service: { name: "web", port: { number: 80 } } } };
    const route: Declaration = {
      type: "kubernetes:networking.k8s.io/v1:Ingress",
      name: "route",
      inputs: {
        metadata: { name: "route", namespace: "default" },
        spec: { ingressClassName: "nginx-default", rules: [{ host: "a.example.com", http: { paths: [path] } }] },
      },
    };
    const made = await harness.create(route, { timeoutSeconds: 30 });
    const addresses = listAt(made.outputs as Json, "status", "loadBalancer", "ingress").map((entry) =>
      textAt(entry, "ip"),
    );
    expect(addresses).toEqual(["10.0.0.100", "10.0.0.110"]);
  });

  test("a StatefulSet's claims get volumes", async () => {
    const labels = { app: "db" };
    const claim = {
      metadata: { name: "data" },
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
    };
    const containers = [{ name: "db", image: "db:1", volumeMounts: [{ name: "data", mountPath: "/data" }] }];
    const template = { metadata: { labels }, spec: { containers } };
    const spec = {
      serviceName: "db",
      replicas: 1,
      selector: { matchLabels: labels },
      template,
      volumeClaimTemplates: [claim],
    };
    const set: Declaration = {
      type: "kubernetes:apps/v1:StatefulSet",
      name: "db",
      inputs: { metadata: { name: "db", namespace: "default" }, spec },
    };
    await harness.create(set, { timeoutSeconds: 60 });
  });

  test("a snapshot holds the cluster's objects", async () => {
    const kinds = new Set((await real.snapshot()).map((object) => object.kind));
    for (const kind of ["Node", "Namespace", "Service", "StorageClass"]) expect(kinds).toContain(kind);
  });
});

describe("life and death", () => {
  test("a restart keeps objects, port and credentials", async () => {
    const before = { url: real.url, kubeconfig: real.kubeconfig };
    await real.close();
    expect(ours()).toEqual([]);
    real = await start();
    expect({ url: real.url, kubeconfig: real.kubeconfig }).toEqual(before);
    const harness = new Harness(await kubernetesProvider({ kubeconfig: real.kubeconfig }));
    expect(await harness.read(deployment("default", "web"), "default/web")).toBeDefined();
    await harness.provider.close();
  });

  test("a port in use is an error, and nothing keeps running", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    const elsewhere = join(directory, "elsewhere");
    await expect(startRealKubernetes({ cacheDir, stateDir: elsewhere, port })).rejects.toThrow(
      `port ${port} on 127.0.0.1 is in use`,
    );
    expect(existsSync(join(elsewhere, "etcd.pid"))).toBe(false);
    other.close();
  });

  test.each(["SIGKILL", "SIGTERM"] as const)("no process outlives its parent (%s)", async (signal) => {
    const script = join(__dirname, "support", "serveReal.ts");
    const place = join(directory, `child-${signal}`);
    const child = spawn(process.execPath, ["--import", "tsx", script, cacheDir, place], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    const alive = (): string[] =>
      ours().filter(
        (pid) => existsSync(`/proc/${pid}/cmdline`) && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(place),
      );
    expect(alive().length).toBeGreaterThanOrEqual(5);
    child.kill(signal);
    await once(child, "exit");
    for (let tries = 0; alive().length > 0 && tries < 100; tries++) await pause(100);
    expect(alive()).toEqual([]);
  });

  test("etcd comes from Debian's package where it is not installed", async () => {
    const binary = await unpackEtcd(join(directory, "etcd-cache"), () => undefined);
    expect(existsSync(binary)).toBe(true);
  });
});

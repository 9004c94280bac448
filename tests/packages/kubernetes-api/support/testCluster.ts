import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KubeClient, KubeError, pause } from "@standin/kubernetes-api/wire/kubeClient";
import { parseKubeconfig } from "@standin/kubernetes-api/wire/connection";
import {
  startLocalKubernetes,
  type InProcessKubernetes,
  type KubernetesNode,
  type LocalKubernetesOptions,
} from "@standin/kubernetes-api";
import { textAt, type JsonObject } from "@standin/kubernetes-api/wire/json";

export const threeNodes: readonly KubernetesNode[] = [
  { name: "master-01", address: "10.0.0.100", role: "server" },
  { name: "worker-01", address: "10.0.0.110", role: "agent", labels: { "example.com/pool": "general" } },
  { name: "worker-02", address: "10.0.0.111", role: "agent", labels: { "example.com/pool": "ai" } },
];

/** A cluster in a directory of its own, and a client of it; `stop` removes both. */
export class TestCluster {
  readonly directory = mkdtempSync(join(tmpdir(), "standin-kubernetes-"));
  readonly stateFile = join(this.directory, "kubernetes.db");
  private api: InProcessKubernetes | undefined;
  private connected: KubeClient | undefined;

  static async start(options: Partial<LocalKubernetesOptions> = {}): Promise<TestCluster> {
    const cluster = new TestCluster();
    await cluster.up({ nodes: threeNodes, ...options });
    return cluster;
  }

  async up(options: Partial<LocalKubernetesOptions> = {}): Promise<void> {
    this.api = await startLocalKubernetes({ stateFile: this.stateFile, controllerDelayMs: 1, ...options });
    this.connected = new KubeClient(parseKubeconfig(this.api.kubeconfig));
  }

  get local(): InProcessKubernetes {
    if (this.api === undefined) throw new Error("the cluster is down");
    return this.api;
  }

  get client(): KubeClient {
    if (this.connected === undefined) throw new Error("the cluster is down");
    return this.connected;
  }

  apply(path: string, body: JsonObject, query: Record<string, string> = {}): Promise<JsonObject> {
    return this.client.request({
      method: "PATCH",
      path,
      body,
      contentType: "application/apply-patch+yaml",
      query: { fieldManager: "test", ...query },
    });
  }

  async get(path: string): Promise<JsonObject> {
    const found = await this.client.get(path);
    if (found === undefined) throw new Error(`${path} is not there`);
    return found;
  }

  /** Once the controllers are at rest. */
  async settled(path: string): Promise<JsonObject> {
    await this.local.settle();
    return this.get(path);
  }

  async down(): Promise<void> {
    this.connected?.close();
    await this.api?.close();
    this.api = undefined;
  }

  async stop(): Promise<void> {
    await this.down();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** The error an API call ends with; fails when it succeeds. */
export async function refusal(call: Promise<unknown>): Promise<KubeError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof KubeError) return error;
    throw error;
  }
  throw new Error("the call should have been refused");
}

export async function until(condition: () => Promise<boolean>, what: string, timeoutMs = 30_000): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`${what}: not within ${timeoutMs} ms`);
    await pause(10);
  }
}

export const deployments = "/apis/apps/v1/namespaces/default/deployments";

/** A Deployment that is right; `change` makes it what the test needs. */
export function deployment(
  name: string,
  change: (podSpec: JsonObject, spec: JsonObject) => void = () => undefined,
): JsonObject {
  const labels = { app: name };
  const podSpec: JsonObject = {
    containers: [{ name: "web", image: "nginx:1.29", ports: [{ name: "http", containerPort: 8080 }] }],
  };
  const spec: JsonObject = {
    replicas: 2,
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: podSpec },
  };
  change(podSpec, spec);
  return { apiVersion: "apps/v1", kind: "Deployment", metadata: { name, namespace: "default" }, spec };
}

/** A DaemonSet of the name "agent" that is right, with what its pods are to have beside their container. */
export const daemonSet = (podSpec: JsonObject): JsonObject => ({
  apiVersion: "apps/v1",
  kind: "DaemonSet",
  metadata: { name: "agent" },
  spec: {
    selector: { matchLabels: { a: "b" } },
    template: { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "a", image: "a:1" }], ...podSpec } },
  },
});
export const daemonSets = "/apis/apps/v1/namespaces/default/daemonsets";

export const conditionOf = (object: JsonObject, type: string): string | undefined => {
  const status = object.status;
  const list = typeof status === "object" && status !== null && !Array.isArray(status) ? status.conditions : undefined;
  const found = Array.isArray(list) ? list.find((condition) => textAt(condition, "type") === type) : undefined;
  return textAt(found, "status");
};

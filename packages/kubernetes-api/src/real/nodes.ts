import { KubeError, pause } from "../wire/kubeClient";
import { listAt, objectAt, textAt, type JsonObject } from "../wire/json";
import type { KubernetesNode } from "../localKubernetes";
import { nodeManifest, nodeStatus } from "../nodeObject";
import type { ApiClient } from "./apiClient";
import { fakeNode } from "./arguments";

const nodes = "/api/v1/nodes";
const readyTimeoutMs = 60_000;

const isReady = (node: JsonObject): boolean =>
  listAt(node, "status", "conditions").some(
    (entry) => textAt(entry, "type") === "Ready" && textAt(entry, "status") === "True",
  ) &&
  !listAt(node, "spec", "taints").some((taint) =>
    (textAt(taint, "key") ?? "").startsWith("node.kubernetes.io/not-ready"),
  );

async function update(api: ApiClient, node: KubernetesNode, manifest: JsonObject): Promise<void> {
  const path = `${nodes}/${node.name}`;
  try {
    await api.mergePatch(path, { metadata: manifest.metadata ?? {}, spec: manifest.spec ?? {} });
    await api.mergePatch(`${path}/status`, { status: { addresses: listAt(nodeStatus(node), "addresses") } });
  } catch (error) {
    // Somebody has deleted it meanwhile, as one does with a node that is to go.
    if (!(error instanceof KubeError && error.code === 404)) throw error;
  }
}

/** Makes the cluster's nodes these, and waits until kwok has made them ready. */
export async function setRealNodes(api: ApiClient, wanted: readonly KubernetesNode[]): Promise<void> {
  const names = new Set(wanted.map((node) => node.name));
  const before = new Map((await api.list(nodes)).map((node) => [textAt(node, "metadata", "name") ?? "", node]));
  for (const name of before.keys()) if (!names.has(name)) await api.remove(`${nodes}/${name}`);
  for (const node of wanted) {
    const manifest = nodeManifest(node);
    objectAt(manifest, "metadata").annotations = { [fakeNode.key]: fakeNode.value };
    if (!before.has(node.name)) await api.ensure(nodes, { ...manifest, status: nodeStatus(node) });
    else await update(api, node, manifest);
  }
  const end = Date.now() + readyTimeoutMs;
  for (;;) {
    const waiting = (await api.list(nodes))
      .filter((node) => !isReady(node))
      .map((node) => textAt(node, "metadata", "name") ?? "");
    if (waiting.length === 0) return;
    if (Date.now() > end)
      throw new Error(`Kubernetes nodes not ready within ${readyTimeoutMs / 1000} s: ${waiting.join(", ")}`);
    await pause(200);
  }
}

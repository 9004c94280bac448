import type { Json, JsonObject } from "./wire/json";
import type { KubernetesNode } from "./localKubernetes";

// K3s is what the simulated hosts "run".
export const kubernetesVersion = "v1.35.4";
const kubeletVersion = `${kubernetesVersion}+k3s1`;

/** The Node object that the machine's kubelet would register, without status. */
export function nodeManifest(node: KubernetesNode): JsonObject {
  const roles: Record<string, string> =
    node.role === "server"
      ? { "node-role.kubernetes.io/control-plane": "true", "node-role.kubernetes.io/etcd": "true" }
      : {};
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name: node.name,
      labels: {
        "kubernetes.io/hostname": node.name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "node.kubernetes.io/instance-type": "k3s",
        ...roles,
        ...node.labels,
      },
    },
    spec: { taints: (node.taints ?? []).map((taint): Json => ({ ...taint })) },
  };
}

export function nodeStatus(node: KubernetesNode): JsonObject {
  const capacity = { cpu: "8", memory: "16Gi", pods: "110", "ephemeral-storage": "160Gi" };
  const ready = { type: "Ready", status: "True", reason: "KubeletReady", message: "kubelet is posting ready status" };
  return {
    addresses: [
      { type: "InternalIP", address: node.address },
      { type: "Hostname", address: node.name },
    ],
    capacity,
    allocatable: capacity,
    conditions: [ready],
    nodeInfo: { kubeletVersion, operatingSystem: "linux", architecture: "amd64" },
  };
}

import type { JsonObject } from "./wire/json";

export interface NodeTaint {
  readonly key: string;
  readonly value?: string;
  readonly effect: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
}

/** A machine that has joined the cluster. */
export interface KubernetesNode {
  readonly name: string;
  /** Private address, the node's InternalIP. */
  readonly address: string;
  readonly role: "server" | "agent";
  /** Beside those every node has (hostname, os, arch, role). */
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly NodeTaint[];
}

/** A local Kubernetes API: in-process (startLocalKubernetes) or real (startRealKubernetes). */
export interface LocalKubernetes {
  /** YAML with everything a client needs, the client's private key included: treat as a secret. */
  readonly kubeconfig: string;
  /** e.g. "https://127.0.0.1:16443" */
  readonly url: string;
  /** The nodes there are from now on; nodes not listed are gone. */
  setNodes(nodes: readonly KubernetesNode[]): Promise<void>;
  /** Every object in the cluster, Secrets with their data: not for logs. */
  snapshot(): Promise<readonly JsonObject[]>;
  close(): Promise<void>;
}

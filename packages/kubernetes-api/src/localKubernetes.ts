import type { Authorities, KeyPair } from "./pki";
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

/** Who signs what in a cluster: what its first server has in its folder of certificates. */
export interface ClusterAuthorities {
  /** Of the API's own certificate. PEM. */
  readonly serverCertificate: string;
  /** Of clients' certificates; with its key anybody can be made a client. */
  readonly client: KeyPair;
}

/** A local Kubernetes API: in-process (startLocalKubernetes) or real (startRealKubernetes). */
export interface LocalKubernetes {
  /** YAML with everything a client needs, the client's private key included: treat as a secret. */
  readonly kubeconfig: string;
  /** The same, as a cluster writes it down on its own machines: its certificate ends a year after the cluster began. */
  readonly writtenKubeconfig: string;
  /** e.g. "https://127.0.0.1:16443" */
  readonly url: string;
  readonly authorities: ClusterAuthorities;
  /** The cluster is made with authorities that somebody brings along: from now on they are its own. */
  adopt(brought: Authorities): Promise<void>;
  /** The nodes there are from now on; nodes not listed are gone. */
  setNodes(nodes: readonly KubernetesNode[]): Promise<void>;
  /** Every object in the cluster, Secrets with their data: not for logs. */
  snapshot(): Promise<readonly JsonObject[]>;
  close(): Promise<void>;
}

import { stringify } from "yaml";

/** Host names, paths and ports that several files of K3s on one machine must agree on. */
export const K3S_PATHS = {
  /** Leads to the binary of a release, which stands beside it (stagedBinary). */
  binary: "/usr/local/bin/k3s",
  config: "/etc/rancher/k3s/config.yaml",
  configDirectory: "/etc/rancher/k3s/config.yaml.d",
  /** Written on the machine by the membership guard, never by the program. */
  membership: "/etc/rancher/k3s/config.yaml.d/10-membership.yaml",
  snapshots: "/etc/rancher/k3s/config.yaml.d/30-snapshots.yaml",
  token: "/etc/rancher/k3s/token",
  agentToken: "/etc/rancher/k3s/agent-token",
  auditPolicy: "/etc/rancher/k3s/audit-policy.yaml",
  auditLog: "/var/log/kubernetes/audit/audit.log",
  kubelet: "/etc/rancher/k3s/kubelet.yaml",
  etcd: "/var/lib/rancher/k3s/server/db/etcd",
  /** Of the program's own authority, for the server that makes the cluster. */
  authority: "/etc/rancher/k3s/authority",
  /** K3s makes those that it does not find when it makes the cluster, and keeps them (docs.k3s.io, certificate). */
  tls: "/var/lib/rancher/k3s/server/tls",
  serverAuthority: "/var/lib/rancher/k3s/server/tls/server-ca.crt",
  clientAuthority: "/var/lib/rancher/k3s/server/tls/client-ca.crt",
  clientAuthorityKey: "/var/lib/rancher/k3s/server/tls/client-ca.key",
  /** The same on every node that has joined, as its agent got it. */
  agentServerAuthority: "/var/lib/rancher/k3s/agent/server-ca.crt",
  /** Names the release, so that a new one is seen as a changed file. */
  release: "/etc/rancher/k3s/release",
} as const;

/**
 * How long pods stay bound to a node that is not ready, before they are started elsewhere (kube-apiserver,
 * DefaultTolerationSeconds); the node is not ready 50 s after it was last heard of. K3s takes back tolerations that are
 * added to what it ships, so this is every pod's, unless it says otherwise.
 */
const LOST_NODE_SECONDS = 30;

/** What a worker is kept for. */
export type WorkerDuty = "general" | "ai" | "monitoring";

/** Label, and key of the taint, that tells a worker's duty. */
export const DUTY_KEY = "keybuzz.io/duty";

/** All that K3s' servers must say alike: one value each, for a server that differs is refused or splits the cluster. */
export interface K3sClusterSettings {
  readonly podCidr: string;
  readonly serviceCidr: string;
  /** Address of CoreDNS' Service, within serviceCidr. */
  readonly clusterDns: string;
  /** Further names and addresses that the API server's certificate is valid for. */
  readonly tlsSans: readonly string[];
  /** Keep ordinary pods off the servers. Default of the service: true as soon as there is an agent. */
  readonly taintServers: boolean;
}

/** etcd snapshots to an S3 bucket. The keys may be secret placeholders. */
export interface SnapshotStore {
  /** Host and port, without a scheme: "10.0.0.134:9000". */
  readonly endpoint: string;
  readonly bucket: string;
  readonly folder: string;
  readonly region: string;
  readonly tls: boolean;
  readonly accessKey: string;
  readonly secretKey: string;
}

/** Options of `k3s server` and `k3s agent`, named as K3s names them (docs.k3s.io, CLI). */
interface K3sNodeConfig {
  readonly "node-name": string;
  readonly "node-ip": string;
  readonly "token-file": string;
  readonly "protect-kernel-defaults": true;
  readonly "kubelet-arg": readonly string[];
  readonly "node-label": readonly string[];
  readonly "node-taint": readonly string[];
}

export interface K3sAgentConfig extends K3sNodeConfig {
  /** The API's load balancer, so that no agent depends on one particular server. */
  readonly server: string;
}

export interface K3sServerConfig extends K3sNodeConfig {
  readonly "cluster-cidr": string;
  readonly "service-cidr": string;
  readonly "cluster-dns": string;
  readonly "flannel-backend": "none";
  readonly "disable-network-policy": true;
  readonly disable: readonly ("traefik" | "servicelb")[];
  /** `pod` would need K3s' own pod network; `agent` works with Calico since servers run kubelet and CNI too. */
  readonly "egress-selector-mode": "agent";
  readonly "secrets-encryption": true;
  readonly "agent-token-file": string;
  readonly "advertise-address": string;
  readonly "tls-san": readonly string[];
  readonly "write-kubeconfig-mode": "0600";
  readonly "kube-apiserver-arg": readonly string[];
  /** Cron, in the machine's time zone (UTC). */
  readonly "etcd-snapshot-schedule-cron": string;
  /** Snapshots kept on the machine, and as many in S3. */
  readonly "etcd-snapshot-retention": number;
}

interface SnapshotConfig {
  readonly "etcd-s3": true;
  readonly "etcd-s3-endpoint": string;
  readonly "etcd-s3-bucket": string;
  readonly "etcd-s3-folder": string;
  readonly "etcd-s3-region": string;
  readonly "etcd-s3-insecure": boolean;
  readonly "etcd-s3-access-key": string;
  readonly "etcd-s3-secret-key": string;
}

export interface K3sHost {
  readonly name: string;
  readonly address: string;
}

/**
 * config.yaml of one server. It says neither `cluster-init` nor `server`: which of the two is right depends on
 * what exists at that moment, and is decided on the machine (k3sMembership.ts).
 */
export function serverConfig(host: K3sHost, cluster: K3sClusterSettings): K3sServerConfig {
  return {
    ...nodeConfig(host, {
      token: K3S_PATHS.token,
      labels: [],
      taints: cluster.taintServers ? ["node-role.kubernetes.io/control-plane=true:NoSchedule"] : [],
    }),
    "cluster-cidr": cluster.podCidr,
    "service-cidr": cluster.serviceCidr,
    "cluster-dns": cluster.clusterDns,
    "flannel-backend": "none",
    "disable-network-policy": true,
    disable: ["traefik", "servicelb"],
    "egress-selector-mode": "agent",
    "secrets-encryption": true,
    "agent-token-file": K3S_PATHS.agentToken,
    "advertise-address": host.address,
    "tls-san": cluster.tlsSans,
    "write-kubeconfig-mode": "0600",
    "kube-apiserver-arg": [
      `audit-log-path=${K3S_PATHS.auditLog}`,
      `audit-policy-file=${K3S_PATHS.auditPolicy}`,
      "audit-log-maxage=30",
      "audit-log-maxbackup=10",
      "audit-log-maxsize=100",
      // Kubernetes' own five minutes for each pod of a node that is lost: here CoreDNS, and whatever runs once.
      `default-not-ready-toleration-seconds=${LOST_NODE_SECONDS}`,
      `default-unreachable-toleration-seconds=${LOST_NODE_SECONDS}`,
    ],
    "etcd-snapshot-schedule-cron": "0 */6 * * *",
    "etcd-snapshot-retention": 28,
  };
}

/** config.yaml of one agent; it joins at `joinUrl`, the API's load balancer. */
export function agentConfig(host: K3sHost, duty: WorkerDuty, joinUrl: string): K3sAgentConfig {
  return {
    ...nodeConfig(host, {
      token: K3S_PATHS.agentToken,
      labels: [`${DUTY_KEY}=${duty}`],
      taints: duty === "general" ? [] : [`${DUTY_KEY}=${duty}:NoSchedule`],
    }),
    server: joinUrl,
  };
}

/** Snapshots to S3, in a file of its own because it holds keys. */
export function snapshotConfig(store: SnapshotStore): SnapshotConfig {
  return {
    "etcd-s3": true,
    "etcd-s3-endpoint": store.endpoint,
    "etcd-s3-bucket": store.bucket,
    "etcd-s3-folder": store.folder,
    "etcd-s3-region": store.region,
    "etcd-s3-insecure": !store.tls,
    "etcd-s3-access-key": store.accessKey,
    "etcd-s3-secret-key": store.secretKey,
  };
}

/** YAML without line folding, in the order in which the options are written above. */
export function toYaml(config: object): string {
  return stringify(config, { lineWidth: 0 });
}

function nodeConfig(
  host: K3sHost,
  node: { readonly token: string; readonly labels: readonly string[]; readonly taints: readonly string[] },
): K3sNodeConfig {
  return {
    "node-name": host.name,
    "node-ip": host.address,
    "token-file": node.token,
    "protect-kernel-defaults": true,
    "kubelet-arg": [`config=${K3S_PATHS.kubelet}`],
    "node-label": node.labels,
    "node-taint": node.taints,
  };
}

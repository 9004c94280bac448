import type { AcceptedRisk } from "./riskSpecs";

/** Risks that come with the platform: every stack takes them. */
export const PLATFORM_RISKS: readonly AcceptedRisk[] = [
  {
    kind: "exposure",
    from: "*",
    to: "*lb-data:*",
    reason:
      "A Hetzner load balancer cannot filter inside the private network; each service behind it asks for an account, and only the estate's own machines are in that network.",
  },
  {
    kind: "exposure",
    from: "*",
    to: "lb-mariadb:3306",
    reason: "As lb-data: no filter exists there, and MariaDB asks for an account.",
  },
  {
    kind: "exposure",
    from: "*k3s-worker-*",
    to: "kube-system/metrics-server:10250",
    reason:
      "Servers reach pods from tunnel addresses, which do not tell servers from agents; metrics-server asks for a client certificate.",
  },
  {
    kind: "singlePoint",
    of: "*bastion-01",
    reason:
      "Only operators and outgoing traffic pass through it (docs/decisions/0002); nothing that customers reach needs it, and a new one takes minutes.",
  },
  {
    kind: "singlePoint",
    of: "*lb-data",
    reason: "Hetzner runs a load balancer redundantly by itself; consumers know one address.",
  },
  {
    kind: "singlePoint",
    of: "*minio-01",
    reason: "One node on purpose, until the object store is distributed over four by changing a number.",
  },
  {
    kind: "singlePoint",
    of: "*vector-01",
    reason: "One machine on purpose: what Qdrant holds can be computed again from the databases.",
  },
  {
    kind: "singlePoint",
    of: "location *",
    reason:
      "One location on purpose: quorums of three gain nothing from two, and the latency of the private network stays low.",
  },
  {
    kind: "singlePoint",
    of: "kube-system/*",
    reason: "K3s ships one replica of CoreDNS and metrics-server and starts it elsewhere when its node is lost.",
  },
  {
    kind: "singlePoint",
    of: "monitoring/*",
    reason: "No customer's request passes through it; Kubernetes starts it elsewhere when its node is lost.",
  },
];

/** Vault's injector is called by the API servers. */
export const VAULT_RISKS: readonly AcceptedRisk[] = [
  {
    kind: "exposure",
    from: "*k3s-worker-*",
    to: "vault/vault-agent-injector:8080",
    reason:
      "Servers reach pods from tunnel addresses, which do not tell servers from agents; the injector only answers how a pod would be changed, and holds no secret of Vault.",
  },
];

/** n8n's own limits. */
export const N8N_RISKS: readonly AcceptedRisk[] = [
  {
    kind: "singlePoint",
    of: "n8n/n8n-main",
    reason:
      "n8n's open edition runs one main process; webhooks and workers are more than one and go on without it, and Kubernetes starts it elsewhere.",
  },
];

/** For stacks of few machines: their clusters have one member on purpose. */
export const SMALL_STACK_RISKS: readonly AcceptedRisk[] = [
  ...PLATFORM_RISKS,
  { kind: "singlePoint", of: "*", reason: "A stack for trying changes, not for customers: every kind of part once." },
];

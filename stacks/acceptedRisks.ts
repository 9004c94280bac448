import type { AcceptedRisk } from "./riskSpecs";

/** Risks that come with the platform and its parts: every stack takes them, as far as it has the part. */
export const PLATFORM_RISKS: readonly AcceptedRisk[] = [
  {
    kind: "exposure",
    from: "*",
    to: { balancer: "data" },
    reason:
      "A Hetzner load balancer cannot filter inside the private network; each service behind it asks for an account, and only the estate's own machines are in that network.",
  },
  {
    kind: "exposure",
    from: "*",
    to: { balancer: "mariadb" },
    reason: "As the data load balancer: no filter exists there, and MariaDB asks for an account.",
  },
  {
    kind: "exposure",
    from: { role: "k3sAgent" },
    to: "kube-system/metrics-server:10250",
    reason:
      "Servers reach pods from tunnel addresses, which do not tell servers from agents; metrics-server asks for a client certificate.",
  },
  {
    kind: "exposure",
    from: { role: "k3sAgent" },
    to: { pods: "vault/vault-agent-injector:8080", of: "vault" },
    reason:
      "Servers reach pods from tunnel addresses, which do not tell servers from agents; the injector only answers how a pod would be changed, and holds no secret of Vault.",
  },
  {
    kind: "exposure",
    from: { pods: "ingress-nginx/ingress-nginx", of: "ingressNginx" },
    to: "every Secret of the cluster",
    reason:
      "ingress-nginx does not start without the list of all Secrets, or knows one namespace alone. Ingresses come from this program, without snippets; its pods run no shell for anybody and take no file. Another controller of the Gateway API needs none (docs/decisions/0008).",
  },
  {
    kind: "exposure",
    from: { pods: "ingress-nginx/ingress-nginx", of: "ingressNginx" },
    to: "the nodes' own network",
    reason:
      "So the load balancers reach it without another hop, and it sees their addresses. It is on servers too, as each node is a target of theirs; it runs as user 101 with the one capability that ports below 1024 need, and the API, etcd and kubelets there ask for certificates.",
  },
  {
    kind: "exposure",
    from: { pods: "node-exporter/node-exporter", of: "monitoring" },
    to: "the nodes' own network",
    reason:
      "It reads the figures of its node's own interfaces. It runs without rights, and its port is open to Prometheus alone.",
  },
  {
    kind: "singlePoint",
    of: { role: "bastion" },
    reason:
      "Only operators and outgoing traffic pass through it (docs/decisions/0002); nothing that customers reach needs it, and a new one takes minutes.",
  },
  {
    kind: "singlePoint",
    of: { balancer: "data" },
    reason: "Hetzner runs a load balancer redundantly by itself; consumers know one address.",
  },
  {
    kind: "singlePoint",
    of: { balancer: "mariadb" },
    reason: "As the data load balancer: Hetzner runs it redundantly by itself.",
  },
  {
    kind: "singlePoint",
    of: { role: "minio" },
    reason: "One node on purpose, until the object store is distributed over four by changing a number.",
  },
  {
    kind: "singlePoint",
    of: { role: "qdrant" },
    reason: "One machine on purpose: what Qdrant holds can be computed again from the databases.",
  },
  {
    kind: "singlePoint",
    of: { location: "only" },
    reason:
      "One location on purpose: quorums of three gain nothing from two, and the latency of the private network stays low.",
  },
  {
    kind: "singlePoint",
    of: "kube-system/metrics-server",
    reason:
      "K3s ships one replica, and it is started elsewhere when its node is lost: until then autoscalers keep the numbers that they have.",
  },
  {
    kind: "singlePoint",
    of: { pods: "monitoring/*", of: "monitoring" },
    reason: "No customer's request passes through it; Kubernetes starts it elsewhere when its node is lost.",
  },
  {
    kind: "singlePoint",
    of: { pods: "n8n/n8n-main", of: "n8n" },
    reason:
      "n8n's open edition runs one main process; webhooks and workers are more than one and go on without it, and Kubernetes starts it elsewhere.",
  },
  {
    kind: "singlePoint",
    of: { pods: "n8n/n8n-webhook-mcp", of: "n8n" },
    reason:
      "n8n holds the sessions of MCP servers in the process that they began in, so there is one; clients begin anew when Kubernetes has started it elsewhere.",
  },
  {
    kind: "singlePoint",
    of: { pods: "erpnext/erpnext-socket", of: "erpNext" },
    reason:
      "socket.io keeps its sessions in the process that they began in, so there is one; browsers connect again when Kubernetes has started it elsewhere.",
  },
];

/** For stacks of few machines: their clusters have one member on purpose. */
export const SMALL_STACK_RISKS: readonly AcceptedRisk[] = [
  ...PLATFORM_RISKS,
  { kind: "singlePoint", of: "*", reason: "A stack for trying changes, not for customers: every kind of part once." },
];

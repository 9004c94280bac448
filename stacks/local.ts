import { SMALL_STACK_RISKS } from "./acceptedRisks";
import { DATA_PORTS, type Environment } from "./environment";
import { keybuzzApi, keybuzzFront } from "./keybuzzApps";
import { CLUSTER_NETWORKS, VERSIONS } from "./versions";

/** For rehearsals on one machine: every cluster whole, so that losing a leader can be tried, and a small cluster. */
export const environment: Environment = {
  name: "local",
  location: "fsn1",
  networkZone: "eu-central",
  image: "debian-12",
  network: {
    networkCidr: "10.0.0.0/16",
    subnetCidr: "10.0.0.0/16",
    ...CLUSTER_NETWORKS,
  },
  hosts: [
    { name: "bastion-01", role: "bastion", address: "10.0.0.9", serverType: "cx23" },
    { name: "haproxy-01", role: "haproxy", address: "10.0.0.11", serverType: "cx23" },
    { name: "haproxy-02", role: "haproxy", address: "10.0.0.12", serverType: "cx23" },
    { name: "k3s-master-01", role: "k3sServer", address: "10.0.0.100", serverType: "cx23" },
    { name: "k3s-worker-01", role: "k3sAgent", address: "10.0.0.110", serverType: "cx23" },
    { name: "db-master-01", role: "postgres", address: "10.0.0.120", serverType: "cx23" },
    { name: "db-slave-01", role: "postgres", address: "10.0.0.121", serverType: "cx23" },
    { name: "db-slave-02", role: "postgres", address: "10.0.0.122", serverType: "cx23" },
    { name: "redis-01", role: "redis", address: "10.0.0.123", serverType: "cx23" },
    { name: "redis-02", role: "redis", address: "10.0.0.124", serverType: "cx23" },
    { name: "redis-03", role: "redis", address: "10.0.0.125", serverType: "cx23" },
    { name: "queue-01", role: "rabbitmq", address: "10.0.0.126", serverType: "cx23" },
    { name: "queue-02", role: "rabbitmq", address: "10.0.0.127", serverType: "cx23" },
    { name: "queue-03", role: "rabbitmq", address: "10.0.0.128", serverType: "cx23" },
    { name: "minio-01", role: "minio", address: "10.0.0.134", serverType: "cx23" },
    { name: "vector-01", role: "qdrant", address: "10.0.0.136", serverType: "cx23" },
    { name: "maria-01", role: "mariadb", address: "10.0.0.170", serverType: "cx23" },
    { name: "maria-02", role: "mariadb", address: "10.0.0.171", serverType: "cx23" },
    { name: "maria-03", role: "mariadb", address: "10.0.0.172", serverType: "cx23" },
    { name: "proxysql-01", role: "proxysql", address: "10.0.0.173", serverType: "cx23" },
    { name: "proxysql-02", role: "proxysql", address: "10.0.0.174", serverType: "cx23" },
  ],
  dataLoadBalancer: { name: "lb-data", address: "10.0.0.10", type: "lb21", ports: DATA_PORTS },
  mariadbLoadBalancer: { name: "lb-mariadb", address: "10.0.0.20", type: "lb11" },
  web: {
    zone: "keybuzz.test",
    manageZone: true,
    // One of each kind that a domain usually has, so that every rehearsal makes them.
    records: [
      { name: "@", type: "MX", values: [{ priority: 10, host: "mail.example.com." }], ttlSeconds: 3600 },
      { name: "@", type: "TXT", values: ["v=spf1 include:spf.example.com -all"], ttlSeconds: 3600 },
      { name: "@", type: "CAA", values: [{ tag: "issue", value: "letsencrypt.org" }], ttlSeconds: 3600 },
      { name: "_dmarc", type: "TXT", values: ["v=DMARC1; p=quarantine"], ttlSeconds: 3600 },
      {
        name: "_submission._tcp",
        type: "SRV",
        values: [{ priority: 0, weight: 1, port: 587, host: "mail.example.com." }],
        ttlSeconds: 3600,
      },
      { name: "www", type: "CNAME", values: ["platform"] },
    ],
    dnsTtlSeconds: 60,
    loadBalancers: [{ name: "lb-keybuzz-1", address: "10.0.0.5", type: "lb11" }],
    certificate: "selfSigned",
    idleTimeoutSeconds: 300,
  },
  // Debian has no ProxySQL.
  mariadbProxy: "haproxy",
  // The distribution's own, which the real machines of a rehearsal carry.
  postgres: { version: 15, dcs: "etcd" },
  kubernetes: { k3sVersion: VERSIONS.k3s, authority: "program", ingressNodePort: 31695 },
  workloads: {
    apps: [
      // Debian 12's PgBouncer pools sessions, by which nobody gains.
      keybuzzApi({ host: "platform-api.keybuzz.test", min: 2, max: 3, databaseVia: "leader" }),
      keybuzzFront({ host: "platform.keybuzz.test", replicas: 2 }),
      // The chat's streams (docs/estate.md): answers word by word, and a socket for each user.
      {
        name: "chat-backend",
        namespace: "ai",
        image: "ghcr.io/keybuzzio/chat-backend:0.1.0",
        needs: { postgres: {}, redis: { index: 5 }, llm: {} },
        processes: [
          {
            kind: "web",
            port: 8001,
            health: { kind: "http", path: "/health" },
            scale: 2,
            expose: [
              {
                host: "chat.keybuzz.test",
                routes: [
                  { kind: "sse", path: "/api/chat/stream", match: "exact", heartbeatSeconds: 15, firstByteSeconds: 2 },
                  { kind: "websocket", path: "/api/ws", heartbeatSeconds: 30 },
                  { kind: "http", path: "/" },
                ],
              },
            ],
          },
        ],
      },
    ],
    chatwoot: {
      image: VERSIONS.images.chatwoot,
      replicas: 1,
      workerReplicas: 1,
      host: "support.keybuzz.test",
      requestTimeoutSeconds: 60,
      smtp: { host: "mail.example.com", port: 587, domain: "keybuzz.test", username: "support" },
      mailboxPorts: [993],
      publicAttachments: true,
    },
    files: { image: VERSIONS.images.files, replicas: 1, host: "files.keybuzz.test" },
    liteLlm: { image: VERSIONS.images.liteLlm, replicas: 1 },
    n8n: { image: VERSIONS.images.n8n, host: "n8n.keybuzz.test", workerReplicas: 1, webhookReplicas: 1 },
    superset: {
      image: VERSIONS.images.superset,
      replicas: 1,
      workerReplicas: 1,
      host: "bi.keybuzz.test",
      adminEmail: "bi@keybuzz.test",
    },
    erpNext: {
      image: VERSIONS.images.erpNext,
      replicas: 1,
      workerReplicas: 1,
      filesGb: 5,
      host: "erp.keybuzz.test",
    },
    vault: {
      image: VERSIONS.images.vault,
      injectorImage: VERSIONS.images.vaultInjector,
      replicas: 1,
      unseal: { kind: "manual" },
      failurePolicy: "Fail",
    },
  },
  accepted: SMALL_STACK_RISKS,
  protect: false,
};

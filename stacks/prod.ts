import { HETZNER_NAMESERVERS } from "../components/network/dnsRecords";
import { PLATFORM_RISKS } from "./acceptedRisks";
import { DATA_PORTS, type Environment } from "./environment";
import { keybuzzApi, keybuzzFront } from "./keybuzzApps";
import { CLUSTER_NETWORKS, VERSIONS } from "./versions";
import { workers } from "./workers";

/** The production estate of KeyBuzz (docs/estate.md tells what is given and what is chosen). */
export const environment: Environment = {
  name: "prod",
  location: "fsn1",
  networkZone: "eu-central",
  image: "ubuntu-22.04",
  network: {
    networkCidr: "10.0.0.0/16",
    subnetCidr: "10.0.0.0/16",
    ...CLUSTER_NETWORKS,
  },
  hosts: [
    { name: "bastion-01", role: "bastion", address: "10.0.0.9", serverType: "cpx22" },
    { name: "haproxy-01", role: "haproxy", address: "10.0.0.11", serverType: "cpx32" },
    { name: "haproxy-02", role: "haproxy", address: "10.0.0.12", serverType: "cpx32" },
    { name: "k3s-master-01", role: "k3sServer", address: "10.0.0.100", serverType: "cpx32" },
    { name: "k3s-master-02", role: "k3sServer", address: "10.0.0.101", serverType: "cpx32" },
    { name: "k3s-master-03", role: "k3sServer", address: "10.0.0.102", serverType: "cpx32" },
    ...workers(5, { subnetCidr: "10.0.0.0/16", serverType: "cpx42", duties: { 3: "ai", 5: "monitoring" } }),
    { name: "db-master-01", role: "postgres", address: "10.0.0.120", serverType: "ccx23" },
    { name: "db-slave-01", role: "postgres", address: "10.0.0.121", serverType: "ccx23" },
    { name: "db-slave-02", role: "postgres", address: "10.0.0.122", serverType: "ccx23" },
    { name: "redis-01", role: "redis", address: "10.0.0.123", serverType: "cpx22" },
    { name: "redis-02", role: "redis", address: "10.0.0.124", serverType: "cpx22" },
    { name: "redis-03", role: "redis", address: "10.0.0.125", serverType: "cpx22" },
    { name: "queue-01", role: "rabbitmq", address: "10.0.0.126", serverType: "cpx22" },
    { name: "queue-02", role: "rabbitmq", address: "10.0.0.127", serverType: "cpx22" },
    { name: "queue-03", role: "rabbitmq", address: "10.0.0.128", serverType: "cpx22" },
    { name: "minio-01", role: "minio", address: "10.0.0.134", serverType: "cpx42" },
    { name: "vector-01", role: "qdrant", address: "10.0.0.136", serverType: "cpx42" },
    { name: "maria-01", role: "mariadb", address: "10.0.0.170", serverType: "cpx32" },
    { name: "maria-02", role: "mariadb", address: "10.0.0.171", serverType: "cpx32" },
    { name: "maria-03", role: "mariadb", address: "10.0.0.172", serverType: "cpx32" },
    { name: "proxysql-01", role: "proxysql", address: "10.0.0.173", serverType: "cpx22" },
    { name: "proxysql-02", role: "proxysql", address: "10.0.0.174", serverType: "cpx22" },
  ],
  dataLoadBalancer: { name: "lb-data", address: "10.0.0.10", type: "lb21", ports: DATA_PORTS },
  mariadbLoadBalancer: { name: "lb-mariadb", address: "10.0.0.20", type: "lb11" },
  web: {
    zone: "keybuzz.io",
    manageZone: true,
    // Before the registrar is told: what the domain has today (MX, SPF, DKIM, other hosts) goes in here
    // (docs/operate.md, Bring-up of a new account).
    records: [{ name: "staging", type: "NS", values: HETZNER_NAMESERVERS, ttlSeconds: 3600 }],
    dnsTtlSeconds: 60,
    loadBalancers: [
      { name: "lb-keybuzz-1", address: "10.0.0.5", type: "lb21" },
      { name: "lb-keybuzz-2", address: "10.0.0.6", type: "lb21" },
    ],
    certificate: "managed",
    // The longest that Hetzner allows: it has to outlast three heartbeats of each stream, and the slowest ordinary
    // answer with its retries.
    idleTimeoutSeconds: 300,
  },
  postgres: { version: 16, dcs: "raft" },
  kubernetes: { k3sVersion: VERSIONS.k3s, authority: "program", ingressNodePort: 31695 },
  workloads: {
    apps: [
      keybuzzApi({ host: "platform-api.keybuzz.io", min: 3, max: 30, databaseVia: "pooled" }),
      keybuzzFront({ host: "platform.keybuzz.io", replicas: 3 }),
    ],
    chatwoot: {
      image: VERSIONS.images.chatwoot,
      replicas: 2,
      workerReplicas: 2,
      host: "support.keybuzz.io",
      requestTimeoutSeconds: 60,
      publicAttachments: true,
    },
    files: { image: VERSIONS.images.files, replicas: 2, host: "files.keybuzz.io" },
    // On the AI worker and a general one: neither's loss stops it.
    liteLlm: { image: VERSIONS.images.liteLlm, replicas: 2, placement: { also: "ai" } },
    n8n: { image: VERSIONS.images.n8n, host: "n8n.keybuzz.io", workerReplicas: 2, webhookReplicas: 2 },
    superset: {
      image: VERSIONS.images.superset,
      replicas: 2,
      workerReplicas: 2,
      host: "bi.keybuzz.io",
      adminEmail: "bi@keybuzz.io",
    },
    // One member on each general worker. It must be initialised once, by people: docs/operate.md.
    vault: {
      image: VERSIONS.images.vault,
      injectorImage: VERSIONS.images.vaultInjector,
      replicas: 3,
      unseal: { kind: "manual" },
      failurePolicy: "Fail",
    },
  },
  monitoring: {
    retentionDays: 30,
    storageGb: 60,
    alerts: "chat",
    // A day, and two hours for the job itself.
    backups: [
      { name: "postgres", maximumAgeHours: 26 },
      { name: "mariadb", maximumAgeHours: 26 },
    ],
  },
  accepted: PLATFORM_RISKS,
  protect: true,
};

import { SMALL_STACK_RISKS } from "./acceptedRisks";
import { DATA_PORTS, type Environment } from "./environment";
import { keybuzzApi, keybuzzFront } from "./keybuzzApps";
import { CLUSTER_NETWORKS, VERSIONS } from "./versions";

/** A small estate for trying changes: every kind of part once, no second of what costs. */
export const environment: Environment = {
  name: "staging",
  location: "nbg1",
  networkZone: "eu-central",
  image: "ubuntu-24.04",
  network: {
    networkCidr: "10.1.0.0/16",
    subnetCidr: "10.1.0.0/16",
    ...CLUSTER_NETWORKS,
  },
  hosts: [
    { name: "staging-bastion-01", role: "bastion", address: "10.1.0.9", serverType: "cx23" },
    { name: "staging-haproxy-01", role: "haproxy", address: "10.1.0.11", serverType: "cx23" },
    { name: "staging-k3s-master-01", role: "k3sServer", address: "10.1.0.100", serverType: "cx33" },
    { name: "staging-k3s-worker-01", role: "k3sAgent", address: "10.1.0.110", serverType: "cx43" },
    { name: "staging-k3s-worker-02", role: "k3sAgent", address: "10.1.0.111", serverType: "cx43" },
    { name: "staging-db-01", role: "postgres", address: "10.1.0.120", serverType: "cx33" },
    { name: "staging-redis-01", role: "redis", address: "10.1.0.123", serverType: "cx23" },
    { name: "staging-queue-01", role: "rabbitmq", address: "10.1.0.126", serverType: "cx23" },
    { name: "staging-minio-01", role: "minio", address: "10.1.0.134", serverType: "cx23" },
    { name: "staging-vector-01", role: "qdrant", address: "10.1.0.136", serverType: "cx23" },
  ],
  dataLoadBalancer: { name: "staging-lb-data", address: "10.1.0.10", type: "lb21", ports: DATA_PORTS },
  web: {
    zone: "staging.keybuzz.io",
    manageZone: true,
    records: [],
    dnsTtlSeconds: 60,
    loadBalancers: [{ name: "staging-lb-keybuzz-1", address: "10.1.0.5", type: "lb11" }],
    certificate: "managed",
    idleTimeoutSeconds: 300,
  },
  postgres: { version: 16, dcs: "etcd" },
  kubernetes: { k3sVersion: VERSIONS.k3s, authority: "program", ingressNodePort: 31695 },
  workloads: {
    apps: [
      keybuzzApi({ host: "platform-api.staging.keybuzz.io", min: 2, max: 4, databaseVia: "pooled" }),
      keybuzzFront({ host: "platform.staging.keybuzz.io", replicas: 2 }),
    ],
    chatwoot: {
      image: VERSIONS.images.chatwoot,
      replicas: 1,
      workerReplicas: 1,
      host: "support.staging.keybuzz.io",
      requestTimeoutSeconds: 60,
      publicAttachments: true,
    },
    files: { image: VERSIONS.images.files, replicas: 1, host: "files.staging.keybuzz.io" },
    liteLlm: { image: VERSIONS.images.liteLlm, replicas: 1 },
    n8n: { image: VERSIONS.images.n8n, host: "n8n.staging.keybuzz.io", workerReplicas: 1, webhookReplicas: 1 },
    superset: {
      image: VERSIONS.images.superset,
      replicas: 1,
      workerReplicas: 1,
      host: "bi.staging.keybuzz.io",
      adminEmail: "bi@keybuzz.io",
    },
  },
  accepted: SMALL_STACK_RISKS,
  protect: false,
};

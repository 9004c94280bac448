import { PLATFORM_RISKS } from "../../stacks/acceptedRisks";
import { DATA_PORTS, type Environment } from "../../stacks/environment";
import { PLACEHOLDER } from "../../stacks/placeholder";
import { VERSIONS } from "../../stacks/versions";

/**
 * A third estate, for customers, in which nothing is called or lies as in the others: names, addresses, networks inside
 * the cluster, two locations. It has no RabbitMQ, object store, vectors, monitoring, Vault or n8n.
 */
export const environment: Environment = {
  name: "shop",
  location: "hel1",
  networkZone: "eu-central",
  image: "ubuntu-24.04",
  network: {
    networkCidr: "10.42.0.0/16",
    subnetCidr: "10.42.7.0/24",
    podCidr: "10.96.0.0/16",
    workloadPoolCidr: "10.96.128.0/17",
    tunnelPoolCidr: "10.96.0.0/24",
    serviceCidr: "10.97.0.0/16",
    mtu: 1450,
  },
  hosts: [
    { name: "gate", role: "bastion", address: "10.42.7.200", serverType: "cx23" },
    { name: "proxy-a", role: "haproxy", address: "10.42.7.201", serverType: "cx23" },
    { name: "proxy-b", role: "haproxy", address: "10.42.7.202", serverType: "cx23", location: "nbg1" },
    { name: "control-a", role: "k3sServer", address: "10.42.7.11", serverType: "cx33" },
    { name: "control-b", role: "k3sServer", address: "10.42.7.12", serverType: "cx33" },
    { name: "control-c", role: "k3sServer", address: "10.42.7.13", serverType: "cx33", location: "nbg1" },
    { name: "node-a", role: "k3sAgent", address: "10.42.7.21", serverType: "cx43" },
    { name: "node-b", role: "k3sAgent", address: "10.42.7.22", serverType: "cx43" },
    { name: "pg-a", role: "postgres", address: "10.42.7.31", serverType: "cx33" },
    { name: "pg-b", role: "postgres", address: "10.42.7.32", serverType: "cx33" },
    { name: "pg-c", role: "postgres", address: "10.42.7.33", serverType: "cx33", location: "nbg1" },
    { name: "cache-a", role: "redis", address: "10.42.7.41", serverType: "cx23" },
    { name: "cache-b", role: "redis", address: "10.42.7.42", serverType: "cx23" },
    { name: "cache-c", role: "redis", address: "10.42.7.43", serverType: "cx23", location: "nbg1" },
    { name: "sql-a", role: "mariadb", address: "10.42.7.51", serverType: "cx33" },
    { name: "sql-b", role: "mariadb", address: "10.42.7.52", serverType: "cx33" },
    { name: "sql-c", role: "mariadb", address: "10.42.7.53", serverType: "cx33", location: "nbg1" },
    { name: "sql-proxy-a", role: "proxysql", address: "10.42.7.61", serverType: "cx23" },
    { name: "sql-proxy-b", role: "proxysql", address: "10.42.7.62", serverType: "cx23" },
  ],
  dataLoadBalancer: { name: "data-entry", address: "10.42.7.250", type: "lb21", ports: { ...DATA_PORTS, redis: 6380 } },
  mariadbLoadBalancer: { name: "sql-entry", address: "10.42.7.251", type: "lb11" },
  web: {
    zone: "shop.example",
    manageZone: true,
    records: [],
    dnsTtlSeconds: 300,
    loadBalancers: [
      { name: "front-a", address: "10.42.7.252", type: "lb11" },
      { name: "front-b", address: "10.42.7.253", type: "lb11" },
    ],
    certificate: "selfSigned",
    idleTimeoutSeconds: 300,
  },
  postgres: { version: 16, dcs: "etcd" },
  kubernetes: { k3sVersion: VERSIONS.k3s, ingressNodePort: 30080 },
  workloads: {
    apps: [
      {
        name: "keybuzz-front",
        namespace: "keybuzz",
        ...PLACEHOLDER,
        processes: [
          {
            kind: "web",
            port: 80,
            health: { kind: "http", path: "/" },
            scale: 2,
            expose: [{ host: "www.shop.example", routes: [{ kind: "upload", path: "/", maxBodyMb: 50 }] }],
          },
        ],
      },
    ],
    liteLlm: { image: VERSIONS.images.liteLlm, replicas: 2 },
    superset: {
      image: VERSIONS.images.superset,
      replicas: 2,
      workerReplicas: 2,
      host: "bi.shop.example",
      adminEmail: "bi@shop.example",
    },
    erpNext: {
      image: VERSIONS.images.erpNext,
      replicas: 2,
      workerReplicas: 2,
      filesGb: 5,
      host: "erp.shop.example",
      sharedClass: "shared",
    },
  },
  accepted: PLATFORM_RISKS,
  protect: true,
};

import type { AuthorityMaker } from "../../../../components/cluster/k3s/k3sAuthority";
import { K3sService, type K3sAgentHost } from "../../../../components/cluster/k3s/k3sService";
import type { K3sRelease } from "../../../../components/cluster/k3s/k3sRelease";
import type { SnapshotStore } from "../../../../components/cluster/k3s/k3sConfig";
import { IngressService } from "../../../../components/cluster/ingress/ingressService";
import { SecretLedger } from "../../../../components/secrets/secretLedger";
import type { AddressPlan } from "../../../../components/topology/addressPlan";
import type { HostRef, Hosts, LoadBalancer, Pods } from "../../../../components/topology/party";
import { Topology, type Endpoint } from "../../../../components/topology/topology";

export const ADDRESSES: AddressPlan = {
  networkCidr: "10.0.0.0/16",
  podCidr: "10.233.64.0/18",
  workloadPoolCidr: "10.233.96.0/19",
  tunnelPoolCidr: "10.233.64.0/24",
  serviceCidr: "10.233.0.0/18",
};
export const SERVERS: readonly HostRef[] = [1, 2, 3].map((n) => ({
  name: `k3s-master-0${n}`,
  address: `10.0.0.${99 + n}`,
}));
export const AGENTS: readonly K3sAgentHost[] = [
  { name: "k3s-worker-01", address: "10.0.0.110", duty: "general" },
  { name: "k3s-worker-03", address: "10.0.0.112", duty: "ai" },
  { name: "k3s-worker-05", address: "10.0.0.114", duty: "monitoring" },
];
export const WEB_BALANCERS: readonly LoadBalancer[] = [
  { kind: "loadBalancer", name: "lb-keybuzz-1", address: "10.0.0.5", public: true },
  { kind: "loadBalancer", name: "lb-keybuzz-2", address: "10.0.0.6", public: true },
];
const DATA_BALANCER: LoadBalancer = { kind: "loadBalancer", name: "lb-data", address: "10.0.0.10", public: false };
const HAPROXY: Hosts = {
  kind: "hosts",
  group: "haproxy",
  hosts: [
    { name: "haproxy-01", address: "10.0.0.11" },
    { name: "haproxy-02", address: "10.0.0.12" },
  ],
};

export interface EstateOptions {
  readonly servers?: readonly HostRef[];
  readonly agents?: readonly K3sAgentHost[];
  readonly release?: K3sRelease;
  readonly snapshots?: SnapshotStore;
  readonly authority?: AuthorityMaker;
  readonly idleTimeoutSeconds?: number;
  readonly certificateHosts?: readonly string[];
}

/** A cluster with its API published through HAProxy and the data load balancer, and the ingress in front of it. */
export function estate(options: EstateOptions = {}) {
  const topology = new Topology();
  const secrets = new SecretLedger();
  const k3s = new K3sService({
    topology,
    secrets,
    addresses: ADDRESSES,
    servers: options.servers ?? SERVERS,
    agents: options.agents ?? AGENTS,
    release: options.release ?? { version: "v1.35.4+k3s1" },
    ...(options.snapshots === undefined ? {} : { snapshots: options.snapshots }),
    ...(options.authority === undefined ? {} : { authority: options.authority }),
  });
  const healthCheck = { kind: "tcp", port: 6443, intervalSeconds: 3, timeoutSeconds: 2, retries: 2 } as const;
  const onHaproxy = topology.listen({
    id: "haproxy/api",
    on: HAPROXY,
    port: 6443,
    backend: k3s.apiBackend,
    healthCheck: k3s.apiHealthCheck,
    mode: "tcp",
  });
  k3s.publishAt(
    topology.listen({ id: "lb/api", on: DATA_BALANCER, port: 6443, backend: onHaproxy, healthCheck, mode: "tcp" }),
  );
  const ingress = new IngressService({
    topology,
    nodes: k3s.nodes,
    webLoadBalancers: WEB_BALANCERS,
    nodePort: 31695,
    idleTimeoutSeconds: options.idleTimeoutSeconds ?? 300,
    certificateHosts: options.certificateHosts ?? ["support.keybuzz.io", "*.apps.keybuzz.io"],
  });
  return { topology, secrets, k3s, ingress, context: { addresses: ADDRESSES, nodes: k3s.nodes.hosts } };
}

/** An application's pods with one endpoint behind a Service of the same name. */
export function app(
  topology: Topology,
  namespace: string,
  name: string,
  port: number,
): { readonly pods: Pods; readonly endpoint: Endpoint } {
  const pods: Pods = { kind: "pods", namespace, app: name };
  const endpoint = topology.endpoint({
    id: `${namespace}/${name}`,
    provider: pods,
    port,
    protocol: "tcp",
    host: `${name}.${namespace}.svc.cluster.local`,
  });
  return { pods, endpoint };
}

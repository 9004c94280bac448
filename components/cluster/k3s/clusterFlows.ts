import { ANY_POD, INTERNET, type Hosts, type Pods } from "../../topology/party";
import type { Endpoint, Topology } from "../../topology/topology";
import { MEMBERSHIP_PORT } from "./k3sMembership";

/** What K3s itself ships and runs as ordinary pods; their labels are K3s' own (k3s-io/k3s manifests). */
export const CORE_DNS: Pods = {
  kind: "pods",
  namespace: "kube-system",
  app: "coredns",
  labels: { "k8s-app": "kube-dns" },
};
export const METRICS_SERVER: Pods = {
  kind: "pods",
  namespace: "kube-system",
  app: "metrics-server",
  labels: { "k8s-app": "metrics-server" },
};

/** It makes the directories of local volumes. */
const LOCAL_PATH_PROVISIONER: Pods = {
  kind: "pods",
  namespace: "kube-system",
  app: "local-path-provisioner",
  labels: { app: "local-path-provisioner" },
};
/** Calico's only part on the pod network (tigera/operator, pkg/render/kubecontrollers); the others are on the nodes'. */
const CALICO_CONTROLLERS: Pods = {
  kind: "pods",
  namespace: "calico-system",
  app: "calico-kube-controllers",
  labels: { "k8s-app": "calico-kube-controllers" },
};

/** The ports that K3s and Calico use between nodes (docs.k3s.io, requirements; docs.tigera.io, requirements). */
const ETCD_PORTS = { client: 2379, peer: 2380 } as const;
const KUBELET_PORT = 10250;
const VXLAN_PORT = 4789;
const TYPHA_PORT = 5473;
const METRICS_SERVER_PORT = 10250;
const DNS_PORT = 53;

/**
 * Everything that the cluster's own parts say to each other. Workloads declare their own flows; whoever is not
 * named here or there is refused by UFW on the nodes and by the NetworkPolicies.
 */
export function clusterFlows(
  topology: Topology,
  servers: Hosts,
  nodes: Hosts,
  apiPort: number,
): { readonly api: Endpoint } {
  const api = topology.endpoint({ id: "kubernetes/api-servers", provider: servers, port: apiPort, protocol: "tcp" });
  topology.allow(nodes, api, "kubelet, kube-proxy and host-network pods reach the API");
  // Of other pods those that have a token (stacks/tokenFlows.ts).
  for (const part of [CORE_DNS, METRICS_SERVER, LOCAL_PATH_PROVISIONER, CALICO_CONTROLLERS])
    topology.allow(part, api, "the cluster's own parts reach the API; its Service leads to the servers");

  topology.mesh(servers, { id: "kubernetes/etcd-clients", port: ETCD_PORTS.client }, "K3s servers read and write etcd");
  topology.mesh(servers, { id: "kubernetes/etcd-peers", port: ETCD_PORTS.peer }, "etcd members replicate");
  topology.mesh(
    servers,
    { id: "kubernetes/membership", port: MEMBERSHIP_PORT },
    "a starting server asks whether another holds a member",
  );

  const kubelet = topology.mesh(
    nodes,
    { id: "kubernetes/kubelet", port: KUBELET_PORT },
    "the API reaches kubelets: logs, exec, probes",
  );
  topology.mesh(
    nodes,
    { id: "calico/vxlan", port: VXLAN_PORT, protocol: "udp" },
    "pod traffic between nodes, in VXLAN",
  );
  topology.mesh(nodes, { id: "calico/typha", port: TYPHA_PORT }, "calico-node reads the datastore through Typha");

  const dnsHost = "kube-dns.kube-system.svc.cluster.local";
  for (const protocol of ["udp", "tcp"] as const) {
    const dns = topology.endpoint({
      id: `kubernetes/dns-${protocol}`,
      provider: CORE_DNS,
      port: DNS_PORT,
      protocol,
      host: dnsHost,
    });
    topology.allow(ANY_POD, dns, "pods resolve names");
    topology.allow(nodes, dns, "host-network pods resolve names");
    const upstream = topology.endpoint({
      id: `internet/dns-${protocol}`,
      provider: INTERNET,
      port: DNS_PORT,
      protocol,
    });
    topology.allow(CORE_DNS, upstream, "CoreDNS asks the resolvers of its node");
  }

  const metrics = topology.endpoint({
    id: "kubernetes/metrics-server",
    provider: METRICS_SERVER,
    port: METRICS_SERVER_PORT,
    protocol: "tcp",
    host: "metrics-server.kube-system.svc.cluster.local",
  });
  topology.allow(servers, metrics, "the API aggregates resource metrics");
  topology.allow(METRICS_SERVER, kubelet, "metrics-server reads the kubelets' figures");
  return { api };
}

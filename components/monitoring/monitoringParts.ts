import type { Pods } from "../topology/party";

export const MONITORING_NAMESPACE = "monitoring";
/** Its pods are on the nodes' own network, which "baseline" pod security forbids: a namespace of its own. */
export const NODE_EXPORTER_NAMESPACE = "node-exporter";

const pods = (app: string): Pods => ({ kind: "pods", namespace: MONITORING_NAMESPACE, app });

/** The monitoring's own pods, as parties of the topology. */
export const MONITORING_PODS = {
  prometheus: pods("prometheus"),
  alertmanager: pods("alertmanager"),
  grafana: pods("grafana"),
  kubeStateMetrics: pods("kube-state-metrics"),
  blackboxExporter: pods("blackbox-exporter"),
} as const;

/** Ports that they listen on: the defaults of each. */
export const MONITORING_PORTS = {
  prometheus: 9090,
  alertmanager: 9093,
  grafana: 3000,
  kubeStateMetrics: 8080,
  /** Of kube-state-metrics itself: its probes. */
  kubeStateMetricsHealth: 8081,
  blackboxExporter: 9115,
} as const;

/** Ports of exporters on machines (the default port allocations of the Prometheus project). */
export const EXPORTER_PORTS = {
  node: 9100,
  mariadb: 9104,
  redis: 9121,
  postgres: 9187,
  /** The ingress controller's own. */
  ingress: 10254,
  kubelet: 10250,
} as const;

/** Where the files of a mounted Secret are in Prometheus' pod. */
export const PROMETHEUS_SECRETS = "/etc/prometheus/secrets";
/** Where Kubernetes puts the pod's token and the cluster's authority. */
export const SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

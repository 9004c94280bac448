/** Images of the monitoring stack, each pinned by its tag (releases of prometheus, grafana and kubernetes on GitHub). */
export const MONITORING_IMAGES = {
  prometheus: "quay.io/prometheus/prometheus:v3.13.2",
  alertmanager: "quay.io/prometheus/alertmanager:v0.29.0",
  blackboxExporter: "quay.io/prometheus/blackbox-exporter:v0.27.0",
  nodeExporter: "quay.io/prometheus/node-exporter:v1.10.2",
  kubeStateMetrics: "registry.k8s.io/kube-state-metrics/kube-state-metrics:v2.19.1",
  grafana: "docker.io/grafana/grafana:12.4.5",
} as const;

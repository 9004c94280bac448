import { pinnedImage } from "../pins";

/** Images of the monitoring stack, each by its tag, and by its digest once that has been read (releases of prometheus, grafana and kubernetes on GitHub). */
export const MONITORING_IMAGES = {
  prometheus: pinnedImage("quay.io/prometheus/prometheus:v3.13.2"),
  alertmanager: pinnedImage("quay.io/prometheus/alertmanager:v0.29.0"),
  blackboxExporter: pinnedImage("quay.io/prometheus/blackbox-exporter:v0.27.0"),
  nodeExporter: pinnedImage("quay.io/prometheus/node-exporter:v1.10.2"),
  kubeStateMetrics: pinnedImage("registry.k8s.io/kube-state-metrics/kube-state-metrics:v2.19.1"),
  grafana: pinnedImage("docker.io/grafana/grafana:12.4.5"),
} as const;

import type { MonitoringService } from "../monitoringService";
import { alertmanagerApp } from "./alertmanagerApp";
import { blackboxExporterApp, kubeStateMetricsApp, nodeExporterApp } from "./exporterApps";
import { grafanaApp } from "./grafanaApp";
import type { MonitoringApp } from "./monitoringApp";
import { prometheusApp } from "./prometheusApp";

/** Everything of the monitoring that runs in the cluster. */
export function monitoringApps(monitoring: MonitoringService): readonly MonitoringApp[] {
  return [
    nodeExporterApp(),
    kubeStateMetricsApp(),
    blackboxExporterApp(monitoring.args),
    alertmanagerApp(monitoring),
    prometheusApp(monitoring),
    grafanaApp(monitoring),
  ];
}

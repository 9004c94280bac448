import type { AppPlan } from "../../apps/appPlan";
import type { MonitoringService } from "../monitoringService";
import { alertmanagerApp } from "./alertmanagerApp";
import { blackboxExporterApp, kubeStateMetricsApp, nodeExporterApp } from "./exporterApps";
import { grafanaApp } from "./grafanaApp";
import { prometheusApp } from "./prometheusApp";

/**
 * Everything of the monitoring that runs in the cluster.
 *
 * @throws MistakesError with every mistake of one of them
 */
export function monitoringApps(monitoring: MonitoringService): readonly AppPlan[] {
  return [
    nodeExporterApp(monitoring.args),
    kubeStateMetricsApp(monitoring.args),
    blackboxExporterApp(monitoring.args),
    alertmanagerApp(monitoring),
    prometheusApp(monitoring),
    grafanaApp(monitoring),
  ];
}

import { alertmanagerConfig } from "../alertmanagerConfig";
import { MONITORING_IMAGES } from "../monitoringImages";
import { MONITORING_PODS, MONITORING_PORTS } from "../monitoringParts";
import type { MonitoringService } from "../monitoringService";
import type { MonitoringApp } from "./monitoringApp";
import { account, configMap, NOBODY_UID, secret, service } from "./monitoringPods";
import { withVolume } from "./workloads";

/** Silences, and what has been sent: little, but it must survive a restart. */
const STORAGE_GB = 1;

export function alertmanagerApp({ args, alertUrl }: MonitoringService): MonitoringApp {
  const pods = MONITORING_PODS.alertmanager;
  const config = configMap(pods, "alertmanager-config", { "alertmanager.yml": alertmanagerConfig(args.alerts) });
  const secrets = alertUrl === undefined ? [] : [secret(pods, "alertmanager-secrets", { url: alertUrl })];
  return {
    name: pods.app,
    account: account(pods, false),
    clusterRules: [],
    configMaps: [config],
    secrets,
    workload: withVolume(
      {
        pods,
        image: MONITORING_IMAGES.alertmanager,
        uid: NOBODY_UID,
        args: [
          "--config.file=/etc/alertmanager/config/alertmanager.yml",
          "--storage.path=/alertmanager",
          // There is only this one.
          "--cluster.listen-address=",
        ],
        ports: { http: MONITORING_PORTS.alertmanager },
        probes: { ready: "/-/ready", alive: "/-/healthy" },
        cpu: ["20m", "500m"],
        memory: ["64Mi", "256Mi"],
        configMaps: [{ path: "/etc/alertmanager/config", map: config }],
        secrets: secrets.map((one) => ({ path: "/etc/alertmanager/secrets", secret: one })),
        data: { claim: "data", path: "/alertmanager" },
      },
      STORAGE_GB,
    ),
    service: service(pods, "http", MONITORING_PORTS.alertmanager),
  };
}

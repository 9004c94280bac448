import type { AppPlan } from "../../apps/appPlan";
import { planApp } from "../../apps/planApp";
import { ALERT_SECRETS, ALERT_URL, alertmanagerConfig } from "../alertmanagerConfig";
import { MONITORING_IMAGES } from "../monitoringImages";
import { MONITORING_PODS, MONITORING_PORTS } from "../monitoringParts";
import type { MonitoringService } from "../monitoringService";
import { named, NOBODY, probes, resources, SINGLE_POD } from "./monitoringApp";

/** Silences, and what has been sent: little, but it must survive a restart. */
const STORAGE_GB = 1;
const CONFIG = "/etc/alertmanager/config";
const DATA = "/alertmanager";

export function alertmanagerApp({ args, alertUrl }: MonitoringService): AppPlan {
  const pods = MONITORING_PODS.alertmanager;
  const config = { "alertmanager.yml": alertmanagerConfig(args.alerts) };
  return planApp(
    {
      ...named(pods),
      image: MONITORING_IMAGES.alertmanager,
      runtime: NOBODY,
      config: {
        env: {},
        directories: [
          { name: "alertmanager-config", path: CONFIG, files: config },
          ...(alertUrl === undefined
            ? []
            : [{ name: "alertmanager-secrets", path: ALERT_SECRETS, files: { [ALERT_URL]: alertUrl } }]),
        ],
      },
      processes: [
        {
          ...SINGLE_POD,
          kind: "stateful",
          name: pods.app,
          args: [
            `--config.file=${CONFIG}/alertmanager.yml`,
            `--storage.path=${DATA}`,
            // There is only this one.
            "--cluster.listen-address=",
          ],
          ports: { http: MONITORING_PORTS.alertmanager },
          probes: probes({ port: "http", ready: "/-/ready", alive: "/-/healthy" }),
          resources: resources(["20m", "500m"], ["64Mi", "256Mi"]),
          volume: { path: DATA, sizeGb: STORAGE_GB },
        },
      ],
    },
    args.secrets,
  );
}

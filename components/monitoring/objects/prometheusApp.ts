import { rulesFile } from "../alertRule";
import { MONITORING_IMAGES } from "../monitoringImages";
import { MONITORING_PODS, MONITORING_PORTS, PROMETHEUS_SECRETS } from "../monitoringParts";
import type { MonitoringService } from "../monitoringService";
import { prometheusConfig, RULES_DIRECTORY } from "../prometheusConfig";
import { POSTGRES_AUTHORITY_FILE, VECTOR_STORE_KEY_FILE } from "../scrape/dataJobs";
import type { MonitoringApp } from "./monitoringApp";
import { account, configMap, NOBODY_UID, secret, service } from "./monitoringPods";
import { withVolume } from "./workloads";

const CONFIG = "/etc/prometheus/config";
const DATA = "/prometheus";

export function prometheusApp(monitoring: MonitoringService): MonitoringApp {
  const { args, jobs, rules, alertmanager, postgresAuthority, vectorStoreKey } = monitoring;
  const pods = MONITORING_PODS.prometheus;
  const config = configMap(pods, "prometheus-config", {
    "prometheus.yml": prometheusConfig({ estate: args.estate, jobs, alertmanager }),
  });
  const rulesMap = configMap(
    pods,
    "prometheus-rules",
    Object.fromEntries(rules.map((group) => [`${group.name}.yml`, rulesFile([group])])),
  );
  const files = {
    ...(postgresAuthority === undefined ? {} : { [POSTGRES_AUTHORITY_FILE]: postgresAuthority }),
    ...(vectorStoreKey === undefined ? {} : { [VECTOR_STORE_KEY_FILE]: vectorStoreKey }),
  };
  const access = Object.keys(files).length === 0 ? [] : [secret(pods, "prometheus-access", files)];
  return {
    name: pods.app,
    account: account(pods, true),
    clusterRules: [
      { apiGroups: [""], resources: ["nodes/metrics"], verbs: ["get"] },
      { nonResourceURLs: ["/metrics", "/metrics/cadvisor"], verbs: ["get"] },
    ],
    configMaps: [config, rulesMap],
    secrets: access,
    workload: withVolume(
      {
        pods,
        image: MONITORING_IMAGES.prometheus,
        uid: NOBODY_UID,
        args: [
          `--config.file=${CONFIG}/prometheus.yml`,
          `--storage.tsdb.path=${DATA}`,
          `--storage.tsdb.retention.time=${args.retentionDays}d`,
          // The volume is a directory: nothing but this keeps it from filling the worker's disk.
          `--storage.tsdb.retention.size=${Math.floor(args.storageGb * 0.8)}GB`,
        ],
        ports: { http: MONITORING_PORTS.prometheus },
        probes: { ready: "/-/ready", alive: "/-/healthy" },
        cpu: ["500m", "2"],
        memory: ["2Gi", "4Gi"],
        configMaps: [
          { path: CONFIG, map: config },
          { path: RULES_DIRECTORY, map: rulesMap },
        ],
        secrets: access.map((one) => ({ path: PROMETHEUS_SECRETS, secret: one })),
        data: { claim: "data", path: DATA },
        token: true,
      },
      args.storageGb,
    ),
    service: service(pods, "http", MONITORING_PORTS.prometheus),
  };
}

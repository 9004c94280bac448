import type { AppPlan } from "../../apps/appPlan";
import { planApp } from "../../apps/planApp";
import { rulesFile } from "../alertRule";
import { MONITORING_IMAGES } from "../monitoringImages";
import { MONITORING_PODS, MONITORING_PORTS, PROMETHEUS_SECRETS } from "../monitoringParts";
import type { MonitoringService } from "../monitoringService";
import { prometheusConfig, RULES_DIRECTORY } from "../prometheusConfig";
import { POSTGRES_AUTHORITY_FILE, VECTOR_STORE_KEY_FILE } from "../scrape/dataJobs";
import { named, NOBODY, probes, resources, SINGLE_POD } from "./monitoringApp";

const CONFIG = "/etc/prometheus/config";
const DATA = "/prometheus";

/**
 * Prometheus compares checksums of its configuration and of every rule file with those that it runs with, and loads
 * what is new (prometheus.io, Feature flags, Auto Reload Config). A kubelet brings a changed ConfigMap into the pod
 * within two minutes. What it refuses it goes on without: the alert ConfigurationRefused says so.
 */
const RELOAD = ["--enable-feature=auto-reload-config", "--config.auto-reload-interval=30s"] as const;

/** A start reads the log of the last hours, in which nobody watches: new targets and rules are none. */
export function prometheusApp(monitoring: MonitoringService): AppPlan {
  const { args, jobs, rules, alertmanager, postgresAuthority, vectorStoreKey } = monitoring;
  const pods = MONITORING_PODS.prometheus;
  const access = {
    ...(postgresAuthority === undefined ? {} : { [POSTGRES_AUTHORITY_FILE]: postgresAuthority }),
    ...(vectorStoreKey === undefined ? {} : { [VECTOR_STORE_KEY_FILE]: vectorStoreKey }),
  };
  const config = { "prometheus.yml": prometheusConfig({ estate: args.estate, jobs, alertmanager }) };
  const ruleFiles = Object.fromEntries(rules.map((group) => [`${group.name}.yml`, rulesFile([group])]));
  return planApp(
    {
      ...named(pods),
      image: MONITORING_IMAGES.prometheus,
      runtime: NOBODY,
      clusterRights: [
        { apiGroups: [""], resources: ["nodes/metrics"], verbs: ["get"] },
        { nonResourceURLs: ["/metrics", "/metrics/cadvisor"], verbs: ["get"] },
      ],
      config: {
        env: {},
        directories: [
          { name: "prometheus-config", path: CONFIG, files: config, watched: true },
          { name: "prometheus-rules", path: RULES_DIRECTORY, files: ruleFiles, watched: true },
          ...(Object.keys(access).length === 0
            ? []
            : [{ name: "prometheus-access", path: PROMETHEUS_SECRETS, files: access }]),
        ],
      },
      processes: [
        {
          ...SINGLE_POD,
          kind: "stateful",
          name: pods.app,
          args: [
            `--config.file=${CONFIG}/prometheus.yml`,
            ...RELOAD,
            `--storage.tsdb.path=${DATA}`,
            `--storage.tsdb.retention.time=${args.retentionDays}d`,
            // The volume is a directory: nothing but this keeps it from filling the worker's disk.
            `--storage.tsdb.retention.size=${Math.floor(args.storageGb * 0.8)}GB`,
          ],
          ports: { http: MONITORING_PORTS.prometheus },
          probes: probes({ port: "http", ready: "/-/ready", alive: "/-/healthy" }),
          resources: resources(["500m", "2"], ["2Gi", "4Gi"]),
          volume: { path: DATA, sizeGb: args.storageGb },
        },
      ],
    },
    args.secrets,
  );
}

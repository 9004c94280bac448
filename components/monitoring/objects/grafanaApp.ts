import { stringify } from "yaml";
import { allDashboards } from "../dashboards/allDashboards";
import { DATASOURCE, dashboardJson } from "../dashboards/panel";
import { MONITORING_IMAGES } from "../monitoringImages";
import { MONITORING_PODS, MONITORING_PORTS } from "../monitoringParts";
import type { MonitoringService } from "../monitoringService";
import type { MonitoringApp } from "./monitoringApp";
import { account, configMap, secret, service } from "./monitoringPods";
import { withoutVolume } from "./workloads";

/** The account of Grafana's image. */
const GRAFANA_UID = 472;
const PROVISIONING = "/etc/grafana/provisioning";
const DASHBOARDS = "/etc/grafana/dashboards";
const SECRETS = "/etc/grafana/secrets";

/**
 * Grafana keeps nothing: data source and dashboards are provisioned, and nobody can change them in the browser.
 * It has no public route; operators reach it by `kubectl -n monitoring port-forward svc/grafana 3000`.
 */
export function grafanaApp({ args, prometheus, grafanaPassword }: MonitoringService): MonitoringApp {
  const pods = MONITORING_PODS.grafana;
  const sources = configMap(pods, "grafana-sources", {
    "prometheus.yml": stringify({
      apiVersion: 1,
      datasources: [
        {
          name: "Prometheus",
          uid: DATASOURCE,
          type: "prometheus",
          access: "proxy",
          url: `http://${prometheus}`,
          isDefault: true,
          editable: false,
        },
      ],
    }),
  });
  const providers = configMap(pods, "grafana-providers", {
    "keybuzz.yml": stringify({
      apiVersion: 1,
      providers: [
        {
          name: "keybuzz",
          folder: "KeyBuzz",
          type: "file",
          disableDeletion: true,
          allowUiUpdates: false,
          options: { path: DASHBOARDS },
        },
      ],
    }),
  });
  const dashboards = configMap(
    pods,
    "grafana-dashboards",
    Object.fromEntries(allDashboards(args).map((dashboard) => [`${dashboard.uid}.json`, dashboardJson(dashboard)])),
  );
  const secrets = secret(pods, "grafana-secrets", { "admin-password": grafanaPassword });
  return {
    name: pods.app,
    account: account(pods, false),
    clusterRules: [],
    configMaps: [sources, providers, dashboards],
    secrets: [secrets],
    workload: withoutVolume({
      pods,
      image: MONITORING_IMAGES.grafana,
      uid: GRAFANA_UID,
      args: [],
      env: Object.entries(SETTINGS).map(([name, value]) => ({ name, value })),
      ports: { http: MONITORING_PORTS.grafana },
      probes: { ready: "/api/health", alive: "/api/health" },
      cpu: ["100m", "1"],
      memory: ["256Mi", "512Mi"],
      configMaps: [
        { path: `${PROVISIONING}/datasources`, map: sources },
        { path: `${PROVISIONING}/dashboards`, map: providers },
        { path: DASHBOARDS, map: dashboards },
      ],
      secrets: [{ path: SECRETS, secret: secrets }],
      scratch: ["/var/lib/grafana", "/tmp"],
    }),
    service: service(pods, "http", MONITORING_PORTS.grafana),
  };
}

const SETTINGS: Readonly<Record<string, string>> = {
  GF_SECURITY_ADMIN_USER: "admin",
  GF_SECURITY_ADMIN_PASSWORD__FILE: `${SECRETS}/admin-password`,
  GF_PATHS_PROVISIONING: PROVISIONING,
  GF_LOG_MODE: "console",
  GF_USERS_ALLOW_SIGN_UP: "false",
  GF_AUTH_ANONYMOUS_ENABLED: "false",
  // It has no way to the internet, and needs none.
  GF_ANALYTICS_REPORTING_ENABLED: "false",
  GF_ANALYTICS_CHECK_FOR_UPDATES: "false",
  GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES: "false",
  GF_PLUGINS_PREINSTALL_DISABLED: "true",
  GF_NEWS_NEWS_FEED_ENABLED: "false",
};

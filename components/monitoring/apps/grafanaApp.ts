import { stringify } from "yaml";
import type { ImageRuntime } from "../../apps/appArgs";
import type { AppPlan } from "../../apps/appPlan";
import { planApp } from "../../apps/planApp";
import { allDashboards } from "../dashboards/allDashboards";
import { DATASOURCE, dashboardJson } from "../dashboards/panel";
import { MONITORING_IMAGES } from "../monitoringImages";
import { MONITORING_PODS, MONITORING_PORTS } from "../monitoringParts";
import type { MonitoringService } from "../monitoringService";
import { named, probes, resources, SINGLE_POD } from "./monitoringApp";

/** The account of Grafana's image. */
const RUNTIME: ImageRuntime = {
  uid: 472,
  rootFilesystem: "readOnly",
  writableDirectories: ["/var/lib/grafana", "/tmp"],
};
const PROVISIONING = "/etc/grafana/provisioning";
const DASHBOARDS = "/etc/grafana/dashboards";
const SECRETS = "/etc/grafana/secrets";
const PASSWORD = "admin-password";

/**
 * Grafana keeps nothing: data source and dashboards are provisioned, and nobody can change them in the browser.
 * It has no public route; operators reach it by `kubectl -n monitoring port-forward svc/grafana 3000`.
 */
export function grafanaApp({ args, prometheus, grafanaPassword }: MonitoringService): AppPlan {
  const pods = MONITORING_PODS.grafana;
  const dashboards = Object.fromEntries(
    allDashboards(args).map((dashboard) => [`${dashboard.uid}.json`, dashboardJson(dashboard)]),
  );
  return planApp(
    {
      ...named(pods),
      image: MONITORING_IMAGES.grafana,
      runtime: RUNTIME,
      config: {
        env: {},
        directories: [
          {
            name: "grafana-sources",
            path: `${PROVISIONING}/datasources`,
            files: { "prometheus.yml": dataSources(prometheus) },
          },
          { name: "grafana-providers", path: `${PROVISIONING}/dashboards`, files: { "keybuzz.yml": PROVIDERS } },
          { name: "grafana-dashboards", path: DASHBOARDS, files: dashboards },
          { name: "grafana-secrets", path: SECRETS, files: { [PASSWORD]: grafanaPassword } },
        ],
      },
      administrator: { user: "admin", password: grafanaPassword },
      processes: [
        {
          ...SINGLE_POD,
          rollout: "recreate",
          name: pods.app,
          env: SETTINGS,
          ports: { http: MONITORING_PORTS.grafana },
          probes: probes({ port: "http", ready: "/api/health", alive: "/api/health" }),
          resources: resources(["100m", "1"], ["256Mi", "512Mi"]),
        },
      ],
    },
    args.secrets,
  );
}

function dataSources(prometheus: string): string {
  return stringify({
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
  });
}

const PROVIDERS = stringify({
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
});

const SETTINGS: Readonly<Record<string, string>> = {
  GF_SECURITY_ADMIN_USER: "admin",
  GF_SECURITY_ADMIN_PASSWORD__FILE: `${SECRETS}/${PASSWORD}`,
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

import { graph, stat, type Dashboard } from "./panel";

/** Chatwoot v3.12.0 has no metrics of its own: it is watched from all sides. */
export function chatwootDashboard(host: string): Dashboard {
  const requests = (status: string): string =>
    `sum by (status) (rate(nginx_ingress_controller_requests{host="${host}", status=~"${status}"}[5m]))`;
  const time = (part: string, quantile: number): string =>
    `histogram_quantile(${quantile}, sum by (le) (rate(nginx_ingress_controller_${part}_duration_seconds_bucket{host="${host}"}[5m])))`;
  const pods = 'namespace="chatwoot", container!=""';
  return {
    uid: "keybuzz-chatwoot",
    title: "Chatwoot",
    panels: [
      stat("Answers", `min(probe_success{public_host="${host}"})`, "short", { alarmBelow: 1 }),
      stat(
        "Web pods",
        'kube_deployment_status_replicas_available{namespace="chatwoot", deployment="chatwoot-web"}',
        "short",
        { alarmBelow: 1 },
      ),
      stat(
        "Workers",
        'kube_deployment_status_replicas_available{namespace="chatwoot", deployment="chatwoot-worker"}',
        "short",
        { alarmBelow: 1 },
      ),
      stat(
        "Restarts in 24 h",
        'sum(increase(kube_pod_container_status_restarts_total{namespace="chatwoot"}[24h]))',
        "short",
        { alarmFrom: 3 },
      ),
      graph("Requests", "reqps", [requests(".+"), "{{status}}"]),
      graph("504 and 499", "reqps", [requests("504|499"), "{{status}}"]),
      graph("Connect time", "s", [time("connect", 0.5), "half"], [time("connect", 0.95), "95 %"]),
      // rack-timeout ends a request after 15 s.
      graph("Response time", "s", [time("response", 0.5), "half"], [time("response", 0.95), "95 %"]),
      graph("Memory", "bytes", [`sum by (pod) (container_memory_working_set_bytes{${pods}})`, "{{pod}}"]),
      graph("CPU", "short", [`sum by (pod) (rate(container_cpu_usage_seconds_total{${pods}}[5m]))`, "{{pod}}"]),
      graph("Its database", "ops", [
        'sum by (machine) (rate(pg_stat_database_xact_commit{datname="chatwoot"}[5m]))',
        "{{machine}}",
      ]),
      graph("Its pool", "short", ['keybuzz_pgbouncer_waiting_clients{database="chatwoot"}', "{{machine}} waiting"]),
    ],
  };
}

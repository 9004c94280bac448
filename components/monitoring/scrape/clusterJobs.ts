import { EXPORTER_PORTS, MONITORING_PODS, SERVICE_ACCOUNT } from "../monitoringParts";
import { endpointAt, hostTargets, type ScrapeJob } from "../scrapeJob";
import type { Watched } from "../watched";

/** The pod's own token, which RBAC lets read metrics and nothing else; kubelets and servers are signed by one authority. */
const ACCESS = { caFile: `${SERVICE_ACCOUNT}/ca.crt`, tokenFile: `${SERVICE_ACCOUNT}/token` } as const;

/** Kubernetes itself, and the ingress on its nodes. */
export function clusterJobs({ topology, nodes, api, ingressNginx }: Watched): readonly ScrapeJob[] {
  const { prometheus } = MONITORING_PODS;
  const onNodes = (id: string, port: number, purpose: string) =>
    hostTargets(topology, prometheus, endpointAt(topology, { id, provider: nodes, port }), purpose);
  const kubelets = onNodes("kubernetes/kubelet", EXPORTER_PORTS.kubelet, "Prometheus reads kubelets and containers");
  const ingress = (): ScrapeJob => ({
    job: "ingress",
    targets: onNodes("ingress/metrics", EXPORTER_PORTS.ingress, "Prometheus reads the ingress' figures"),
    keep: "nginx_ingress_controller_(requests|connect_duration_seconds_.+|response_duration_seconds_.+|request_duration_seconds_.+|nginx_process_.+|config_last_reload_successful)",
  });
  return [
    ...(ingressNginx ? [ingress()] : []),
    {
      job: "kubelet",
      targets: kubelets,
      access: ACCESS,
      keep: "kubelet_volume_stats_.+|kubelet_running_pods",
    },
    {
      job: "cadvisor",
      targets: kubelets,
      path: "/metrics/cadvisor",
      access: ACCESS,
      keep: "container_(cpu_usage_seconds_total|cpu_cfs_throttled_periods_total|cpu_cfs_periods_total|memory_working_set_bytes|network_(receive|transmit)_bytes_total)",
    },
    {
      job: "kubernetes-api",
      targets: hostTargets(topology, prometheus, api, "Prometheus reads the API servers"),
      access: ACCESS,
      keep: "apiserver_request_total|apiserver_current_inflight_requests|apiserver_storage_.+|apiserver_client_certificate_expiration_seconds_bucket",
    },
  ];
}

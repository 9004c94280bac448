import { all, type RuleCase } from "./ruleCase";

const requests = (status: string, host = "support.keybuzz.io"): string =>
  `nginx_ingress_controller_requests{host="${host}", status="${status}"}`;
const HOST = { host: "support.keybuzz.io" };
const connect = (le: string): string =>
  `nginx_ingress_controller_connect_duration_seconds_bucket{host="support.keybuzz.io", le="${le}"}`;
const deployment = { namespace: "chatwoot", deployment: "chatwoot-web" };
const wants = 'kube_deployment_spec_replicas{namespace="chatwoot", deployment="chatwoot-web"}';
const available = 'kube_deployment_status_replicas_available{namespace="chatwoot", deployment="chatwoot-web"}';

/** The web, and Kubernetes. */
export const CLUSTER_RULE_CASES: Readonly<Record<string, RuleCase>> = {
  GatewayTimeouts: {
    at: "10m",
    fires: { [requests("504")]: "0+3x40", [requests("200")]: "0+97x40" },
    labels: HOST,
    silent: { [requests("504")]: "0+0x40", [requests("200")]: "0+97x40" },
  },
  ClientsGiveUp: {
    at: "12m",
    fires: { [requests("499")]: "0+10x40", [requests("200")]: "0+90x40" },
    labels: HOST,
    silent: { [requests("499")]: "0+4x40", [requests("200")]: "0+96x40" },
  },
  UpstreamErrors: {
    at: "12m",
    fires: { [requests("503")]: "0+3x40", [requests("200")]: "0+97x40" },
    labels: HOST,
    silent: { [requests("503")]: "0+1x40", [requests("504")]: "0+50x40", [requests("200")]: "0+99x40" },
  },
  UpstreamConnectSlow: {
    at: "15m",
    fires: { [connect("0.5")]: "0+10x40", [connect("5")]: "0+100x40", [connect("+Inf")]: "0+100x40" },
    labels: HOST,
    silent: { [connect("0.5")]: "0+99x40", [connect("5")]: "0+100x40", [connect("+Inf")]: "0+100x40" },
  },
  PublicHostDown: {
    at: "5m",
    fires: { 'probe_success{job="probe-web", machine="lb-keybuzz-1", public_host="support.keybuzz.io"}': "0x20" },
    labels: { job: "probe-web", machine: "lb-keybuzz-1", public_host: "support.keybuzz.io" },
    silent: {
      'probe_success{job="probe-web", machine="lb-keybuzz-1", public_host="support.keybuzz.io"}': "0 0 1x20",
      'probe_success{job="probe-postgres", machine="db-master-01"}': "0x20",
    },
  },
  IngressPodsMissing: {
    at: "10m",
    fires: {
      'kube_daemonset_status_number_ready{namespace="ingress-nginx", daemonset="ingress-nginx-controller"}': "7x40",
    },
    labels: { namespace: "ingress-nginx", daemonset: "ingress-nginx-controller" },
    silent: {
      'kube_daemonset_status_number_ready{namespace="ingress-nginx", daemonset="ingress-nginx-controller"}': "8x40",
      'kube_daemonset_status_number_ready{namespace="calico-system", daemonset="calico-node"}': "7x40",
    },
  },

  VaultSealed: {
    at: "10m",
    fires: {
      'kube_pod_status_ready{namespace="vault", pod="vault-1", condition="true"}': "0x40",
      'kube_pod_status_phase{namespace="vault", pod="vault-1", phase="Running"}': "1x40",
    },
    labels: { namespace: "vault", pod: "vault-1", condition: "true" },
    silent: {
      'kube_pod_status_ready{namespace="vault", pod="vault-0", condition="true"}': "1x40",
      'kube_pod_status_phase{namespace="vault", pod="vault-0", phase="Running"}': "1x40",
      // Nothing runs there that could be sealed: another alert's.
      'kube_pod_status_ready{namespace="vault", pod="vault-1", condition="true"}': "0x40",
      'kube_pod_status_phase{namespace="vault", pod="vault-1", phase="Running"}': "0x40",
      'kube_pod_status_ready{namespace="vault", pod="vault-agent-injector-7d9f", condition="true"}': "0x40",
      'kube_pod_status_phase{namespace="vault", pod="vault-agent-injector-7d9f", phase="Running"}': "1x40",
    },
  },
  VaultMembersMissing: {
    at: "20m",
    fires: { 'kube_statefulset_status_replicas_ready{namespace="vault", statefulset="vault"}': "2x60" },
    labels: { namespace: "vault", statefulset: "vault" },
    silent: {
      'kube_statefulset_status_replicas_ready{namespace="vault", statefulset="vault"}': "3x60",
      'kube_statefulset_status_replicas_ready{namespace="other", statefulset="vault"}': "2x60",
    },
  },

  NodeNotReady: {
    at: "6m",
    fires: { 'kube_node_status_condition{condition="Ready", status="true", node="k3s-worker-01"}': "0x40" },
    labels: { condition: "Ready", status: "true", node: "k3s-worker-01", machine: "k3s-worker-01" },
    silent: {
      'kube_node_status_condition{condition="Ready", status="true", node="k3s-worker-01"}': "0x4 1x40",
      'kube_node_status_condition{condition="Ready", status="false", node="k3s-worker-01"}': "0x40",
    },
  },
  NodeUnderPressure: {
    at: "8m",
    fires: { 'kube_node_status_condition{condition="DiskPressure", status="true", node="k3s-worker-01"}': "1x40" },
    labels: { condition: "DiskPressure", status: "true", node: "k3s-worker-01" },
    silent: { 'kube_node_status_condition{condition="DiskPressure", status="true", node="k3s-worker-01"}': "0x40" },
  },
  NodesMissing: {
    at: "15m",
    fires: all(["a", "b", "c", "d", "e", "f", "g"], (node) => `kube_node_info{node="${node}"}`, ["1x40"]),
    labels: {},
    silent: all(["a", "b", "c", "d", "e", "f", "g", "h"], (node) => `kube_node_info{node="${node}"}`, ["1x40"]),
  },
  DaemonSetShort: {
    at: "20m",
    fires: {
      'kube_daemonset_status_desired_number_scheduled{namespace="node-exporter", daemonset="node-exporter"}': "8x60",
      'kube_daemonset_status_number_ready{namespace="node-exporter", daemonset="node-exporter"}': "7x60",
    },
    labels: { namespace: "node-exporter", daemonset: "node-exporter" },
    silent: {
      'kube_daemonset_status_desired_number_scheduled{namespace="node-exporter", daemonset="node-exporter"}': "8x60",
      'kube_daemonset_status_number_ready{namespace="node-exporter", daemonset="node-exporter"}': "7x20 8x40",
    },
  },
  EtcdQuorumAtEdge: {
    at: "5m",
    fires: all(["1", "2", "3"], (n) => `up{job="kubernetes-api", machine="k3s-master-0${n}"}`, [
      "1x20",
      "1x20",
      "0x20",
    ]),
    labels: {},
    silent: all(["1", "2", "3"], (n) => `up{job="kubernetes-api", machine="k3s-master-0${n}"}`, ["1x20"]),
  },
  EtcdSnapshotTooOld: {
    at: "16h",
    interval: "10m",
    fires: { 'kube_customresource_etcd_snapshot_created{snapshot="a"}': "600x120" },
    labels: {},
    silent: {
      'kube_customresource_etcd_snapshot_created{snapshot="a"}': "600x120",
      'kube_customresource_etcd_snapshot_created{snapshot="b"}': "_x80 43200x40",
    },
  },
  DeploymentShort: {
    at: "15m",
    fires: { [wants]: "2x40", [available]: "1x40" },
    labels: deployment,
    silent: { [wants]: "2x40", [available]: "1x15 2x40" },
  },
  DeploymentDown: {
    at: "5m",
    fires: { [wants]: "2x40", [available]: "0x40" },
    labels: deployment,
    silent: { [wants]: "0x40", [available]: "0x40" },
  },
  PodRestarts: {
    at: "30m",
    fires: { 'kube_pod_container_status_restarts_total{namespace="ai", pod="llm-1"}': "0 0+1x10 10x60" },
    labels: { namespace: "ai", pod: "llm-1" },
    silent: { 'kube_pod_container_status_restarts_total{namespace="ai", pod="llm-1"}': "5x30 6x40" },
  },
  JobFailed: {
    at: "10m",
    fires: { 'kube_job_status_failed{namespace="chatwoot", job_name="chatwoot-migrate-1"}': "3x40" },
    labels: { namespace: "chatwoot", job_name: "chatwoot-migrate-1" },
    silent: {
      'kube_job_status_failed{namespace="chatwoot", job_name="chatwoot-migrate-1"}': "1x40",
      'kube_job_status_succeeded{namespace="chatwoot", job_name="chatwoot-migrate-1"}': "1x40",
    },
  },
  AutoscalerAtMaximum: {
    at: "20m",
    fires: {
      'kube_horizontalpodautoscaler_status_current_replicas{namespace="keybuzz", horizontalpodautoscaler="keybuzz-api"}':
        "30x60",
      'kube_horizontalpodautoscaler_spec_max_replicas{namespace="keybuzz", horizontalpodautoscaler="keybuzz-api"}':
        "30x60",
    },
    labels: { namespace: "keybuzz", horizontalpodautoscaler: "keybuzz-api" },
    silent: {
      'kube_horizontalpodautoscaler_status_current_replicas{namespace="keybuzz", horizontalpodautoscaler="keybuzz-api"}':
        "29x60",
      'kube_horizontalpodautoscaler_spec_max_replicas{namespace="keybuzz", horizontalpodautoscaler="keybuzz-api"}':
        "30x60",
    },
  },
  VolumeAlmostFull: {
    at: "15m",
    fires: {
      'kubelet_volume_stats_available_bytes{namespace="monitoring", persistentvolumeclaim="data-prometheus-0"}': "9x40",
      'kubelet_volume_stats_capacity_bytes{namespace="monitoring", persistentvolumeclaim="data-prometheus-0"}':
        "100x40",
    },
    labels: { namespace: "monitoring", persistentvolumeclaim: "data-prometheus-0" },
    silent: {
      'kubelet_volume_stats_available_bytes{namespace="monitoring", persistentvolumeclaim="data-prometheus-0"}':
        "11x40",
      'kubelet_volume_stats_capacity_bytes{namespace="monitoring", persistentvolumeclaim="data-prometheus-0"}':
        "100x40",
    },
  },
};

import { graph, stat, type Dashboard } from "./panel";

const DISKS = 'fstype!~"tmpfs|overlay|squashfs|ramfs"';

export const ESTATE: Dashboard = {
  uid: "keybuzz-estate",
  title: "Estate",
  panels: [
    stat("Alerts that fire", 'count(ALERTS{alertstate="firing"}) or vector(0)', "short", { alarmFrom: 1 }),
    stat("Machines that do not answer", 'count(up{job="node"} == 0) or vector(0)', "short", { alarmFrom: 1 }),
    stat("Public hosts that do not answer", 'count(probe_success{job="probe-web"} == 0) or vector(0)', "short", {
      alarmFrom: 1,
    }),
    stat("Soonest end of a certificate", "min(probe_ssl_earliest_cert_expiry) - time()", "s", {
      alarmBelow: 21 * 86_400,
    }),
    graph("CPU in use", "percentunit", [
      '1 - avg by (machine) (rate(node_cpu_seconds_total{mode="idle"}[5m]))',
      "{{machine}}",
    ]),
    graph("Memory in use", "percentunit", [
      "1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes",
      "{{machine}}",
    ]),
    graph("Disk in use", "percentunit", [
      `1 - node_filesystem_avail_bytes{${DISKS}} / node_filesystem_size_bytes`,
      "{{machine}} {{mountpoint}}",
    ]),
    graph("Time that disks are busy", "percentunit", [
      "max by (machine) (rate(node_disk_io_time_seconds_total[5m]))",
      "{{machine}}",
    ]),
    graph("Network received", "Bps", [
      'sum by (machine) (rate(node_network_receive_bytes_total{device!~"lo|cali.*|veth.*"}[5m]))',
      "{{machine}}",
    ]),
    graph(
      "Hours since the last backup",
      "short",
      ["(time() - max by (backup) (keybuzz_backup_last_success_timestamp_seconds)) / 3600", "{{backup}}"],
      ["(time() - max(kube_customresource_etcd_snapshot_created)) / 3600", "etcd"],
    ),
  ],
};

export const INGRESS: Dashboard = {
  uid: "keybuzz-ingress",
  title: "Ingress",
  panels: [
    stat("Ingress pods ready", 'kube_daemonset_status_number_ready{namespace="ingress-nginx"}', "short"),
    stat("504 now", 'sum(rate(nginx_ingress_controller_requests{status="504"}[5m])) or vector(0)', "reqps", {
      alarmFrom: 0.01,
    }),
    stat("499 now", 'sum(rate(nginx_ingress_controller_requests{status="499"}[5m])) or vector(0)', "reqps", {
      alarmFrom: 1,
    }),
    stat("Configuration loaded", "min(nginx_ingress_controller_config_last_reload_successful)", "short", {
      alarmBelow: 1,
    }),
    graph("Requests", "reqps", ["sum by (host) (rate(nginx_ingress_controller_requests[5m]))", "{{host}}"]),
    graph("Answers of 500 and above, and 499", "reqps", [
      'sum by (host, status) (rate(nginx_ingress_controller_requests{status=~"5..|499"}[5m]))',
      "{{host}} {{status}}",
    ]),
    graph("Upstream connect time, 95 %", "s", [
      "histogram_quantile(0.95, sum by (host, le) (rate(nginx_ingress_controller_connect_duration_seconds_bucket[5m])))",
      "{{host}}",
    ]),
    graph("Upstream response time, 95 %", "s", [
      "histogram_quantile(0.95, sum by (host, le) (rate(nginx_ingress_controller_response_duration_seconds_bucket[5m])))",
      "{{host}}",
    ]),
    graph("Open connections", "short", [
      'sum by (machine, state) (nginx_ingress_controller_nginx_process_connections{state=~"active|waiting"})',
      "{{machine}} {{state}}",
    ]),
    graph("Probe of each public host", "s", ['probe_duration_seconds{job="probe-web"}', "{{public_host}} {{machine}}"]),
  ],
};

export const KUBERNETES: Dashboard = {
  uid: "keybuzz-kubernetes",
  title: "Kubernetes",
  panels: [
    stat("Nodes ready", 'sum(kube_node_status_condition{condition="Ready", status="true"})', "short"),
    stat("API servers", 'sum(up{job="kubernetes-api"})', "short"),
    stat(
      "Deployments short of pods",
      "count(kube_deployment_status_replicas_available < kube_deployment_spec_replicas) or vector(0)",
      "short",
      { alarmFrom: 1 },
    ),
    stat("Failed Jobs", "count(kube_job_status_failed > 0) or vector(0)", "short", { alarmFrom: 1 }),
    graph("CPU by namespace", "short", [
      'sum by (namespace) (rate(container_cpu_usage_seconds_total{container!=""}[5m]))',
      "{{namespace}}",
    ]),
    graph("Memory by namespace", "bytes", [
      'sum by (namespace) (container_memory_working_set_bytes{container!=""})',
      "{{namespace}}",
    ]),
    graph("Restarts", "short", [
      "sum by (namespace, pod) (increase(kube_pod_container_status_restarts_total[1h])) > 0",
      "{{namespace}}/{{pod}}",
    ]),
    graph("Throttled", "percentunit", [
      "sum by (namespace, pod) (rate(container_cpu_cfs_throttled_periods_total[5m])) / sum by (namespace, pod) (rate(container_cpu_cfs_periods_total[5m]))",
      "{{namespace}}/{{pod}}",
    ]),
    graph("API requests", "reqps", [
      "sum by (machine, code) (rate(apiserver_request_total[5m]))",
      "{{machine}} {{code}}",
    ]),
    graph("Volumes in use", "percentunit", [
      "1 - kubelet_volume_stats_available_bytes / kubelet_volume_stats_capacity_bytes",
      "{{namespace}}/{{persistentvolumeclaim}}",
    ]),
  ],
};

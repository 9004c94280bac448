/** Series by name, in promtool's notation of values: "0+3x40" is 0, 3, 6 ... */
export type SeriesValues = Readonly<Record<string, string>>;

export interface RuleCase {
  /** When the rule is looked at. */
  readonly at: string;
  /** Time between two values. Default "30s". */
  readonly interval?: string;
  readonly fires: SeriesValues;
  /** Labels of the one alert that fires, without severity. */
  readonly labels: Readonly<Record<string, string>>;
  /** The same situation, sound, or not yet for long enough. */
  readonly silent: SeriesValues;
}

const requests = (status: string, host = "support.keybuzz.io"): string =>
  `nginx_ingress_controller_requests{host="${host}", status="${status}"}`;
const HOST = { host: "support.keybuzz.io" };
const DB = ["db-master-01", "db-slave-01", "db-slave-02"] as const;
const on = (machine: string, job?: string): string =>
  `machine="${machine}"${job === undefined ? "" : `, job="${job}"`}`;
const all = (names: readonly string[], series: (name: string) => string, values: readonly string[]): SeriesValues =>
  Object.fromEntries(names.map((name, i) => [series(name), values[i] ?? values.at(-1) ?? ""]));
const connect = (le: string): string =>
  `nginx_ingress_controller_connect_duration_seconds_bucket{host="support.keybuzz.io", le="${le}"}`;
const leads = (name: string): string => `patroni_primary{${on(name)}, scope="keybuzz"}`;
const REDIS = ["redis-01", "redis-02", "redis-03"] as const;
const role = (name: string, is: string): string => `redis_instance_info{${on(name)}, role="${is}"}`;
const deployment = { namespace: "chatwoot", deployment: "chatwoot-web" };
const wants = 'kube_deployment_spec_replicas{namespace="chatwoot", deployment="chatwoot-web"}';
const available = 'kube_deployment_status_replicas_available{namespace="chatwoot", deployment="chatwoot-web"}';
const disk = 'machine="db-master-01", mountpoint="/", fstype="ext4"';
const DISK = { machine: "db-master-01", mountpoint: "/", fstype: "ext4" };
const expiry = 'probe_ssl_earliest_cert_expiry{job="probe-web", instance="https://10.0.0.5/"}';
const CERTIFICATE = { job: "probe-web", instance: "https://10.0.0.5/" };
const MARIA = ["maria-01", "maria-02", "maria-03"] as const;
const DAY = 86_400;

/** Two for each rule: one that fires, one that stays silent. Prod's numbers: 8 nodes, three members everywhere. */
export const RULE_CASES: Readonly<Record<string, RuleCase>> = {
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

  MachineDown: {
    at: "5m",
    fires: { [`up{${on("db-master-01", "node")}}`]: "0x20" },
    labels: { job: "node", machine: "db-master-01" },
    silent: { [`up{${on("db-master-01", "node")}}`]: "0 0 0 1x20" },
  },
  DiskAlmostFull: {
    at: "10m",
    fires: { [`node_filesystem_avail_bytes{${disk}}`]: "9x40", [`node_filesystem_size_bytes{${disk}}`]: "100x40" },
    labels: DISK,
    silent: {
      [`node_filesystem_avail_bytes{${disk}}`]: "11x40",
      [`node_filesystem_size_bytes{${disk}}`]: "100x40",
      'node_filesystem_avail_bytes{machine="db-master-01", mountpoint="/run", fstype="tmpfs"}': "1x40",
      'node_filesystem_size_bytes{machine="db-master-01", mountpoint="/run", fstype="tmpfs"}': "100x40",
    },
  },
  DiskFillsSoon: {
    at: "8h",
    interval: "10m",
    fires: { [`node_filesystem_avail_bytes{${disk}}`]: "390-3x60", [`node_filesystem_size_bytes{${disk}}`]: "1000x60" },
    labels: DISK,
    silent: {
      [`node_filesystem_avail_bytes{${disk}}`]: "390-1x60",
      [`node_filesystem_size_bytes{${disk}}`]: "1000x60",
    },
  },
  InodesAlmostGone: {
    at: "15m",
    fires: { [`node_filesystem_files_free{${disk}}`]: "4x40", [`node_filesystem_files{${disk}}`]: "100x40" },
    labels: DISK,
    silent: { [`node_filesystem_files_free{${disk}}`]: "6x40", [`node_filesystem_files{${disk}}`]: "100x40" },
  },
  MemoryShort: {
    at: "15m",
    fires: {
      [`node_memory_MemAvailable_bytes{${on("redis-01")}}`]: "6x40",
      [`node_memory_MemTotal_bytes{${on("redis-01")}}`]: "100x40",
    },
    labels: { machine: "redis-01" },
    silent: {
      [`node_memory_MemAvailable_bytes{${on("redis-01")}}`]: "8x40",
      [`node_memory_MemTotal_bytes{${on("redis-01")}}`]: "100x40",
    },
  },
  OutOfMemoryKill: {
    at: "10m",
    fires: { [`node_vmstat_oom_kill{${on("redis-01")}}`]: "0x10 1x30" },
    labels: { machine: "redis-01" },
    silent: { [`node_vmstat_oom_kill{${on("redis-01")}}`]: "4x40" },
  },
  ClockWrong: {
    at: "15m",
    fires: { [`node_timex_offset_seconds{${on("redis-01")}}`]: "-0.2x40" },
    labels: { machine: "redis-01" },
    silent: {
      [`node_timex_offset_seconds{${on("redis-01")}}`]: "0.01x40",
      [`node_timex_sync_status{${on("redis-01")}}`]: "1x40",
    },
  },
  UnitDown: {
    at: "5m",
    fires: { 'node_systemd_unit_state{machine="redis-01", name="ufw.service", state="active"}': "0x20" },
    labels: { machine: "redis-01", name: "ufw.service", state: "active" },
    silent: {
      'node_systemd_unit_state{machine="redis-01", name="ufw.service", state="active"}': "1x20",
      'node_systemd_unit_state{machine="redis-01", name="ufw.service", state="failed"}': "0x20",
    },
  },

  HaproxyDown: {
    at: "3m",
    fires: { [`up{${on("haproxy-01", "haproxy")}}`]: "0x20" },
    labels: { job: "haproxy", machine: "haproxy-01" },
    silent: { [`up{${on("haproxy-01", "haproxy")}}`]: "1x20" },
  },
  DataServiceDown: {
    at: "2m",
    fires: {
      'haproxy_backend_active_servers{machine="haproxy-01", proxy="redis-primary"}': "0x20",
      'haproxy_backend_backup_servers{machine="haproxy-01", proxy="redis-primary"}': "0x20",
    },
    labels: { machine: "haproxy-01", proxy: "redis-primary" },
    silent: {
      'haproxy_backend_active_servers{machine="haproxy-01", proxy="redis-primary"}': "0x20",
      'haproxy_backend_backup_servers{machine="haproxy-01", proxy="redis-primary"}': "1x20",
    },
  },
  HaproxyConnectErrors: {
    at: "12m",
    fires: { 'haproxy_backend_connection_errors_total{machine="haproxy-01", proxy="rabbitmq-amqp"}': "0+60x40" },
    labels: { machine: "haproxy-01", proxy: "rabbitmq-amqp" },
    silent: { 'haproxy_backend_connection_errors_total{machine="haproxy-01", proxy="rabbitmq-amqp"}': "0+6x40" },
  },

  PostgresNoLeader: {
    at: "2m",
    fires: all(DB, leads, ["0x20"]),
    labels: {},
    silent: all(DB, leads, ["0x20", "1x20", "0x20"]),
  },
  PostgresTwoLeaders: {
    at: "4m",
    fires: all(DB, leads, ["1x20", "1x20", "0x20"]),
    labels: {},
    // Some versions of Patroni give both names to one leader.
    silent: { ...all(DB, leads, ["1x20", "0x20"]), [leads(DB[0]).replace("primary", "master")]: "1x20" },
  },
  PostgresLeaderMoved: {
    at: "10m",
    fires: all(DB, (name) => `patroni_postgres_timeline{${on(name)}, scope="keybuzz"}`, ["3x10 4x20"]),
    labels: { scope: "keybuzz" },
    silent: all(DB, (name) => `patroni_postgres_timeline{${on(name)}, scope="keybuzz"}`, ["3x30"]),
  },
  PostgresReplicationLag: {
    at: "10m",
    fires: {
      'patroni_xlog_location{machine="db-master-01", scope="keybuzz"}': "100000000x40",
      'patroni_xlog_replayed_location{machine="db-slave-01", scope="keybuzz"}': "50000000x40",
      'patroni_xlog_replayed_location{machine="db-slave-02", scope="keybuzz"}': "100000000x40",
      'patroni_replica{machine="db-slave-01", scope="keybuzz"}': "1x40",
      'patroni_replica{machine="db-slave-02", scope="keybuzz"}': "1x40",
    },
    labels: { machine: "db-slave-01", scope: "keybuzz" },
    silent: {
      'patroni_xlog_location{machine="db-master-01", scope="keybuzz"}': "100000000x40",
      // The leader replays nothing.
      'patroni_xlog_replayed_location{machine="db-master-01", scope="keybuzz"}': "0x40",
      'patroni_xlog_replayed_location{machine="db-slave-01", scope="keybuzz"}': "99000000x40",
      'patroni_replica{machine="db-master-01", scope="keybuzz"}': "0x40",
      'patroni_replica{machine="db-slave-01", scope="keybuzz"}': "1x40",
    },
  },
  PostgresQuorumAtEdge: {
    at: "5m",
    fires: all(DB, (name) => `patroni_postgres_running{${on(name)}}`, ["1x20", "1x20", "0x20"]),
    labels: {},
    silent: all(DB, (name) => `patroni_postgres_running{${on(name)}}`, ["1x20"]),
  },
  PostgresDown: {
    at: "3m",
    fires: { [`pg_up{${on("db-slave-01")}}`]: "0x20" },
    labels: { machine: "db-slave-01" },
    silent: { [`pg_up{${on("db-slave-01")}}`]: "1x20" },
  },
  PostgresDcsSilent: {
    at: "10m",
    fires: { [`patroni_dcs_last_seen{${on("db-slave-01")}}`]: "300x40" },
    labels: { machine: "db-slave-01" },
    silent: { [`patroni_dcs_last_seen{${on("db-slave-01")}}`]: "0+30x40" },
  },
  PostgresConnectionsShort: {
    at: "10m",
    fires: {
      'pg_stat_activity_count{machine="db-master-01", state="active"}': "50x40",
      'pg_stat_activity_count{machine="db-master-01", state="idle"}': "40x40",
      [`pg_settings_max_connections{${on("db-master-01")}}`]: "100x40",
    },
    labels: { machine: "db-master-01" },
    silent: {
      'pg_stat_activity_count{machine="db-master-01", state="active"}': "80x40",
      [`pg_settings_max_connections{${on("db-master-01")}}`]: "100x40",
    },
  },
  PgbouncerClientsWait: {
    at: "5m",
    fires: { 'keybuzz_pgbouncer_maxwait_seconds{machine="haproxy-01", database="chatwoot"}': "8x20" },
    labels: { machine: "haproxy-01", database: "chatwoot" },
    silent: { 'keybuzz_pgbouncer_maxwait_seconds{machine="haproxy-01", database="chatwoot"}': "2x20" },
  },
  PgbouncerSilent: {
    at: "10m",
    fires: { [`keybuzz_pgbouncer_read_timestamp_seconds{${on("haproxy-01")}}`]: "120x40" },
    labels: { machine: "haproxy-01" },
    silent: { [`keybuzz_pgbouncer_read_timestamp_seconds{${on("haproxy-01")}}`]: "0+30x40" },
  },

  RedisNoPrimary: {
    at: "2m",
    fires: all(REDIS, (name) => role(name, "slave"), ["1x20"]),
    labels: { role: "master" },
    silent: { [role("redis-01", "slave")]: "1x20", [role("redis-02", "master")]: "1x20" },
  },
  RedisTwoPrimaries: {
    at: "4m",
    fires: { [role("redis-01", "master")]: "1x20", [role("redis-02", "master")]: "1x20" },
    labels: {},
    silent: { [role("redis-01", "slave")]: "1x20", [role("redis-02", "master")]: "1x20" },
  },
  RedisQuorumAtEdge: {
    at: "5m",
    fires: all(REDIS, (name) => `redis_up{${on(name)}}`, ["1x20", "1x20", "0x20"]),
    labels: {},
    silent: all(REDIS, (name) => `redis_up{${on(name)}}`, ["1x20"]),
  },
  RedisReplicationBroken: {
    at: "3m",
    fires: { 'redis_master_link_up{machine="redis-02"}': "0x20" },
    labels: { machine: "redis-02" },
    silent: { 'redis_master_link_up{machine="redis-02"}': "1x20" },
  },
  RedisReplicationLag: {
    at: "5m",
    fires: { 'redis_connected_slave_lag_seconds{machine="redis-01", slave_ip="10.0.0.124"}': "9x20" },
    labels: { machine: "redis-01", slave_ip: "10.0.0.124" },
    silent: { 'redis_connected_slave_lag_seconds{machine="redis-01", slave_ip="10.0.0.124"}': "1x20" },
  },
  RedisMemoryShort: {
    at: "8m",
    fires: {
      [`redis_memory_used_bytes{${on("redis-01")}}`]: "90x40",
      [`redis_memory_max_bytes{${on("redis-01")}}`]: "100x40",
    },
    labels: { machine: "redis-01" },
    silent: {
      [`redis_memory_used_bytes{${on("redis-01")}}`]: "80x40",
      [`redis_memory_max_bytes{${on("redis-01")}}`]: "100x40",
      // No limit: 0.
      [`redis_memory_used_bytes{${on("redis-02")}}`]: "80x40",
      [`redis_memory_max_bytes{${on("redis-02")}}`]: "0x40",
    },
  },

  RabbitQuorumAtEdge: {
    at: "5m",
    fires: all(["queue-01", "queue-02", "queue-03"], (name) => `up{${on(name, "rabbitmq")}}`, ["1x20", "0x20", "1x20"]),
    labels: {},
    silent: all(["queue-01", "queue-02", "queue-03"], (name) => `up{${on(name, "rabbitmq")}}`, ["1x20"]),
  },
  RabbitPartition: {
    at: "3m",
    fires: { [`rabbitmq_unreachable_cluster_peers_count{${on("queue-01")}}`]: "1x20" },
    labels: { machine: "queue-01" },
    silent: { [`rabbitmq_unreachable_cluster_peers_count{${on("queue-01")}}`]: "0x20" },
  },
  RabbitAlarm: {
    at: "3m",
    fires: { [`rabbitmq_alarms_free_disk_space_watermark{${on("queue-01")}}`]: "1x20" },
    labels: { machine: "queue-01" },
    silent: {
      [`rabbitmq_alarms_free_disk_space_watermark{${on("queue-01")}}`]: "0x20",
      [`rabbitmq_alarms_memory_used_watermark{${on("queue-01")}}`]: "0x20",
    },
  },
  RabbitBacklog: {
    at: "20m",
    fires: {
      [`rabbitmq_queue_messages_ready{${on("queue-01")}}`]: "6000x60",
      [`rabbitmq_queue_messages_ready{${on("queue-02")}}`]: "6000x60",
    },
    labels: {},
    silent: { [`rabbitmq_queue_messages_ready{${on("queue-01")}}`]: "6000x60" },
  },

  GaleraWithoutPrimary: {
    at: "2m",
    fires: { [`mysql_global_status_wsrep_cluster_status{${on("maria-01")}}`]: "0x20" },
    labels: { machine: "maria-01" },
    silent: { [`mysql_global_status_wsrep_cluster_status{${on("maria-01")}}`]: "1x20" },
  },
  GaleraQuorumAtEdge: {
    at: "5m",
    fires: all(MARIA.slice(0, 2), (name) => `mysql_global_status_wsrep_cluster_size{${on(name)}}`, ["2x20"]),
    labels: {},
    silent: all(MARIA, (name) => `mysql_global_status_wsrep_cluster_size{${on(name)}}`, ["3x20"]),
  },
  GaleraNotSynced: {
    at: "15m",
    fires: { [`mysql_global_status_wsrep_local_state{${on("maria-02")}}`]: "2x40" },
    labels: { machine: "maria-02" },
    silent: { [`mysql_global_status_wsrep_local_state{${on("maria-02")}}`]: "2x10 4x40" },
  },
  GaleraFlowControl: {
    at: "12m",
    fires: { [`mysql_global_status_wsrep_flow_control_paused_ns{${on("maria-01")}}`]: "0+6000000000x40" },
    labels: { machine: "maria-01" },
    silent: { [`mysql_global_status_wsrep_flow_control_paused_ns{${on("maria-01")}}`]: "0+600000000x40" },
  },
  MariadbDown: {
    at: "3m",
    fires: { [`mysql_up{${on("maria-01")}}`]: "0x20" },
    labels: { machine: "maria-01" },
    silent: { [`mysql_up{${on("maria-01")}}`]: "1x20" },
  },

  ObjectStoreDown: {
    at: "5m",
    fires: { [`up{${on("minio-01", "object-store")}}`]: "0x20" },
    labels: { job: "object-store", machine: "minio-01" },
    silent: { [`up{${on("minio-01", "object-store")}}`]: "1x20" },
  },
  ObjectStoreAlmostFull: {
    at: "20m",
    fires: {
      [`minio_cluster_capacity_usable_free_bytes{${on("minio-01")}}`]: "14x60",
      [`minio_cluster_capacity_usable_total_bytes{${on("minio-01")}}`]: "100x60",
    },
    labels: { machine: "minio-01" },
    silent: {
      [`minio_cluster_capacity_usable_free_bytes{${on("minio-01")}}`]: "16x60",
      [`minio_cluster_capacity_usable_total_bytes{${on("minio-01")}}`]: "100x60",
    },
  },

  CertificateExpires: {
    at: "2h",
    interval: "5m",
    fires: { [expiry]: `${20 * DAY}x60` },
    labels: CERTIFICATE,
    silent: { [expiry]: `${22 * DAY}x60` },
  },
  CertificateExpiresNow: {
    at: "10m",
    fires: { [expiry]: `${3 * DAY}x40` },
    labels: CERTIFICATE,
    silent: { [expiry]: `${5 * DAY}x40` },
  },
  BackupTooOld: {
    at: "27h",
    interval: "10m",
    fires: { 'keybuzz_backup_last_success_timestamp_seconds{backup="postgres", machine="db-slave-01"}': "600x200" },
    labels: { backup: "postgres" },
    // Another member made the newest one.
    silent: {
      'keybuzz_backup_last_success_timestamp_seconds{backup="postgres", machine="db-slave-01"}': "600x200",
      'keybuzz_backup_last_success_timestamp_seconds{backup="postgres", machine="db-slave-02"}': "_x90 54000x110",
    },
  },
  BackupMissing: {
    at: "2h",
    interval: "5m",
    fires: { 'keybuzz_backup_last_success_timestamp_seconds{backup="mariadb", machine="maria-01"}': "600x60" },
    labels: { backup: "postgres" },
    silent: {
      'keybuzz_backup_last_success_timestamp_seconds{backup="mariadb", machine="maria-01"}': "600x60",
      'keybuzz_backup_last_success_timestamp_seconds{backup="postgres", machine="db-slave-01"}': "600x60",
    },
  },

  TargetDown: {
    at: "10m",
    fires: { 'up{job="redis", instance="10.0.0.123:9121", machine="redis-01"}': "0x40" },
    labels: { job: "redis", instance: "10.0.0.123:9121", machine: "redis-01" },
    silent: {
      'up{job="redis", instance="10.0.0.123:9121", machine="redis-01"}': "1x40",
      // Those have an alert of their own.
      'up{job="node", instance="10.0.0.123:9100", machine="redis-01"}': "0x40",
    },
  },
  RulesFail: {
    at: "10m",
    fires: { 'prometheus_rule_evaluation_failures_total{rule_group="postgres"}': "0+1x40" },
    labels: { rule_group: "postgres" },
    silent: { 'prometheus_rule_evaluation_failures_total{rule_group="postgres"}': "4x40" },
  },
  AlertsUndelivered: {
    at: "12m",
    fires: { 'alertmanager_notifications_failed_total{integration="slack"}': "0+1x40" },
    labels: { integration: "slack" },
    silent: { 'alertmanager_notifications_failed_total{integration="slack"}': "2x40" },
  },
};

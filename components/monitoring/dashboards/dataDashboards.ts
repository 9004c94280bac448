import { graph, stat, type Dashboard } from "./panel";

export const POSTGRES: Dashboard = {
  uid: "keybuzz-postgres",
  title: "PostgreSQL",
  panels: [
    stat(
      "Leaders",
      'count(max by (machine) ({__name__=~"patroni_primary|patroni_master"} == 1)) or vector(0)',
      "short",
      { alarmBelow: 1, alarmFrom: 2 },
    ),
    stat("Members that run", "sum(patroni_postgres_running)", "short"),
    stat("Timeline", "max(patroni_postgres_timeline)", "short"),
    stat("Clients that wait for the pool", "sum(keybuzz_pgbouncer_waiting_clients)", "short", { alarmFrom: 10 }),
    graph("Who leads", "short", ['max by (machine) ({__name__=~"patroni_primary|patroni_master"})', "{{machine}}"]),
    graph("Bytes behind the leader", "bytes", [
      "max by (scope) (patroni_xlog_location) - on (scope) group_right () patroni_xlog_replayed_location and on (machine) patroni_replica == 1",
      "{{machine}}",
    ]),
    graph("Transactions", "ops", [
      "sum by (machine, datname) (rate(pg_stat_database_xact_commit[5m]))",
      "{{machine}} {{datname}}",
    ]),
    graph("Connections", "short", ["sum by (machine, state) (pg_stat_activity_count)", "{{machine}} {{state}}"]),
    graph(
      "Pool: clients",
      "short",
      ["keybuzz_pgbouncer_active_clients", "{{machine}} {{database}} active"],
      ["keybuzz_pgbouncer_waiting_clients", "{{machine}} {{database}} waiting"],
    ),
    graph("Database sizes", "bytes", ["max by (datname) (pg_database_size_bytes)", "{{datname}}"]),
    graph("Deadlocks", "ops", ["sum by (datname) (rate(pg_stat_database_deadlocks[5m]))", "{{datname}}"]),
    graph("Cache hits", "percentunit", [
      "sum by (machine) (rate(pg_stat_database_blks_hit[5m])) / sum by (machine) (rate(pg_stat_database_blks_hit[5m]) + rate(pg_stat_database_blks_read[5m]))",
      "{{machine}}",
    ]),
  ],
};

export const REDIS: Dashboard = {
  uid: "keybuzz-redis",
  title: "Redis",
  panels: [
    stat("Primaries", 'count(redis_instance_info{role="master"}) or vector(0)', "short", {
      alarmBelow: 1,
      alarmFrom: 2,
    }),
    stat("Members", "sum(redis_up)", "short"),
    graph("Memory in use", "percentunit", ["redis_memory_used_bytes / redis_memory_max_bytes", "{{machine}}"]),
    graph("Commands", "ops", ["rate(redis_commands_processed_total[5m])", "{{machine}}"]),
    graph("Clients", "short", ["redis_connected_clients", "{{machine}}"]),
    graph("Keys", "short", ["redis_db_keys", "{{machine}} {{db}}"]),
    graph("Replicas behind", "s", ["redis_connected_slave_lag_seconds", "{{machine}} {{slave_ip}}"]),
    graph("Refused connections", "ops", ["rate(redis_rejected_connections_total[5m])", "{{machine}}"]),
  ],
};

export const RABBITMQ: Dashboard = {
  uid: "keybuzz-rabbitmq",
  title: "RabbitMQ",
  panels: [
    stat("Members", 'sum(up{job="rabbitmq"})', "short"),
    stat("Messages that wait", "sum(rabbitmq_queue_messages_ready)", "short", { alarmFrom: 10_000 }),
    graph(
      "Messages",
      "short",
      ["sum by (machine) (rabbitmq_queue_messages_ready)", "{{machine}} ready"],
      ["sum by (machine) (rabbitmq_queue_messages_unacked)", "{{machine}} unacknowledged"],
    ),
    graph("Published", "ops", [
      "sum by (machine) (rate(rabbitmq_channel_messages_published_total[5m]))",
      "{{machine}}",
    ]),
    graph("Connections", "short", ["rabbitmq_connections", "{{machine}}"]),
    graph("Memory", "bytes", ["rabbitmq_process_resident_memory_bytes", "{{machine}}"]),
  ],
};

export const MARIADB: Dashboard = {
  uid: "keybuzz-mariadb",
  title: "MariaDB",
  panels: [
    stat("Members in the cluster", "min(mysql_global_status_wsrep_cluster_size)", "short"),
    stat("Members synced", "count(mysql_global_status_wsrep_local_state == 4) or vector(0)", "short"),
    graph("Queries", "ops", ["rate(mysql_global_status_queries[5m])", "{{machine}}"]),
    graph("Connections", "short", ["mysql_global_status_threads_connected", "{{machine}}"]),
    graph("Writes paused by the slowest member", "percentunit", [
      "rate(mysql_global_status_wsrep_flow_control_paused_ns[5m]) / 1e9",
      "{{machine}}",
    ]),
    graph("Waiting to be applied", "short", ["mysql_global_status_wsrep_local_recv_queue", "{{machine}}"]),
    graph("Conflicts", "ops", [
      "rate(mysql_global_status_wsrep_local_cert_failures[5m]) + rate(mysql_global_status_wsrep_local_bf_aborts[5m])",
      "{{machine}}",
    ]),
    graph("Slow queries", "ops", ["rate(mysql_global_status_slow_queries[5m])", "{{machine}}"]),
  ],
};

export const HAPROXY: Dashboard = {
  uid: "keybuzz-haproxy",
  title: "HAProxy",
  panels: [
    graph("Live servers", "short", [
      "haproxy_backend_active_servers + haproxy_backend_backup_servers",
      "{{machine}} {{proxy}}",
    ]),
    graph("Sessions", "short", ["haproxy_frontend_current_sessions", "{{machine}} {{proxy}}"]),
    graph("New connections", "ops", [
      "sum by (machine, proxy) (rate(haproxy_frontend_connections_total[5m]))",
      "{{machine}} {{proxy}}",
    ]),
    graph("Connect errors", "ops", [
      "sum by (machine, proxy) (rate(haproxy_backend_connection_errors_total[5m]))",
      "{{machine}} {{proxy}}",
    ]),
    graph("Sent to clients", "Bps", [
      "sum by (machine, proxy) (rate(haproxy_frontend_bytes_out_total[5m]))",
      "{{machine}} {{proxy}}",
    ]),
    graph("Queue", "short", ["haproxy_backend_current_queue", "{{machine}} {{proxy}}"]),
  ],
};

export const OBJECT_STORE: Dashboard = {
  uid: "keybuzz-object-store",
  title: "Object store",
  panels: [
    stat("Free", "sum(minio_cluster_capacity_usable_free_bytes)", "bytes"),
    stat("Machines that do not answer", 'count(up{job="object-store"} == 0) or vector(0)', "short", { alarmFrom: 1 }),
    graph("Space in use", "percentunit", [
      "1 - minio_cluster_capacity_usable_free_bytes / minio_cluster_capacity_usable_total_bytes",
      "{{machine}}",
    ]),
    graph("Requests", "reqps", ["sum by (api) (rate(minio_s3_requests_total[5m]))", "{{api}}"]),
    graph("Errors", "reqps", ["sum by (api) (rate(minio_s3_requests_errors_total[5m]))", "{{api}}"]),
  ],
};

/** Names of the figures: Qdrant's documentation, "Monitoring". */
export const VECTOR_STORE: Dashboard = {
  uid: "keybuzz-vector-store",
  title: "Vector store",
  panels: [
    stat("Machines that do not answer", 'count(up{job="vector-store"} == 0) or vector(0)', "short", { alarmFrom: 1 }),
    stat("Collections", "sum(collections_total)", "short"),
    graph("Requests", "reqps", [
      'sum by (endpoint) (rate(rest_responses_total{job="vector-store"}[5m]))',
      "{{endpoint}}",
    ]),
    graph("Errors", "reqps", [
      'sum by (endpoint, status) (rate(rest_responses_total{job="vector-store",status=~"5.."}[5m]))',
      "{{endpoint}} {{status}}",
    ]),
    graph("Memory", "bytes", ['memory_resident_bytes{job="vector-store"}', "{{machine}}"]),
  ],
};

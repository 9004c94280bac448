import { all, on, type RuleCase, type SeriesValues } from "./ruleCase";

const REDIS = ["redis-01", "redis-02", "redis-03"] as const;
const role = (name: string, is: string): string => `redis_instance_info{${on(name)}, role="${is}"}`;
/** How many Sentinels name each member, as HAProxy counts them. */
const named = (votes: readonly string[]): SeriesValues =>
  all(
    REDIS,
    (name) => `haproxy_backend_active_servers{${on("haproxy-01")}, proxy="redis-primary.${name}.named"}`,
    votes,
  );
const MARIA = ["maria-01", "maria-02", "maria-03"] as const;

/** Redis, RabbitMQ, MariaDB and MinIO. */
export const DATA_RULE_CASES: Readonly<Record<string, RuleCase>> = {
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
  RedisPrimaryUnnamed: {
    at: "2m",
    // One Sentinel is alive, and its vote is not enough.
    fires: named(["1x20", "0x20", "0x20"]),
    labels: { machine: "haproxy-01" },
    silent: named(["0x20", "2x20", "0x20"]),
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
};

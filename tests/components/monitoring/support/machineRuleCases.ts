import { on, type RuleCase } from "./ruleCase";

const disk = 'machine="db-master-01", mountpoint="/", fstype="ext4"';
const DISK = { machine: "db-master-01", mountpoint: "/", fstype: "ext4" };

/** Servers that are alive, by HAProxy's sections. */
const servers = (sections: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(sections).flatMap(([proxy, values]) => [
      [`haproxy_backend_active_servers{machine="haproxy-01", proxy="${proxy}"}`, values],
      [`haproxy_backend_backup_servers{machine="haproxy-01", proxy="${proxy}"}`, "0x20"],
    ]),
  );

/** Machines, and HAProxy. */
export const MACHINE_RULE_CASES: Readonly<Record<string, RuleCase>> = {
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
    // Sentinels that answer are no server of anybody's.
    fires: servers({
      "redis-primary.redis-01": "0x20",
      "redis-primary.redis-02": "0x20",
      "redis-primary.redis-01.named": "3x20",
    }),
    labels: { machine: "haproxy-01", service: "redis-primary" },
    // A replica is not served through this port, and that is as it should be.
    silent: servers({
      "redis-primary.redis-01": "0x20",
      "redis-primary.redis-02": "1x20",
      "redis-primary.redis-01.named": "0x20",
    }),
  },
  HaproxyConnectErrors: {
    at: "12m",
    fires: { 'haproxy_backend_connection_errors_total{machine="haproxy-01", proxy="rabbitmq-amqp"}': "0+60x40" },
    labels: { machine: "haproxy-01", proxy: "rabbitmq-amqp" },
    silent: { 'haproxy_backend_connection_errors_total{machine="haproxy-01", proxy="rabbitmq-amqp"}': "0+6x40" },
  },
};

import { all, on, type RuleCase } from "./ruleCase";

const DB = ["db-master-01", "db-slave-01", "db-slave-02"] as const;
const leads = (name: string): string => `patroni_primary{${on(name)}, scope="keybuzz"}`;

/** PostgreSQL and PgBouncer. */
export const POSTGRES_RULE_CASES: Readonly<Record<string, RuleCase>> = {
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
};

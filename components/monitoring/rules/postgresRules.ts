import { majority, type AlertRule, type RuleGroup } from "../alertRule";

/** Bytes; HAProxy leaves a replica out that is further behind (PostgresService). */
const LAG_BYTES = 16 * 1024 * 1024;
/** Patroni 3 calls it primary, Patroni 2 master; some versions show both. */
const LEADER = 'max by (machine) ({__name__=~"patroni_primary|patroni_master"} == 1)';

export function postgresRules(members: number): RuleGroup {
  return { name: "postgres", rules: [...CLUSTER, ...(members < 3 ? [] : [quorum(members)]), ...MEMBER, ...POOLER] };
}

const quorum = (members: number): AlertRule => ({
  alert: "PostgresQuorumAtEdge",
  expr: `sum(patroni_postgres_running) <= ${majority(members)}`,
  holds: "2m",
  severity: "critical",
  summary: `Of ${members} PostgreSQL members only a majority is left: one more loss stops writes`,
  runbook:
    "`patronictl -c /etc/patroni/config.yml list` shows the lost one; `journalctl -u patroni` there. `patronictl reinit` copies it anew.",
});

const CLUSTER: readonly AlertRule[] = [
  {
    alert: "PostgresNoLeader",
    expr: `absent(${LEADER})`,
    holds: "30s",
    severity: "critical",
    summary: "PostgreSQL has no leader: nothing can be written",
    runbook:
      "`patronictl -c /etc/patroni/config.yml list`. Members without a leader: their DCS has no majority (etcd: `etcdctl endpoint health`; raft: port 2222 between members). In synchronous mode only the synchronous replica may follow: wait for it before forcing anything.",
  },
  {
    alert: "PostgresTwoLeaders",
    expr: `count(${LEADER}) > 1`,
    holds: "1m",
    severity: "critical",
    summary: "Two members of PostgreSQL believe that they lead",
    runbook:
      "Stop Patroni on the one with the lower timeline (`patronictl list`) at once. HAProxy sends writes to whoever answers /primary; afterwards compare what both wrote.",
  },
  {
    alert: "PostgresLeaderMoved",
    expr: "changes(max by (scope) (patroni_postgres_timeline)[15m:30s]) > 0",
    holds: "0m",
    severity: "warning",
    summary: "PostgreSQL has had a failover within the last 15 min",
    runbook: "`patronictl history` says when; the old leader's journal says why. Clients reconnect by themselves.",
  },
  {
    alert: "PostgresReplicationLag",
    expr: `(max by (scope) (patroni_xlog_location) - on (scope) group_right () patroni_xlog_replayed_location) > ${LAG_BYTES} and on (machine) patroni_replica == 1`,
    holds: "5m",
    severity: "warning",
    summary: "{{ $labels.machine }} replays more than 16 MB behind the leader",
    runbook:
      "HAProxy has left it out of port 5433. A long query on the replica blocks replay; else look at its disk and network. If it is the synchronous one, writes wait for it.",
  },
];

const MEMBER: readonly AlertRule[] = [
  {
    alert: "PostgresDown",
    expr: "pg_up == 0",
    holds: "1m",
    severity: "critical",
    summary: "PostgreSQL of {{ $labels.machine }} cannot be logged in to",
    runbook: "`journalctl -u patroni`; the exporter's own log when the account is refused.",
  },
  {
    alert: "PostgresDcsSilent",
    expr: "time() - patroni_dcs_last_seen > 60",
    holds: "1m",
    severity: "critical",
    summary: "Patroni of {{ $labels.machine }} has not reached its DCS for a minute",
    runbook: "The leader steps down without its DCS. etcd's or raft's health, and the firewall between the members.",
  },
  {
    alert: "PostgresConnectionsShort",
    expr: "sum by (machine) (pg_stat_activity_count) / max by (machine) (pg_settings_max_connections) > 0.85",
    holds: "5m",
    severity: "warning",
    summary: "PostgreSQL of {{ $labels.machine }} has used 85 % of its connections",
    runbook:
      "`SELECT usename, state, count(*) FROM pg_stat_activity GROUP BY 1, 2`. Consumers belong on the pool, 6432.",
  },
];

const POOLER: readonly AlertRule[] = [
  {
    alert: "PgbouncerClientsWait",
    expr: "keybuzz_pgbouncer_maxwait_seconds > 5",
    holds: "2m",
    severity: "warning",
    summary: "Clients of {{ $labels.database }} wait for a connection of PgBouncer on {{ $labels.machine }}",
    runbook: "Long transactions hold the pool: pg_stat_activity, state 'idle in transaction'. Or the leader is gone.",
  },
  {
    alert: "PgbouncerSilent",
    expr: "time() - keybuzz_pgbouncer_read_timestamp_seconds > 180",
    holds: "1m",
    severity: "critical",
    summary: "PgBouncer of {{ $labels.machine }} does not answer questions about itself",
    runbook: "`journalctl -u pgbouncer -u keybuzz-pgbouncer-metrics`.",
  },
];

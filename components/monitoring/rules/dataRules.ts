import { NAMED } from "../../balancing/haproxyListener";
import { majority, type AlertRule, type RuleGroup } from "../alertRule";

const edge = (alert: string, expr: string, members: number, name: string, runbook: string): readonly AlertRule[] =>
  members < 3
    ? []
    : [
        {
          alert,
          expr: `${expr} <= ${majority(members)}`,
          holds: "2m",
          severity: "critical",
          summary: `Of ${members} members of ${name} only a majority is left: the next loss stops it`,
          runbook,
        },
      ];

/** Names of HAProxy's sections that only count the votes of Sentinels; the others serve. */
const VOTES = `".*${NAMED.replace(".", "[.]")}"`;
const SERVING = `{proxy!~${VOTES}}`;

export function haproxyRules(): RuleGroup {
  return {
    name: "haproxy",
    rules: [
      {
        alert: "HaproxyDown",
        expr: 'up{job="haproxy"} == 0',
        holds: "1m",
        severity: "critical",
        summary: "HAProxy of {{ $labels.machine }} does not answer",
        runbook:
          "The load balancers use the other one. `systemctl status haproxy`; `haproxy -c -f /etc/haproxy/haproxy.cfg`.",
      },
      {
        alert: "DataServiceDown",
        // A service may have a backend for each of its members, and others that only count: SERVICE.MEMBER, SERVICE.MEMBER.named.
        expr: `sum by (machine, service) (label_replace(haproxy_backend_active_servers${SERVING} + haproxy_backend_backup_servers${SERVING}, "service", "$1", "proxy", "([^.]+).*")) == 0`,
        holds: "30s",
        severity: "critical",
        summary: "HAProxy of {{ $labels.machine }} has no server for {{ $labels.service }}",
        runbook:
          "postgres-leader, redis-primary: the cluster has no leader, see its dashboard. All of them on one HAProxy: its network. The leader is elsewhere but the check fails: its port's firewall.",
      },
      {
        alert: "HaproxyConnectErrors",
        expr: "sum by (machine, proxy) (rate(haproxy_backend_connection_errors_total[5m])) > 1",
        holds: "5m",
        severity: "warning",
        summary: "HAProxy of {{ $labels.machine }} fails to connect for {{ $labels.proxy }}",
        runbook: "A server that passes its check but refuses connections: its connection limit, or a filter.",
      },
    ],
  };
}

/** A primary serves and answers its check, and yet HAProxy leads nobody to it (haproxyConfig.ts). */
const unnamed = (votes: number): AlertRule => ({
  alert: "RedisPrimaryUnnamed",
  expr: `max by (machine) (haproxy_backend_active_servers{proxy=~${VOTES}}) < ${votes}`,
  holds: "30s",
  severity: "critical",
  summary:
    "HAProxy of {{ $labels.machine }} refuses Redis' clients: no majority of the Sentinels names a primary to it",
  runbook:
    "`systemctl status redis-sentinel` and `redis-cli -p 26379 SENTINEL ckquorum keybuzz` on each member: bring Sentinels back. They agree, and HAProxy does not hear them: port 26379 from it to the members.",
});

export function redisRules(members: number): RuleGroup {
  const primaries = 'count(redis_instance_info{role="master"})';
  return {
    name: "redis",
    rules: [
      {
        alert: "RedisNoPrimary",
        expr: 'absent(redis_instance_info{role="master"})',
        holds: "30s",
        severity: "critical",
        summary: "Redis has no primary: nothing can be written",
        runbook:
          "`redis-cli -p 26379 SENTINEL ckquorum keybuzz` on each member: without a majority of Sentinels there is no failover. Bring members back.",
      },
      {
        alert: "RedisTwoPrimaries",
        expr: `${primaries} > 1`,
        holds: "1m",
        severity: "critical",
        summary: "Two members of Redis believe that they are the primary",
        runbook:
          "Sentinel turns the old one into a replica within seconds; if not, `REPLICAOF` on the one without replicas: its last writes are lost.",
      },
      ...(members < 2 ? [] : [unnamed(majority(members))]),
      ...edge(
        "RedisQuorumAtEdge",
        "sum(redis_up)",
        members,
        "Redis",
        "Bring the lost member back: `systemctl status redis-server redis-sentinel`.",
      ),
      {
        alert: "RedisReplicationBroken",
        expr: "redis_master_link_up == 0",
        holds: "1m",
        severity: "critical",
        summary: "{{ $labels.machine }} is cut off from Redis' primary",
        runbook:
          "Without any replica the primary refuses writes (min-replicas-to-write). Network, password, or a backlog that is too small.",
      },
      {
        alert: "RedisReplicationLag",
        expr: "redis_connected_slave_lag_seconds > 5",
        holds: "2m",
        severity: "warning",
        summary: "A replica of {{ $labels.machine }} is more than 5 s behind",
        runbook: "The primary counts it as lost. Its disk (append-only file) or network is slow.",
      },
      {
        alert: "RedisMemoryShort",
        expr: "redis_memory_used_bytes / redis_memory_max_bytes > 0.85 and redis_memory_max_bytes > 0",
        holds: "5m",
        severity: "warning",
        summary: "Redis of {{ $labels.machine }} has used 85 % of its memory, and will then refuse writes",
        runbook:
          "`redis-cli --bigkeys`. Often a queue whose workers stand still (Sidekiq). Nothing is evicted, on purpose.",
      },
    ],
  };
}

export function rabbitRules(members: number): RuleGroup {
  return {
    name: "rabbitmq",
    rules: [
      ...edge(
        "RabbitQuorumAtEdge",
        'sum(up{job="rabbitmq"})',
        members,
        "RabbitMQ",
        "`rabbitmqctl cluster_status`; bring the lost node back. A minority pauses itself.",
      ),
      {
        alert: "RabbitPartition",
        expr: "rabbitmq_unreachable_cluster_peers_count > 0",
        holds: "1m",
        severity: "critical",
        summary: "RabbitMQ of {{ $labels.machine }} does not see all of its peers",
        runbook: "A node is down, or ports 4369 and 25672 between the members are closed.",
      },
      {
        alert: "RabbitAlarm",
        expr: "rabbitmq_alarms_memory_used_watermark == 1 or rabbitmq_alarms_free_disk_space_watermark == 1",
        holds: "1m",
        severity: "critical",
        summary: "RabbitMQ of {{ $labels.machine }} is short of memory or disk and holds its publishers back",
        runbook:
          "Consumers stand still, or a queue has none: `rabbitmqctl list_queues -p VHOST name messages consumers`.",
      },
      {
        alert: "RabbitBacklog",
        expr: "sum(rabbitmq_queue_messages_ready) > 10000",
        holds: "15m",
        severity: "warning",
        summary: "More than 10,000 messages wait in RabbitMQ",
        runbook: "Which queue: `rabbitmqctl list_queues`. Its consumers: pods, errors, prefetch.",
      },
    ],
  };
}

export function mariadbRules(members: number): RuleGroup {
  return {
    name: "mariadb",
    rules: [
      {
        alert: "GaleraWithoutPrimary",
        expr: "mysql_global_status_wsrep_cluster_status == 0",
        holds: "30s",
        severity: "critical",
        summary: "{{ $labels.machine }} is not in Galera's primary component and refuses queries",
        runbook:
          "The majority is elsewhere: it rejoins by itself. No member has it: start the one with the highest seqno (grastate.dat) first, `galera_new_cluster`.",
      },
      ...edge(
        "GaleraQuorumAtEdge",
        "min(mysql_global_status_wsrep_cluster_size)",
        members,
        "Galera",
        "`journalctl -u mariadb` on the lost member; it copies what it lacks by itself.",
      ),
      {
        alert: "GaleraNotSynced",
        expr: "mysql_global_status_wsrep_local_state != 4",
        holds: "10m",
        severity: "warning",
        summary: "{{ $labels.machine }} is not synced with Galera",
        runbook: "A member that donates or joins may take a while; ProxySQL sends it nothing meanwhile.",
      },
      {
        alert: "GaleraFlowControl",
        expr: "rate(mysql_global_status_wsrep_flow_control_paused_ns[5m]) / 1e9 > 0.1",
        holds: "5m",
        severity: "warning",
        summary: "{{ $labels.machine }} sees Galera's writes paused for more than 10 % of the time",
        runbook: "The slowest member holds all back: compare disks and wsrep_local_recv_queue.",
      },
      {
        alert: "MariadbDown",
        expr: "mysql_up == 0",
        holds: "1m",
        severity: "critical",
        summary: "MariaDB of {{ $labels.machine }} cannot be logged in to",
        runbook: "`systemctl status mariadb`; ProxySQL has moved the writer to another member.",
      },
    ],
  };
}

export function objectStoreRules(): RuleGroup {
  return {
    name: "object-store",
    rules: [
      {
        alert: "ObjectStoreDown",
        expr: 'up{job="object-store"} == 0',
        holds: "2m",
        severity: "critical",
        summary: "The object store on {{ $labels.machine }} does not answer",
        runbook: "Attachments and backups stop. `systemctl status minio`; its disk.",
      },
      {
        alert: "ObjectStoreAlmostFull",
        expr: "minio_cluster_capacity_usable_free_bytes / minio_cluster_capacity_usable_total_bytes < 0.15",
        holds: "15m",
        severity: "warning",
        summary: "The object store is 85 % full",
        runbook: "Which bucket: `mc du`. Versions of deleted objects count: the buckets' lifecycle.",
      },
    ],
  };
}

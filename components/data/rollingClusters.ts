import type { HostRef } from "../topology/party";
import { ETCD_TLS } from "./postgres/etcdConfig";
import { ETCD_CLIENT_PORT, PATRONI_PORT, PATRONI_SCOPE, PATRONI_TLS, type PatroniDcs } from "./postgres/patroniConfig";
import { REDIS_PORT, SENTINEL_MASTER, SENTINEL_PORT } from "./redis/redisConfig";
import type { RollingRestart } from "./rollingRestart";

const PATRONICTL = "patronictl -c /etc/patroni/config.yml";
/** Patroni looks every two seconds whether a new setting wants a restart; right after its start it has looked. */
const NOTICE_SECONDS = 5;

/** Patroni's members: one leader, everybody running, one synchronous standby; etcd's members too where they are the DCS. */
export function postgresRolling(host: HostRef, members: readonly HostRef[], dcs: PatroniDcs): RollingRestart {
  const health = members.map(({ address }) => `https://${address}:${ETCD_CLIENT_PORT}/health`).join(" ");
  const etcd =
    dcs === "etcd"
      ? `for url in ${health}; do
  curl -fsS -m 5 --cacert ${ETCD_TLS.ca} --cert ${ETCD_TLS.cert} --key ${ETCD_TLS.key} "$url" >/dev/null || return 1
done
`
      : "";
  return {
    cluster: "PostgreSQL",
    units: [...(dcs === "etcd" ? ["etcd.service"] : []), "patroni.service"],
    whole: `${etcd}local members
members=$(timeout 20 ${PATRONICTL} list -f json) || { echo "patronictl: $members"; return 1; }
python3 -c '
import json, sys
members = json.load(sys.stdin)
roles = sorted(one["Role"] for one in members)
running = [one for one in members if one["State"] in ("running", "streaming")]
standby = "Sync Standby" in roles or ${members.length} == 1
if len(running) != ${members.length} or roles.count("Leader") != 1 or not standby:
    sys.exit("; ".join(one["Member"] + ": " + one["Role"] + ", " + one["State"] for one in members))
' <<<"$members"`,
    leads: `[[ $(${patroniStatus(host, "/primary")}) == 200 ]]`,
    handOver: `${PATRONICTL} switchover ${PATRONI_SCOPE} --force`,
    own: {
      due: `if (($(ps -o etimes= -p "$(systemctl show --property MainPID --value patroni.service)" 2>/dev/null || echo 0) > 60)); then sleep ${NOTICE_SECONDS}; fi
curl -sS -m 5 --cacert ${PATRONI_TLS.ca} "https://${host.address}:${PATRONI_PORT}/patroni" | grep '"pending_restart": true' >/dev/null`,
      restart: `${PATRONICTL} restart ${PATRONI_SCOPE} ${host.name} --force --pending`,
    },
  };
}

function patroniStatus(host: HostRef, path: string): string {
  return `curl -sS -m 5 -o /dev/null -w '%{http_code}' --cacert ${PATRONI_TLS.ca} https://${host.address}:${PATRONI_PORT}${path}`;
}

/** Longer than a failover by the Sentinels takes; then writes go on where they were. */
const PAUSE_SECONDS = 20;

/** @param password placeholder. */
export function redisRolling(members: readonly HostRef[], password: string): RollingRestart {
  const sentinel = `timeout 5 redis-cli -p ${SENTINEL_PORT} SENTINEL`;
  const redis = `REDISCLI_AUTH='${password}' timeout 5 redis-cli`;
  return {
    cluster: "Redis",
    units: ["redis-server.service", "redis-sentinel.service"],
    // Sentinels that do not know of each other never agree that the primary is dead, and choose only a replica they
    // know. One that still takes a replica for a primary, from before the last change, would soon undo the next change.
    whole: `local primary online member others replicas
for member in ${members.map(({ address }) => address).join(" ")}; do
  others=$(timeout 5 redis-cli -h "$member" -p ${SENTINEL_PORT} SENTINEL sentinels ${SENTINEL_MASTER} | grep -cx name || true)
  replicas=$(timeout 5 redis-cli -h "$member" -p ${SENTINEL_PORT} SENTINEL replicas ${SENTINEL_MASTER} | grep -x -A1 role-reported | grep -cx slave || true)
  ((others >= ${members.length - 1} && replicas >= ${members.length - 1})) || { echo "the Sentinel at $member knows $others others and $replicas replicas of ${members.length - 1}"; return 1; }
done
${sentinel} ckquorum ${SENTINEL_MASTER} | grep '^OK' || { echo "the Sentinels have no quorum"; return 1; }
primary=$(${sentinel} get-master-addr-by-name ${SENTINEL_MASTER} | head -n 1)
online=$(${redis} -h "$primary" -p ${REDIS_PORT} INFO replication | grep -c 'state=online' || true)
[[ $online == ${members.length - 1} ]] || { echo "$primary has $online replicas of ${members.length - 1}"; return 1; }`,
    leads: `${redis} INFO replication | grep '^role:master' >/dev/null`,
    // While the Sentinels change over, two members call themselves primary, and what the old one takes then is lost:
    // so it takes nothing from before the change on. Measured without: 19 acknowledged writes gone.
    handOver: `local before now offset member deadline=$((SECONDS + ${PAUSE_SECONDS}))
before=$(${sentinel} get-master-addr-by-name ${SENTINEL_MASTER} | head -n 1)
# Writes wait; Redis before 6.2 can only refuse them.
if [[ $(${redis} CLIENT PAUSE ${PAUSE_SECONDS}000 WRITE) != OK ]]; then ${redis} CONFIG SET min-replicas-to-write 99; fi
takes_writes() {
  ${redis} CONFIG SET min-replicas-to-write ${members.length > 1 ? 1 : 0}
  ${redis} CLIENT UNPAUSE || true
}
offset_of() {
  ${redis} -h "$1" -p ${REDIS_PORT} INFO replication | sed -n 's/^master_repl_offset:\\([0-9]*\\).*/\\1/p'
}
offset=$(offset_of "$before")
caught_up() {
  for member in ${members.map(({ address }) => address).join(" ")}; do
    (($(offset_of "$member") >= offset)) || return 1
  done
}
until caught_up; do
  if ((SECONDS >= deadline)); then echo "its replicas do not catch up"; takes_writes; return 1; fi
  sleep 0.1
done
${sentinel} FAILOVER ${SENTINEL_MASTER} | grep '^OK' || { takes_writes; return 1; }
until now=$(${sentinel} get-master-addr-by-name ${SENTINEL_MASTER} | head -n 1) && [[ -n $now && $now != "$before" ]]; do
  if ((SECONDS >= deadline)); then echo "the Sentinels choose no other"; takes_writes; return 1; fi
  sleep 0.1
done
# The Sentinels tell it seconds later; whoever waits here would wait as long.
${redis} REPLICAOF "$now" ${REDIS_PORT}
${redis} CLIENT KILL TYPE normal SKIPME yes
takes_writes`,
  };
}

export function rabbitRolling(members: readonly HostRef[]): RollingRestart {
  return {
    cluster: "RabbitMQ",
    units: ["rabbitmq-server.service"],
    // Each of these commands takes more than a second of its own: as few as possible.
    whole: `local running
running=$(rabbitmqctl -q cluster_status --formatter json | python3 -c 'import json, sys; print(len(json.load(sys.stdin)["running_nodes"]))')
[[ $running == ${members.length} ]] || { echo "$running of ${members.length} nodes run"; return 1; }
${members.length > 1 ? "rabbitmq-diagnostics -q check_if_node_is_quorum_critical" : ""}`,
  };
}

export function galeraRolling(members: readonly HostRef[]): RollingRestart {
  return {
    cluster: "MariaDB",
    units: ["mariadb.service"],
    // ProxySQL writes to the first that is synced: so the writer moves once, and back.
    lastFirst: true,
    whole: `local state
state=$(timeout 5 mariadb -N -B -e "SELECT GROUP_CONCAT(VARIABLE_VALUE ORDER BY VARIABLE_NAME) FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME IN ('WSREP_CLUSTER_SIZE', 'WSREP_LOCAL_STATE', 'WSREP_READY')")
[[ $state == "${members.length},4,ON" ]] || { echo "size, state, ready: $state instead of ${members.length},4,ON"; return 1; }`,
  };
}

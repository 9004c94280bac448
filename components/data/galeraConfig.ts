import type { HostRef } from "../topology/party";

export const MARIADB_PORT = 3306;
/** Between members only, never on a load balancer (galeracluster.com, Firewall Settings): SST, replication, IST. */
export const GALERA_PORTS = { stateTransfer: 4444, replication: 4567, incrementalTransfer: 4568 } as const;
/** Where a member says over HTTP whether it is synced, and whether it has data of a cluster. */
export const WSREP_STATE_PORT = 9200;
/** Read by mariadb.service: with it, the start begins a cluster. */
export const GALERA_BEGIN_FILE = "/run/mariadb-wsrep-new-cluster";
/** With this account ProxySQL looks at the members; it may only connect and read their status. */
export const MONITOR_USER = "monitor";

export interface GaleraConfigArgs {
  readonly host: HostRef;
  readonly members: readonly HostRef[];
  /** GiB and virtual CPUs of the smallest member. */
  readonly memoryGb: number;
  readonly cores: number;
}

/** /etc/mysql/mariadb.conf.d/90-keybuzz.cnf */
export function galeraConfig({ host, members, memoryGb, cores }: GaleraConfigArgs): string {
  const provider = [
    "gcache.size=512M",
    `gmcast.listen_addr=tcp://${host.address}:${GALERA_PORTS.replication}`,
    `ist.recv_addr=${host.address}:${GALERA_PORTS.incrementalTransfer}`,
    // A silent member is left out after three seconds instead of five.
    "evs.suspect_timeout=PT3S",
    "evs.inactive_timeout=PT9S",
    // After a power cut of all members the old cluster forms again by itself once all are back.
    "pc.recovery=true",
  ].join(";");
  return [
    "[mysqld]",
    `bind-address = ${host.address}`,
    `port = ${MARIADB_PORT}`,
    "skip-name-resolve",
    "character-set-server = utf8mb4",
    "collation-server = utf8mb4_unicode_ci",
    "default_storage_engine = InnoDB",
    "binlog_format = ROW",
    "innodb_autoinc_lock_mode = 2",
    "innodb_flush_log_at_trx_commit = 1",
    `innodb_buffer_pool_size = ${Math.floor(memoryGb * 512)}M`,
    "innodb_log_file_size = 512M",
    "max_connections = 500",
    "max_allowed_packet = 64M",
    "wsrep_on = ON",
    "wsrep_provider = /usr/lib/galera/libgalera_smm.so",
    "wsrep_cluster_name = keybuzz",
    `wsrep_cluster_address = gcomm://${members.map(({ address }) => address).join(",")}`,
    `wsrep_node_name = ${host.name}`,
    `wsrep_node_address = ${host.address}`,
    `wsrep_slave_threads = ${cores * 2}`,
    "wsrep_sst_method = mariabackup",
    "# The local system account, by its socket: no password.",
    "wsrep_sst_auth = mysql:",
    `wsrep_provider_options = "${provider}"`,
    "",
  ].join("\n");
}

/** Looks that must agree before a member begins a cluster: a machine that boots has no socket yet. */
const LOOKS_BEFORE_BEGINNING = 4;
/** Where the last transaction of a member that waits for its start stands: UUID:SEQNO. Absent while it runs. */
export const GALERA_POSITION_FILE = "/run/keybuzz-galera-position";
/** True when a saved state names a cluster (all zeros: none). */
const HAS_DATA = "grep -qs '^uuid: *[0-9a-f-]*[1-9a-f]' /var/lib/mysql/grastate.dat";

/**
 * Runs before each start of MariaDB and decides whether this member begins a cluster. It does when nobody runs, and
 * - it was the last to leave an orderly stopped cluster, or
 * - every member waits for its start, and none has more transactions (the first of several equals), or
 * - no member has data, and this is the first.
 *
 * Everything else joins, or waits and says for whom: a first member that lost its disk never begins a second cluster
 * beside the others' data.
 */
export function galeraStartScript({ host, members }: Pick<GaleraConfigArgs, "host" | "members">): string {
  const index = members.findIndex(({ name }) => name === host.name);
  const others = members.flatMap(({ address }, i) => (i === index ? [] : [`"${address} ${i}"`]));
  return [
    "#!/bin/bash",
    "set -euo pipefail",
    `begin=${GALERA_BEGIN_FILE}`,
    `position=${GALERA_POSITION_FILE}`,
    `rank=${index}`,
    `others=(${others.join(" ")})`,
    ...START_FUNCTIONS,
  ].join("\n");
}

const START_FUNCTIONS: readonly string[] = `
state=/var/lib/mysql/grastate.dat
rm -f "$begin"
own_data() { ${HAS_DATA}; }
begin_cluster() {
  echo "$1: this member begins the cluster"
  if [[ -e $state ]]; then sed -i 's/^safe_to_bootstrap: .*/safe_to_bootstrap: 1/' "$state"; fi
  # The view of before would wait for all of its members.
  rm -f /var/lib/mysql/gvwstate.dat
  echo '_WSREP_NEW_CLUSTER=--wsrep-new-cluster' >"$begin"
  exit 0
}
# What galera_recovery found out just before: with a file in newer packages, through systemd in older ones.
mine=$(cat /run/mysqld/wsrep-start-position 2>/dev/null || systemctl show-environment)
mine=$(sed -n 's/.*--wsrep_start_position=\\([0-9a-f-]*:-\\{0,1\\}[0-9]*\\).*/\\1/p' <<<"$mine" | tail -n 1)
echo "$mine" >"$position"
# Of the account that answers the other members; the unit's umask would keep it from root's files.
chmod 0644 "$position"
# served: a member runs; data POSITION: it does not, and has data; up: its machine answers that nothing is there;
# silent: nothing is known.
look() {
  local code=0 answer
  timeout 2 bash -c "</dev/tcp/$1/${GALERA_PORTS.replication}" 2>/dev/null || code=$?
  if ((code == 0)); then echo served; return; fi
  answer=$(timeout 4 bash -c "exec 3<>/dev/tcp/$1/${WSREP_STATE_PORT}; printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3" 2>/dev/null || true)
  case $answer in *data=yes*) echo "data \${answer##*position=}"; return ;; esac
  if ((code == 124)); then echo silent; else echo up; fi
}
agreed=0 waited=0
for _ in $(seq 150); do
  mayBegin=1 why="" anyData=0
  for other in \${others[@]+"\${others[@]}"}; do
    read -r address number <<<"$other"
    read -r found theirs <<<"$(look "$address")"
    case $found in
      served)
        echo "$address runs: joining"
        # Nobody ran before: this is a new beginning, and the view of before would be looked for in vain.
        if ((waited)); then rm -f /var/lib/mysql/gvwstate.dat; fi
        exit 0 ;;
      silent) mayBegin=0 why="$address does not answer, so it is not known whether it has newer data; start that machine, or run galera_new_cluster on the member with the newest" ;;
      data)
        anyData=1
        if [[ $theirs != *:* ]]; then mayBegin=0 why="$address has data of a cluster and MariaDB does not start there; start it"
        elif ! own_data; then mayBegin=0 why="$address has data of a cluster: it begins, this member joins"
        elif [[ \${theirs%:*} != "\${mine%:*}" ]]; then mayBegin=0 why="$address has data of another cluster (\${theirs%:*}, here \${mine%:*}); move away the wrong one's /var/lib/mysql"
        elif ((\${theirs##*:} > \${mine##*:} || (\${theirs##*:} == \${mine##*:} && number < rank))); then
          mayBegin=0 why="$address is at $theirs, this member at $mine: it begins, this member joins"
        fi ;;
    esac
  done
  if own_data && grep -q '^safe_to_bootstrap: 1' "$state"; then begin_cluster "it was the last to stop"; fi
  if ! own_data && ((anyData == 0 && rank > 0)); then mayBegin=0 why="no member has data: the first begins, this member joins"; fi
  if ((mayBegin)); then agreed=$((agreed + 1)); else agreed=0; fi
  if ((agreed == ${LOOKS_BEFORE_BEGINNING})); then
    if own_data; then begin_cluster "every member waits, and none is beyond $mine"; fi
    begin_cluster "no member has data, and this is the first"
  fi
  waited=1
  sleep 1
done
echo "$why" >&2
exit 1
`
  .trimStart()
  .split("\n");

/**
 * Answers one HTTP request: 200 while this member is synced and takes queries; the body says whether it has data,
 * and where its last transaction stands. Run per connection by systemd.
 */
export function wsrepStateScript(): string {
  return [
    "#!/bin/bash",
    "# The request itself does not matter; it is read so that the answer is not cut off by a reset.",
    "while read -r -t 1 line && [[ -n ${line%$'\\r'} ]]; do :; done",
    "state=$(timeout 1 mariadb -N -B -e \"SELECT GROUP_CONCAT(VARIABLE_VALUE ORDER BY VARIABLE_NAME) FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME IN ('WSREP_LOCAL_STATE', 'WSREP_READY')\" 2>/dev/null)",
    'if [[ $state == "4,ON" ]]; then status="200 OK"; else status="503 Service Unavailable"; fi',
    `if ${HAS_DATA}; then body="data=yes position=$(cat ${GALERA_POSITION_FILE} 2>/dev/null)"; else body=data=no; fi`,
    'printf "HTTP/1.1 %s\\r\\nContent-Length: %d\\r\\nConnection: close\\r\\n\\r\\n%s" "$status" "${#body}" "$body"',
    "",
  ].join("\n");
}

export interface GaleraDatabase {
  readonly name: string;
  readonly user: string;
  /** Secret placeholder. */
  readonly password: string;
}

/** A job for any member: databases and accounts. Passwords come by standard input; idempotent. */
export function galeraDatabasesScript(databases: readonly GaleraDatabase[], monitorPassword: string): string {
  const account = (user: string, password: string): readonly string[] => [
    `CREATE USER IF NOT EXISTS '${user}'@'%' IDENTIFIED BY '${password}';`,
    `ALTER USER '${user}'@'%' IDENTIFIED BY '${password}';`,
  ];
  return [
    "set -euo pipefail",
    "for _ in $(seq 150); do",
    "  if [[ $(mariadb -N -B -e \"SHOW STATUS LIKE 'wsrep_ready'\" 2>/dev/null | cut -f2) == ON ]]; then break; fi",
    "  sleep 2",
    "done",
    "mariadb <<'SQL'",
    ...account(MONITOR_USER, monitorPassword),
    `GRANT USAGE, REPLICATION CLIENT ON *.* TO '${MONITOR_USER}'@'%';`,
    ...databases.flatMap(({ name, user, password }) => [
      `CREATE DATABASE IF NOT EXISTS \`${name}\` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;`,
      ...account(user, password),
      `GRANT ALL PRIVILEGES ON \`${name}\`.* TO '${user}'@'%';`,
    ]),
    "SQL",
    "",
  ].join("\n");
}

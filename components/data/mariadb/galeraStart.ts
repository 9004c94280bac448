import type { HostRef } from "../../topology/party";
import { GALERA_PORTS, WSREP_STATE_PORT } from "./galeraConfig";

/** Read by mariadb.service: with it, the start begins a cluster. */
export const GALERA_BEGIN_FILE = "/run/mariadb-wsrep-new-cluster";
/** Where the last transaction of a member that waits for its start stands: UUID:SEQNO. Absent while it runs. */
export const GALERA_POSITION_FILE = "/run/keybuzz-galera-position";
/** Answers other members whether this one has data, before MariaDB runs. */
export const GALERA_STATE_SOCKET = "keybuzz-wsrep-state.socket";

/** Looks one after the other that must agree before a member begins a cluster. */
const LOOKS_BEFORE_BEGINNING = 2;
/**
 * Looks at a member that runs and takes no writes: it joins, or it has lost the others. Whoever joins beside it may get
 * its missing transactions from it, and it may not have them all (galeraRevival.ts).
 */
const LOOKS_AT_UNSYNCED = 10;
/** A member that is installed for the first time may keep the others waiting. systemd starts again afterwards. */
const WAIT_SECONDS = 600;
/** True when a saved state names a cluster (all zeros: none). */
const HAS_DATA = "grep -qs '^uuid: *[0-9a-f-]*[1-9a-f]' /var/lib/mysql/grastate.dat";

export interface GaleraStartArgs {
  readonly host: HostRef;
  readonly members: readonly HostRef[];
}

/**
 * Runs before each start of MariaDB and decides whether this member begins a cluster. It does when nobody runs, and
 * - it was the last to leave an orderly stopped cluster, and nobody is known to have more transactions, or
 * - every member waits for its start, and none has more transactions (the first of several equals), or
 * - no member has data, and this is the first, or
 * - an operator says so by `galera_new_cluster`, also while it waits.
 *
 * Everything else joins, or waits and says for whom: a first member that lost its disk never begins a second cluster
 * beside the others' data, and a member that has not said what it has is waited for.
 *
 * Galera keeps the view of before in gvwstate.dat, and with it waits for that view's members without end
 * (github.com/percona/percona-xtradb-cluster/pull/1770). It is needed in one case alone, to meet a member that runs
 * without a majority; otherwise it is removed, and a start that finds no cluster ends after half a minute and is tried
 * again.
 */
export function galeraStartScript({ host, members }: GaleraStartArgs): string {
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
view=/var/lib/mysql/gvwstate.dat
rm -f "$begin"
# Cut off while it was written, it would end every start.
if ! grep -qs '^#vwend' "$view"; then rm -f "$view"; fi
own_data() { ${HAS_DATA}; }
begin_cluster() {
  echo "$1: this member begins the cluster"
  if [[ -e $state ]]; then sed -i 's/^safe_to_bootstrap: .*/safe_to_bootstrap: 1/' "$state"; fi
  rm -f "$view"
  echo '_WSREP_NEW_CLUSTER=--wsrep-new-cluster' >"$begin"
  exit 0
}
# What galera_recovery found out just before: with a file in newer packages, through systemd in older ones.
mine=$(cat /run/mysqld/wsrep-start-position 2>/dev/null || systemctl show-environment)
mine=$(sed -n 's/.*--wsrep_start_position=\\([0-9a-f-]*:-\\{0,1\\}[0-9]*\\).*/\\1/p' <<<"$mine" | tail -n 1)
echo "$mine" >"$position"
# Of the account that answers the other members; the unit's umask would keep it from root's files.
chmod 0644 "$position"
# synced: a member runs, and takes writes; served: it runs; data POSITION: it does not, and has data; empty: it has
# none; mute: the machine answers, but does not say; silent: nothing is known.
look() {
  local code=0 answer
  answer=$(timeout 4 bash -c "exec 3<>/dev/tcp/$1/${WSREP_STATE_PORT}; printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3" 2>/dev/null) || code=$?
  if [[ $answer == "HTTP/1.1 200 "* ]]; then echo synced; return; fi
  if timeout 2 bash -c "</dev/tcp/$1/${GALERA_PORTS.replication}" 2>/dev/null; then echo served; return; fi
  case $answer in
    *data=yes*) echo "data \${answer##*position=}" ;;
    *data=no*) echo empty ;;
    *) if ((code == 124)); then echo silent; else echo mute; fi ;;
  esac
}
# galera_new_cluster says so with a file in newer packages, through systemd in older ones.
wanted() { [[ -s /run/mysqld/wsrep-new-cluster ]] || systemctl show-environment | grep -q '^_WSREP_NEW_CLUSTER=..*'; }
by_hand="or run galera_new_cluster on the member with the newest"
agreed=0 unsynced=0 nobodyRan=0 told=""
while ((SECONDS < ${WAIT_SECONDS})); do
  if wanted; then begin_cluster "galera_new_cluster was run"; fi
  mayBegin=1 known=1 why="" anyData=0 beyond=0 synced="" served=""
  for other in \${others[@]+"\${others[@]}"}; do
    read -r address number <<<"$other"
    read -r found theirs <<<"$(look "$address")"
    case $found in
      synced) synced=$address ;;
      served) served=$address ;;
      silent) mayBegin=0 known=0 why="$address does not answer, so it is not known whether it has newer data; start that machine, $by_hand" ;;
      mute) mayBegin=0 known=0 why="$address does not say whether it has newer data; start ${GALERA_STATE_SOCKET} there, $by_hand" ;;
      data)
        anyData=1
        if [[ $theirs != *:* ]]; then mayBegin=0 why="$address has data of a cluster and MariaDB does not start there; start it"
        elif ! own_data; then mayBegin=0 why="$address has data of a cluster: it begins, this member joins"
        elif [[ \${theirs%:*} != "\${mine%:*}" ]]; then mayBegin=0 why="$address has data of another cluster (\${theirs%:*}, here \${mine%:*}); move away the wrong one's /var/lib/mysql"
        elif ((\${theirs##*:} > \${mine##*:} || (\${theirs##*:} == \${mine##*:} && number < rank))); then
          mayBegin=0 why="$address is at $theirs, this member at $mine: it begins, this member joins"
          if ((\${theirs##*:} > \${mine##*:})); then beyond=1; fi
        fi ;;
    esac
  done
  if [[ -n $served ]] && ((unsynced < ${LOOKS_AT_UNSYNCED})); then
    agreed=0 unsynced=$((unsynced + 1))
    sleep 1
    continue
  elif [[ -n $synced ]]; then
    echo "$synced takes writes: joining"
    rm -f "$view"
    exit 0
  elif [[ -n $served ]]; then
    echo "$served runs and takes no writes: joining"
    if ((nobodyRan)); then rm -f "$view"; fi
    exit 0
  fi
  unsynced=0
  if ((known)); then nobodyRan=1; fi
  if own_data && ((beyond == 0)) && grep -q '^safe_to_bootstrap: 1' "$state"; then begin_cluster "it was the last to stop"; fi
  if ! own_data && ((anyData == 0 && rank > 0)); then mayBegin=0 why="\${why:-no member has data: the first begins, this member joins}"; fi
  if ((mayBegin)); then agreed=$((agreed + 1)); else agreed=0; fi
  if ((agreed == ${LOOKS_BEFORE_BEGINNING})); then
    if own_data; then begin_cluster "every member waits, and none is beyond $mine"; fi
    begin_cluster "no member has data, and this is the first"
  fi
  if [[ $why != "$told" ]]; then echo "waiting: $why"; fi
  told=$why
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

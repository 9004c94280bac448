#!/bin/bash
# Decides before each start of MariaDB whether this member begins a cluster, joins one, or waits.
set -euo pipefail

# Given by the program:
begin='/run/mariadb-wsrep-new-cluster'
position='/run/keybuzz-galera-position'
rank=0
others=('10.0.0.171 1' '10.0.0.172 2')
names_cluster='^uuid: *[0-9a-f-]*[1-9a-f]'
state_socket='keybuzz-wsrep-state.socket'
state_port=9200
replication_port=4567

data=/var/lib/mysql
# Where the package keeps what it says to its own scripts.
run=/run/mysqld
# A member that is installed for the first time may keep the others waiting. systemd starts again afterwards.
wait_seconds=600
# Looks one after the other that must agree before a member begins a cluster.
looks_before_beginning=2
# Looks at a member that runs and takes no writes: it joins, or it has lost the others. Whoever joins beside it may get
# its missing transactions from it, and it may not have them all (galeraRevival.ts).
looks_at_unsynced=10

state=$data/grastate.dat
view=$data/gvwstate.dat
rm -f "$begin"
# Cut off while it was written, it would end every start.
if ! grep -qs '^#vwend' "$view"; then rm -f "$view"; fi
own_data() { grep -qs "$names_cluster" "$state"; }
begin_cluster() {
  echo "$1: this member begins the cluster"
  if [[ -e $state ]]; then sed -i 's/^safe_to_bootstrap: .*/safe_to_bootstrap: 1/' "$state"; fi
  rm -f "$view"
  echo '_WSREP_NEW_CLUSTER=--wsrep-new-cluster' >"$begin"
  exit 0
}
# What galera_recovery found out just before: with a file in newer packages, through systemd in older ones.
mine=$(cat "$run/wsrep-start-position" 2>/dev/null || systemctl show-environment)
mine=$(sed -n 's/.*--wsrep_start_position=\([0-9a-f-]*:-\{0,1\}[0-9]*\).*/\1/p' <<<"$mine" | tail -n 1)
echo "$mine" >"$position"
# Of the account that answers the other members; the unit's umask would keep it from root's files.
chmod 0644 "$position"
# synced: a member runs, and takes writes; served: it runs; data POSITION: it does not, and has data; empty: it has
# none; mute: the machine answers, but does not say; silent: nothing is known.
look() {
  local code=0 answer
  answer=$(timeout 4 bash -c "exec 3<>/dev/tcp/$1/$state_port; printf 'GET / HTTP/1.0\r\n\r\n' >&3; cat <&3" 2>/dev/null) || code=$?
  if [[ $answer == "HTTP/1.1 200 "* ]]; then echo synced; return; fi
  if timeout 2 bash -c "</dev/tcp/$1/$replication_port" 2>/dev/null; then echo served; return; fi
  case $answer in
    *data=yes*) echo "data ${answer##*position=}" ;;
    *data=no*) echo empty ;;
    *) if ((code == 124)); then echo silent; else echo mute; fi ;;
  esac
}
# galera_new_cluster says so with a file in newer packages, through systemd in older ones.
wanted() { [[ -s $run/wsrep-new-cluster ]] || systemctl show-environment | grep '^_WSREP_NEW_CLUSTER=..*' >/dev/null; }
by_hand="or run galera_new_cluster on the member with the newest"
agreed=0 unsynced=0 nobodyRan=0 told=""
while ((SECONDS < wait_seconds)); do
  if wanted; then begin_cluster "galera_new_cluster was run"; fi
  mayBegin=1 known=1 why="" anyData=0 beyond=0 synced="" served=""
  for other in ${others[@]+"${others[@]}"}; do
    read -r address number <<<"$other"
    read -r found theirs <<<"$(look "$address")"
    case $found in
      synced) synced=$address ;;
      served) served=$address ;;
      silent) mayBegin=0 known=0 why="$address does not answer, so it is not known whether it has newer data; start that machine, $by_hand" ;;
      mute) mayBegin=0 known=0 why="$address does not say whether it has newer data; start $state_socket there, $by_hand" ;;
      data)
        anyData=1
        if [[ $theirs != *:* ]]; then mayBegin=0 why="$address has data of a cluster and MariaDB does not start there; start it"
        elif ! own_data; then mayBegin=0 why="$address has data of a cluster: it begins, this member joins"
        elif [[ ${theirs%:*} != "${mine%:*}" ]]; then mayBegin=0 why="$address has data of another cluster (${theirs%:*}, here ${mine%:*}); move away the wrong one's /var/lib/mysql"
        elif ((${theirs##*:} > ${mine##*:} || (${theirs##*:} == ${mine##*:} && number < rank))); then
          mayBegin=0 why="$address is at $theirs, this member at $mine: it begins, this member joins"
          if ((${theirs##*:} > ${mine##*:})); then beyond=1; fi
        fi ;;
    esac
  done
  if [[ -n $served ]] && ((unsynced < looks_at_unsynced)); then
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
  if ! own_data && ((anyData == 0 && rank > 0)); then mayBegin=0 why="${why:-no member has data: the first begins, this member joins}"; fi
  if ((mayBegin)); then agreed=$((agreed + 1)); else agreed=0; fi
  if ((agreed == looks_before_beginning)); then
    if own_data; then begin_cluster "every member waits, and none is beyond $mine"; fi
    begin_cluster "no member has data, and this is the first"
  fi
  if [[ $why != "$told" ]]; then echo "waiting: $why"; fi
  told=$why
  sleep 1
done
echo "$why" >&2
exit 1

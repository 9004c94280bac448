#!/bin/bash
# Decides before each start of etcd whether this member begins the cluster or joins it.
# Usage: keybuzz-etcd-membership decide | answer | ready
set -euo pipefail
umask 022

# Given by the program:
readonly NAME='db-master-01'
readonly PEER='https://10.0.0.120:2380'
readonly DATA='/var/lib/etcd/keybuzz'
readonly DECISION='/run/keybuzz-etcd-membership'
readonly BEGINNING='/var/lib/etcd/keybuzz.beginning'
readonly STATE_PORT=2378
readonly CLIENT_PORT=2379
readonly OTHERS=('db-slave-01 10.0.0.121' 'db-slave-02 10.0.0.122')
readonly CA='/etc/etcd-tls/ca.crt'
readonly CERT='/etc/etcd-tls/server.crt'
readonly KEY='/etc/etcd-tls/server.key'

# Machines boot and are configured in parallel; systemd starts this again afterwards.
readonly WAIT_SECONDS=570
readonly PAUSE_SECONDS=2

has_member() { [[ -d "$DATA/member/wal" ]]; }

# One connection, one word. Whoever begins has files before there is a cluster to join.
answer() {
  if [[ -e "$BEGINNING" ]]; then echo beginning; elif has_member; then echo member; else echo empty; fi
}

# Prints "beginning", "member", "empty" or nothing.
ask() {
  # shellcheck disable=SC2016 # the inner bash expands them
  timeout 5 bash -c 'exec 3<>"/dev/tcp/$0/$1" && read -r state <&3 && echo "$state"' "$1" "$STATE_PORT" 2>/dev/null || true
}

ctl() { # ADDRESS ARGUMENTS
  ETCDCTL_API=3 ETCDCTL_CACERT=$CA ETCDCTL_CERT=$CERT ETCDCTL_KEY=$KEY \
    timeout 15 etcdctl --endpoints="https://$1:$CLIENT_PORT" --command-timeout=10s "${@:2}"
}

# The configuration's own words hold where nothing is decided here.
as_configured() {
  rm -f "$DECISION"
  echo "etcd-membership: $1"
}

# Joins what one of the others answers for; false where it does not. A line of a list: ID, status, name, peer, client.
join() { # ADDRESS
  local members mine id name client
  # A list alone may be old: without a majority there is nothing to join.
  ctl "$1" endpoint health >/dev/null 2>&1 || return 1
  members=$(ctl "$1" member list) || return 1
  mine=$(awk -F ', ' -v peer="$PEER" '$4 == peer' <<<"$members")
  IFS=, read -r id _ name _ client _ <<<"${mine// /}"
  if [[ -n "$client" ]]; then
    # It took part, and its data is gone: etcd never takes it back under the identity that it had.
    ctl "$1" member remove "$id" >/dev/null || return 1
    echo "etcd-membership: the earlier $NAME ($id) was taken out"
    mine="" name=""
  fi
  if [[ -n "$name" ]]; then
    as_configured "the cluster was begun with this member in it"
    return 0
  fi
  if [[ -z "$mine" ]]; then ctl "$1" member add "$NAME" --peer-urls="$PEER" >/dev/null || return 1; fi
  members=$(awk -F ', ' -v peer="$PEER" '$4 != peer && $3 != "" { printf "%s=%s,", $3, $4 }' <<<"$members")
  printf 'ETCD_INITIAL_CLUSTER=%s\nETCD_INITIAL_CLUSTER_STATE=existing\n' "$members$NAME=$PEER" >"$DECISION.new"
  mv "$DECISION.new" "$DECISION"
  echo "etcd-membership: joining at $1"
}

decide() {
  local other name address silent holders
  while true; do
    if has_member; then
      as_configured "this member has its data"
      return 0
    fi
    silent="" holders=""
    for other in ${OTHERS[@]+"${OTHERS[@]}"}; do
      read -r name address <<<"$other"
      case $(ask "$address") in
        empty | beginning) ;;
        member)
          if join "$address"; then return 0; fi
          holders="$holders $name"
          ;;
        *) silent="$silent $name" ;;
      esac
    done
    # Silence is not absence: beside the data of others an empty member would vote for what they have not agreed on.
    if [[ -z "$silent$holders" ]]; then
      touch "$BEGINNING"
      as_configured "no member has data: beginning the cluster"
      return 0
    fi
    if ((SECONDS >= WAIT_SECONDS)); then break; fi
    sleep "$PAUSE_SECONDS"
  done
  echo "etcd-membership: not started. Does not say whether it has data:${silent:- nobody}; has data and does not let this member join:${holders:- nobody}." >&2
  echo "etcd-membership: start those machines; where a majority has lost its data, docs/operate.md says what to do." >&2
  return 1
}

case "${1:-}" in
  answer) answer ;;
  decide) decide ;;
  # etcd says that it is ready once there is a majority.
  ready) rm -f "$BEGINNING" "$DECISION" ;;
  *)
    echo "usage: keybuzz-etcd-membership decide | answer | ready" >&2
    exit 2
    ;;
esac

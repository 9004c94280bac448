#!/bin/bash
# Decides, each time K3s is about to start, whether this server joins a cluster or makes one.
# Usage: k3s-membership decide | answer | forget-me-at ADDRESS
set -euo pipefail
umask 077

# Given by the program:
readonly HOST='k3s-master-01'
readonly ETCD='/var/lib/rancher/k3s/server/db/etcd'
readonly DECISION='/etc/rancher/k3s/config.yaml.d/10-membership.yaml'
readonly TOKEN='/etc/rancher/k3s/token'
readonly K3S='/usr/local/bin/k3s'
readonly JOIN_URL='https://10.0.0.10:6443'
readonly MAY_INITIALISE=true
readonly PORT=6440
readonly AUTHORITY='/etc/rancher/k3s/authority'
readonly TLS='/var/lib/rancher/k3s/server/tls'
readonly OTHERS=('k3s-master-02 10.0.0.101' 'k3s-master-03 10.0.0.102')

# Machines boot and are configured in parallel, and the slowest of them may be the first.
readonly WAIT_SECONDS=900
readonly PAUSE_SECONDS=5

has_member() {
  [[ -d "$ETCD/member/wal" && ! -e "$ETCD/tombstone" ]]
}

# A server that is about to initialise counts as a member: its files appear a moment later.
state() {
  if has_member || grep -qs '^cluster-init:' "$DECISION"; then echo member; else echo empty; fi
}

# Proof of knowing the server token, which never is an argument.
proof() { # NAME NONCE
  { cat "$TOKEN"; printf ' forget %s %s ' "$1" "$2"; cat "$TOKEN"; } | sha256sum | cut -d ' ' -f 1
}

# One connection: "member NONCE" or "empty NONCE"; then perhaps "forget NAME PROOF" and its answer.
answer() {
  local nonce verb="" name="" given="" other
  nonce="$(head -c 16 /dev/urandom | od -An -tx1 | tr -d ' \n')"
  echo "$(state) $nonce"
  read -r -t 10 verb name given || return 0
  for other in ${OTHERS[@]+"${OTHERS[@]}"}; do
    if [[ "$verb" == forget && "$name" == "${other%% *}" && "$given" == "$(proof "$name" "$nonce")" ]]; then
      forget "$name"
      return 0
    fi
  done
  echo refused
}

forget() { # NAME
  local ready
  ready="$(timeout 20 "$K3S" kubectl get node "$1" --ignore-not-found --output 'jsonpath={.status.conditions[?(@.type=="Ready")].status}' 2>/dev/null)" || { echo later; return 0; }
  if [[ "$ready" == True ]]; then echo later; return 0; fi
  if timeout 30 "$K3S" kubectl delete node "$1" --ignore-not-found > /dev/null 2>&1; then echo forgotten; else echo later; fi
}

forget_me_at() { # ADDRESS
  local held nonce reply
  exec 3<>"/dev/tcp/$1/$PORT"
  read -r held nonce <&3
  [[ "$held" == member ]] || return 0
  printf 'forget %s %s\n' "$HOST" "$(proof "$HOST" "$nonce")" >&3
  read -r reply <&3
  echo "$reply"
}

# Asks until one that holds a member has done it. If none can, K3s itself refuses to join, and all this runs again.
be_forgotten() {
  local other name address
  for other in ${OTHERS[@]+"${OTHERS[@]}"}; do
    read -r name address <<< "$other"
    if [[ "$(timeout 70 bash "$0" forget-me-at "$address" 2>/dev/null || true)" == forgotten ]]; then
      echo "k3s-membership: $name has forgotten any earlier $HOST"
      return 0
    fi
  done
}

# Prints "member", "empty" or nothing.
ask() {
  # shellcheck disable=SC2016 # the inner bash expands them
  timeout 5 bash -c 'exec 3<>"/dev/tcp/$0/$1" && read -r state nonce <&3 && echo "$state"' "$1" "$PORT" 2>/dev/null || true
}

# The certificate cannot be verified before joining; only "pong" is read, and nothing is sent.
api_answers() {
  [[ "$(curl --silent --insecure --max-time 5 "$JOIN_URL/ping" || true)" == pong ]]
}

decide_as() {
  mkdir -p "$(dirname "$DECISION")"
  printf '%s\n' "$1" > "$DECISION.new"
  mv "$DECISION.new" "$DECISION"
  echo "k3s-membership: $2"
}

# For a server that makes a cluster: K3s makes no authority where it finds one, and tokens name this one. What is there
# is never replaced. "" for AUTHORITY: K3s makes its own.
put_authority() {
  local file name
  [[ -n "$AUTHORITY" ]] || return 0
  # As K3s makes them: its own folder for everybody, the server's for root.
  (umask 022; mkdir -p "${TLS%/server/tls}")
  mkdir -p "$TLS"
  for file in "$AUTHORITY"/*; do
    name="${file##*/}"
    if [[ ! -e "$TLS/$name" ]]; then
      cp "$file" "$TLS/$name.new"
      mv "$TLS/$name.new" "$TLS/$name"
    elif ! cmp -s "$file" "$TLS/$name"; then
      echo "k3s-membership: $TLS/$name is of another authority than the program's, which the tokens name; nothing was initialised. It is left from an earlier cluster: restore that from a snapshot, or, if nothing of it is wanted, remove $TLS and start k3s again." >&2
      return 1
    fi
  done
}

decide() {
  local deadline=$((SECONDS + WAIT_SECONDS)) other name address answered silent holder
  while true; do
    if has_member; then
      decide_as "{}" "this server holds a member already"
      return 0
    fi
    # What an earlier start decided is no proof of anything now.
    rm -f "$DECISION"
    if api_answers; then
      be_forgotten
      decide_as "server: $JOIN_URL" "joining at $JOIN_URL"
      return 0
    fi
    silent=""
    holder=""
    for other in ${OTHERS[@]+"${OTHERS[@]}"}; do
      read -r name address <<< "$other"
      answered="$(ask "$address")"
      case "$answered" in
        member) holder="$name" ;;
        empty) ;;
        *) silent="$silent $name" ;;
      esac
    done
    if [[ -n "$holder" ]]; then
      be_forgotten
      decide_as "server: $JOIN_URL" "$holder holds a member; joining at $JOIN_URL"
      return 0
    fi
    if [[ "$MAY_INITIALISE" == true && -z "$silent" ]]; then
      put_authority || return 1
      decide_as "cluster-init: true" "no server holds a member; initialising the cluster"
      return 0
    fi
    if (( SECONDS >= deadline )); then
      echo "k3s-membership: no answer at $JOIN_URL, and not known whether a member exists on:${silent:- (all others are empty, and another server initialises)}." >&2
      echo "k3s-membership: nothing was initialised. Start those servers, or remove them from the environment." >&2
      return 1
    fi
    sleep "$PAUSE_SECONDS"
  done
}

case "${1:-}" in
  answer) answer ;;
  decide) decide ;;
  forget-me-at) forget_me_at "$2" ;;
  *)
    echo "usage: k3s-membership decide | answer | forget-me-at ADDRESS" >&2
    exit 2
    ;;
esac

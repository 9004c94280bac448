#!/bin/bash
# Empties a worker before its K3s becomes one of another release, and takes it into service again afterwards.
# Usage: k3s-agent-turn drain|resume NODE RELEASE
set -euo pipefail

# Given by the program:
readonly K3S='/usr/local/bin/k3s'

readonly STEP="${1:?drain or resume}"
readonly NODE="${2:?which node}"
readonly RELEASE="${3:?which release}"
# That pods get to leave: the longest graceful end of a workload, and its budget's patience.
readonly DRAIN_SECONDS=900
readonly READY_SECONDS=300
readonly PAUSE_SECONDS=5
# On a Node that this script has cordoned: one that a person has cordoned stays so.
readonly MARK='keybuzz.io/k3s-turn'

kubectl() { timeout $((DRAIN_SECONDS + 60)) "$K3S" kubectl "$@"; }
field() { kubectl get node "$NODE" --ignore-not-found --output "jsonpath=$1"; }
release() { field '{.status.nodeInfo.kubeletVersion}'; }
ready() { field '{.status.conditions[?(@.type=="Ready")].status}'; }
mark() { field "{.metadata.annotations.${MARK//./\\.}}"; }
back_in_service() {
  kubectl uncordon "$NODE"
  kubectl annotate node "$NODE" "$MARK-"
}

drain() {
  local is_ready runs older cordoned
  # By themselves: an API that does not answer ends the script, and is never taken for "not Ready".
  is_ready="$(ready)"
  runs="$(release)"
  if [[ "$is_ready" != True ]]; then
    echo "k3s-agent-turn: $NODE is no Node, or not Ready: there is nobody to ask to leave"
    return 0
  fi
  if [[ "$runs" == "$RELEASE" ]]; then
    echo "k3s-agent-turn: $NODE is of release $RELEASE"
    return 0
  fi
  # No kubelet is newer than the API (kubernetes#127316).
  older="$(kubectl get nodes --selector node-role.kubernetes.io/control-plane --output 'jsonpath={range .items[*]}{.metadata.name}{" "}{.status.nodeInfo.kubeletVersion}{"\n"}{end}' | awk -v release="$RELEASE" 'NF == 2 && $2 != release { print $1 " (" $2 ")" }')"
  if [[ -n "$older" ]]; then
    echo "k3s-agent-turn: $NODE is not touched: servers come first, and not all are of release $RELEASE: ${older//$'\n'/, }. Run the same command again once they are" >&2
    return 1
  fi
  cordoned="$(field '{.spec.unschedulable}')"
  if [[ "$cordoned" != true ]]; then
    kubectl annotate node "$NODE" "$MARK=$RELEASE" --overwrite
    kubectl cordon "$NODE"
  fi
  if kubectl drain "$NODE" --ignore-daemonsets --delete-emptydir-data --timeout="${DRAIN_SECONDS}s"; then return 0; fi
  if [[ -n "$(mark)" ]]; then back_in_service; fi
  echo "k3s-agent-turn: pods did not leave $NODE within $DRAIN_SECONDS s; it is in service as before, and so are the workers after it. See what holds them (kubectl get pdb -A; kubectl get pods -A --field-selector spec.nodeName=$NODE), make room elsewhere, and run again" >&2
  return 1
}

resume() {
  local deadline=$((SECONDS + READY_SECONDS)) marked
  marked="$(mark)"
  if [[ -z "$marked" ]]; then
    echo "k3s-agent-turn: $NODE was not taken out of service"
    return 0
  fi
  until [[ "$(ready)" == True && "$(release)" == "$RELEASE" ]]; do
    if ((SECONDS >= deadline)); then
      echo "k3s-agent-turn: $NODE is not Ready with release $RELEASE after $READY_SECONDS s; it stays cordoned, and no other worker is touched. See journalctl -u k3s-agent on it, then run this again; or kubectl uncordon $NODE" >&2
      return 1
    fi
    sleep "$PAUSE_SECONDS"
  done
  back_in_service
}

case "$STEP" in
  drain | resume) "$STEP" ;;
  *)
    echo "usage: k3s-agent-turn drain|resume NODE RELEASE" >&2
    exit 2
    ;;
esac

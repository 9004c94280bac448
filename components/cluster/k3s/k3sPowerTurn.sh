#!/bin/bash
# On a server: what the cluster wants around a time without power of one of its machines.
set -euo pipefail

# Given by the program:
readonly K3S='/usr/local/bin/k3s'
readonly STEP='leave'
readonly NODE='k3s-worker-01'
readonly EMPTIED=true

# That pods get to leave: the longest graceful end of a workload, and its budget's patience.
readonly DRAIN_SECONDS=900
readonly READY_SECONDS=600
readonly PAUSE_SECONDS=5
# On a Node that this script has cordoned: one that a person has cordoned stays so.
readonly MARK='keybuzz.io/power-turn'

kubectl() { timeout $((DRAIN_SECONDS + 60)) "$K3S" kubectl "$@"; }
conditions() { kubectl get nodes --output 'jsonpath={range .items[*]}{.metadata.name}{" "}{.status.conditions[?(@.type=="Ready")].status}{"\n"}{end}'; }
# Nodes without which another one must not go.
missing() { conditions | awk '$2 != "True" { print $1 }'; }
ready() { [[ "$(kubectl get node "$NODE" --output 'jsonpath={.status.conditions[?(@.type=="Ready")].status}')" == True ]]; }
back_in_service() {
  kubectl uncordon "$NODE"
  kubectl annotate node "$NODE" "$MARK-"
}

leave() {
  local absent absent_words deadline=$((SECONDS + READY_SECONDS))
  # An API that does not answer tells of no Node, and is waited for like one.
  until absent="$(missing)" && [[ -z "$absent" ]]; do
    if ((SECONDS >= deadline)); then
      absent_words="not Ready: ${absent//$'\n'/, }"
      [[ -n "$absent" ]] || absent_words="the API does not answer"
      echo "k3s-power: $NODE is not switched off: $absent_words; mend it (journalctl -u k3s, -u k3s-agent), and run again" >&2
      return 1
    fi
    sleep "$PAUSE_SECONDS"
  done
  [[ "$EMPTIED" == true ]] || return 0
  if [[ "$(kubectl get node "$NODE" --output 'jsonpath={.spec.unschedulable}')" != true ]]; then
    kubectl annotate node "$NODE" "$MARK=1" --overwrite
    kubectl cordon "$NODE"
  fi
  if kubectl drain "$NODE" --ignore-daemonsets --delete-emptydir-data --timeout="${DRAIN_SECONDS}s"; then return 0; fi
  if [[ -n "$(kubectl get node "$NODE" --output "jsonpath={.metadata.annotations.${MARK//./\\.}}")" ]]; then back_in_service; fi
  echo "k3s-power: pods did not leave $NODE within $DRAIN_SECONDS s; it is in service as before, and was not switched off. See what holds them (kubectl get pdb -A; kubectl get pods -A --field-selector spec.nodeName=$NODE), make room elsewhere, and run again" >&2
  return 1
}

back() {
  local deadline=$((SECONDS + READY_SECONDS))
  until ready; do
    if ((SECONDS >= deadline)); then
      echo "k3s-power: $NODE is not Ready $READY_SECONDS s after it was switched on; no other machine is touched. See journalctl -u k3s -u k3s-agent on it; kubectl uncordon $NODE takes it back into service" >&2
      return 1
    fi
    sleep "$PAUSE_SECONDS"
  done
  if [[ -n "$(kubectl get node "$NODE" --output "jsonpath={.metadata.annotations.${MARK//./\\.}}")" ]]; then back_in_service; fi
}

"$STEP"

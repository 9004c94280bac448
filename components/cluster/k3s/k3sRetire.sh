#!/bin/bash
# Takes a Node out of the cluster before its machine goes.
# Usage: k3s-retire-node NODE
set -euo pipefail

# Given by the program:
readonly K3S='/usr/local/bin/k3s'

readonly NODE="${1:?which node}"
# That pods get to leave: the longest graceful end of a workload, and its budget's patience.
readonly DRAIN_SECONDS=900

kubectl() { "$K3S" kubectl "$@"; }

found="$(kubectl get node "$NODE" --ignore-not-found --output 'jsonpath={.metadata.name} {.status.conditions[?(@.type=="Ready")].status}')"
if [[ -z "$found" ]]; then
  echo "k3s-retire: there is no Node $NODE (any more)"
  exit 0
fi
if [[ "$found" == "$NODE True" ]]; then
  kubectl cordon "$NODE"
  if ! kubectl drain "$NODE" --ignore-daemonsets --delete-emptydir-data --timeout="${DRAIN_SECONDS}s"; then
    echo "k3s-retire: pods did not leave $NODE within $DRAIN_SECONDS s; nothing was deleted. See what holds them (kubectl get pdb -A; kubectl get pods -A --field-selector spec.nodeName=$NODE), make room elsewhere, and run again; or keep the node (kubectl uncordon $NODE)" >&2
    exit 1
  fi
else
  echo "k3s-retire: $NODE is not Ready: its pods are started elsewhere once it is deleted"
fi
kubectl delete node "$NODE" --ignore-not-found

import { K3S_PATHS } from "./k3sConfig";

/** On every server; takes the name of the Node that leaves. */
export const RETIRE_SCRIPT = "/usr/local/sbin/k3s-retire-node";

export interface RetireArgs {
  /** Seconds that pods get to leave. Default 900: the longest graceful end of a workload, and its budget's patience. */
  readonly drainSeconds?: number;
  /** Default: K3s' own. Tests use another. */
  readonly binary?: string;
}

/** Seconds that a run of the script may take in all. */
export const RETIRE_TIMEOUT_SECONDS = 1200;

/**
 * Takes a Node out of the cluster before its machine goes: no new pods, the old ones leave as their budgets allow,
 * then the Node is deleted, and with a server's Node its etcd member (k3s-io/k3s pkg/etcd). If the pods do not leave
 * in time it fails, and with it the deletion of the machine. A Node that is not Ready has nobody to say goodbye to.
 */
export function retireScript({ drainSeconds = 900, binary = K3S_PATHS.binary }: RetireArgs = {}): string {
  return `#!/bin/bash
# Usage: k3s-retire-node NODE
set -euo pipefail

readonly NODE="\${1:?which node}"
readonly K3S="${binary}"
readonly DRAIN_SECONDS=${String(drainSeconds)}

kubectl() { "$K3S" kubectl "$@"; }

found="$(kubectl get node "$NODE" --ignore-not-found --output 'jsonpath={.metadata.name} {.status.conditions[?(@.type=="Ready")].status}')"
if [[ -z "$found" ]]; then
  echo "k3s-retire: there is no Node $NODE (any more)"
  exit 0
fi
if [[ "$found" == "$NODE True" ]]; then
  kubectl cordon "$NODE"
  if ! kubectl drain "$NODE" --ignore-daemonsets --delete-emptydir-data --timeout="\${DRAIN_SECONDS}s"; then
    echo "k3s-retire: pods did not leave $NODE within $DRAIN_SECONDS s; nothing was deleted. See what holds them (kubectl get pdb -A; kubectl get pods -A --field-selector spec.nodeName=$NODE), make room elsewhere, and run again; or keep the node (kubectl uncordon $NODE)" >&2
    exit 1
  fi
else
  echo "k3s-retire: $NODE is not Ready: its pods are started elsewhere once it is deleted"
fi
kubectl delete node "$NODE" --ignore-not-found
`;
}

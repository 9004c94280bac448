#!/bin/bash
# Stops, before anything is changed, on a node whose cluster has another authority than the one that its tokens would name.
set -euo pipefail

# Given by the program:
readonly SUM='0123456789abcdef'
readonly FILES=('/var/lib/rancher/k3s/server/tls/server-ca.crt' '/var/lib/rancher/k3s/agent/server-ca.crt')

for file in "${FILES[@]}"; do
  # Absent: a node that is in no cluster yet.
  [[ -e "$file" ]] || continue
  found="$(sha256sum < "$file" | cut -c 1-64)"
  if [[ "$found" != "$SUM" ]]; then
    echo "this node's cluster has an authority of its own ($file, SHA-256 $found), while the program's is $SUM: tokens that name the program's would lock the node out at its next start, so nothing was changed. Set kubernetes.authority to \"k3s\" in the stack's environment, then pulumi up" >&2
    exit 1
  fi
done

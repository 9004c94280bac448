#!/bin/bash
# May this machine go from the release that it runs to the one that it is to have? Upstream knows no way back and skips no
# minor version (docs.k3s.io, manual upgrades and rollback; kubernetes.io, version skew policy).
set -euo pipefail

# Given by the program:
readonly HOST='k3s-master-01'
readonly K3S='/usr/local/bin/k3s'
readonly WANTED='v1.35.4+k3s1'

readonly FORM='^v([0-9]+)\.([0-9]+)\.([0-9]+)(-rc[0-9]+)?\+k3s([0-9]+)$'

# A new machine has none. One that does not run says nothing, and is replaced.
present="$("$K3S" --version 2>/dev/null | sed -n 's/^k3s version \(v[^ ]*\).*/\1/p' || true)"
if [[ -z $present || $present == "$WANTED" ]]; then exit 0; fi
refuse() {
  echo "$HOST runs K3s $present and is to have $WANTED: $1. Nothing was changed on it" >&2
  exit 1
}
[[ $present =~ $FORM ]] || refuse "what it runs is no release of K3s"
had=("${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}" "${BASH_REMATCH[3]}" "${BASH_REMATCH[5]}")
[[ $WANTED =~ $FORM ]] || refuse "that is no release of K3s"
wanted=("${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}" "${BASH_REMATCH[3]}" "${BASH_REMATCH[5]}")
for part in 0 1 2 3; do
  if ((wanted[part] < had[part])); then refuse "there is no way back but a restored snapshot (docs/operate.md, Upgrading Kubernetes)"; fi
  if ((wanted[part] > had[part])); then break; fi
done
if ((wanted[0] > had[0] || wanted[1] > had[1] + 1)); then
  refuse "one minor version at a time; first to the last v${had[0]}.$((had[1] + 1))"
fi

#!/bin/bash
# Fetches manifests and applies them, on a server. Idempotent: server-side apply of the same text changes nothing. Every
# file is fetched before the first is applied.
set -euo pipefail

# Given by the program:
urls=('https://example.org/crds.yaml' 'https://example.org/operator.yaml')
sums=('' '')
establishes=('crd/installations.operator.tigera.io' '')

k3s=/usr/local/bin/k3s
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
kubectl() { "$k3s" kubectl "$@"; }
for index in "${!urls[@]}"; do
  url=${urls[index]} sum=${sums[index]} file=$work/$index.yaml
  curl -fsSL --proto '=https' --retry 5 -o "$file" "$url"
  # Without a sum, HTTPS and the release's tag are all there is to trust.
  [[ -z $sum ]] || echo "$sum  $file" | sha256sum --check --status --strict || { echo "calico: $url does not match its checksum" >&2; exit 1; }
done
for index in "${!urls[@]}"; do
  kubectl apply --server-side --force-conflicts --field-manager=keybuzz-calico -f "$work/$index.yaml" >/dev/null
  read -r -a crds <<<"${establishes[index]}"
  if ((${#crds[@]} > 0)); then kubectl wait --for=condition=Established --timeout=120s "${crds[@]}"; fi
done

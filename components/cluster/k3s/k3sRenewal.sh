#!/bin/bash
# Looks at K3s' certificates, and restarts it before they end.
set -euo pipefail

# Given by the program:
readonly RESTART_AFTER='/etc/rancher/k3s/release'
readonly RESTART_SCRIPT='/usr/local/sbin/k3s-restart-in-turn'

readonly DIRECTORY=/var/lib/rancher/k3s
readonly LEAST_SECONDS=$((90 * 24 * 3600))
ending=()
while IFS= read -r file; do
  openssl x509 -noout -checkend "$LEAST_SECONDS" -in "$file" > /dev/null || ending+=("$file")
# Authorities last for ten years, and are not renewed by a start.
done < <(find "$DIRECTORY/server/tls" "$DIRECTORY/agent" -maxdepth 2 -name '*.crt' ! -name '*-ca.crt' ! -path '*/temporary-certs/*' -type f 2>/dev/null | sort)
if (( ${#ending[@]} == 0 )); then
  echo "k3s-renew: every certificate is good for more than 90 days"
  exit 0
fi
printf 'k3s-renew: ends within 90 days: %s\n' "${ending[@]}"
if [[ -z "$RESTART_SCRIPT" ]]; then exec systemctl restart k3s-agent.service; fi
# The turn is for servers that are older than their files.
touch "$RESTART_AFTER"
exec "$RESTART_SCRIPT"

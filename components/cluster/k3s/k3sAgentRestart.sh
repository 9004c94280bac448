#!/bin/bash
# A worker's turn: restarts its K3s where it is to be of another release, or where a file that it reads has changed.
set -euo pipefail

# Given by the program:
readonly HOST='k3s-worker-01'
readonly K3S='/usr/local/bin/k3s'
readonly STAGED='/usr/local/bin/k3s-v1.35.4+k3s1'
readonly VERSION='v1.35.4+k3s1'
readonly PENDING='/var/lib/keybuzz/pending/turn:k3s-agent.service'

readonly HEALTHY_SECONDS=300
readonly PAUSE_SECONDS=5

is_of_release() { [[ "$("$K3S" --version 2>/dev/null || true)" == "k3s version $VERSION "* ]]; }
healthy() { curl -fsS --max-time 5 http://127.0.0.1:10248/healthz >/dev/null 2>&1; }

if is_of_release && [[ ! -e $PENDING ]]; then
  echo "k3s-agent-restart: $HOST needs no restart"
  exit 0
fi
if ! is_of_release; then
  [[ -x "$STAGED" ]] || { echo "k3s-agent-restart: $STAGED is not on $HOST; pulumi up brings it" >&2; exit 1; }
  ln -sfn "$STAGED" "$K3S.new"
  mv -T "$K3S.new" "$K3S"
fi
systemctl restart k3s-agent.service
deadline=$((SECONDS + HEALTHY_SECONDS))
until healthy; do
  if ((SECONDS >= deadline)); then
    echo "k3s-agent-restart: $HOST is not healthy $HEALTHY_SECONDS s after its restart; no other worker is restarted. See journalctl -u k3s-agent on it, then run this again." >&2
    exit 1
  fi
  sleep "$PAUSE_SECONDS"
done
rm -f "$PENDING"
find "$(dirname "$K3S")" -maxdepth 1 -name 'k3s-v*' ! -path "$STAGED" -delete
echo "k3s-agent-restart: $HOST runs $VERSION"

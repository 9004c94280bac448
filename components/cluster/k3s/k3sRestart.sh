#!/bin/bash
# Restarts this server's K3s where its configuration is newer or its release another, one server at a time.
set -euo pipefail

# Given by the program:
readonly HOST='k3s-master-01'
readonly OTHERS=('k3s-master-02 10.0.0.101' 'k3s-master-03 10.0.0.102')
readonly FILES=('/etc/rancher/k3s/config.yaml')
readonly TOKEN='/etc/rancher/k3s/token'
readonly K3S='/usr/local/bin/k3s'
readonly STAGED='/usr/local/bin/k3s-v1.35.4+k3s1'
readonly VERSION='v1.35.4+k3s1'

# The token that K3s runs with, in its own long form ("K10...::server:<token>").
readonly USED_TOKEN=/var/lib/rancher/k3s/server/token
# To wait for one's turn, and until a restarted server must be ready.
readonly TURN_SECONDS=1200
readonly READY_SECONDS=300
readonly PAUSE_SECONDS=5
# After so long a turn that nobody ended may be taken over.
readonly STALE_SECONDS=3600

kubectl() { timeout 30 "$K3S" kubectl --namespace kube-system "$@"; }
answers() { [[ "$(curl --silent --insecure --max-time 5 "https://$1:6443/ping" || true)" == pong ]]; }
say() { echo "k3s-restart: $1"; }

is_of_release() { [[ "$("$K3S" --version 2> /dev/null || true)" == "k3s version $VERSION "* ]]; }

up_to_date() {
  local started file
  is_of_release || return 1
  # Spelled out, for Ubuntu 22.04's systemctl has no --timestamp=unix.
  started="$(TZ=UTC systemctl show --property ExecMainStartTimestamp --value k3s.service)"
  [[ -n "$started" ]] || return 1
  started="$(date --date "$started" +%s)" || return 1
  for file in "${FILES[@]}"; do
    if [[ -e "$file" ]] && (( $(stat --format %Y "$file") > started )); then return 1; fi
  done
}

take_turn() {
  local holder since
  if kubectl create configmap k3s-restart --from-literal=holder="$HOST" --from-literal=since="$(date +%s)" > /dev/null 2>&1; then return 0; fi
  holder="$(kubectl get configmap k3s-restart --output 'jsonpath={.data.holder}' 2> /dev/null || true)"
  if [[ "$holder" == "$HOST" ]]; then return 0; fi
  since="$(kubectl get configmap k3s-restart --output 'jsonpath={.data.since}' 2> /dev/null || true)"
  if [[ "$since" =~ ^[0-9]+$ ]] && (( $(date +%s) - since > STALE_SECONDS )); then
    kubectl delete configmap k3s-restart --ignore-not-found > /dev/null 2>&1 || true
  fi
  waiting_for="${holder:-the API}"
  return 1
}

others_answer() {
  local other name address
  for other in ${OTHERS[@]+"${OTHERS[@]}"}; do
    read -r name address <<< "$other"
    if ! answers "$address"; then
      waiting_for="$name, which does not answer"
      return 1
    fi
  done
}

end_turn() { kubectl delete configmap k3s-restart --ignore-not-found > /dev/null; }

ready() { kubectl get --raw /readyz > /dev/null 2>&1; }

# For a server that has its turn and is about to restart: a changed server token must be made known to the cluster before
# anybody starts with it (docs.k3s.io, token rotate; the same request, so that no token stands in a command line). The
# first server does it and leaves the new token's hash in a ConfigMap, by which the others know.
rotate_token() {
  local wanted used mark known
  wanted="$(cat "$TOKEN")"
  # Of a long one, too, the secret alone is what the cluster knows.
  wanted="${wanted##*:}"
  used="$(cat "$USED_TOKEN" 2> /dev/null || true)"
  used="${used##*:}"
  [[ -n "$used" ]] || return 0
  mark="$(printf %s "$wanted" | sha256sum | cut -c 1-64)"
  known="$(kubectl get configmap k3s-server-token --ignore-not-found --output 'jsonpath={.data.sha256}')"
  if [[ "$known" == "$mark" ]]; then return 0; fi
  if [[ "$used" != "$wanted" ]]; then
    if ! printf 'user = "server:%s"\n' "$used" | curl --config - --fail --silent --show-error --max-time 60 \
      --cacert /var/lib/rancher/k3s/server/tls/server-ca.crt --request PUT \
      --data @<(printf '{"newToken":"%s"}' "$wanted") https://127.0.0.1:6443/v1-k3s/token; then
      echo "k3s-restart: the cluster did not take the new server token; $HOST keeps running with the old one. See journalctl -u k3s on it, then run this again." >&2
      return 1
    fi
    say "the cluster has a new server token"
  fi
  kubectl delete configmap k3s-server-token --ignore-not-found > /dev/null
  kubectl create configmap k3s-server-token --from-literal=sha256="$mark" > /dev/null
}

restart() {
  local deadline
  if ! is_of_release; then
    [[ -x "$STAGED" ]] || { echo "k3s-restart: $STAGED is not on $HOST; pulumi up brings it" >&2; exit 1; }
    ln -sfn "$STAGED" "$K3S.new"
    mv -T "$K3S.new" "$K3S"
  fi
  systemctl restart k3s.service
  deadline=$((SECONDS + READY_SECONDS))
  until ready; do
    if (( SECONDS >= deadline )); then
      echo "k3s-restart: $HOST is not ready $READY_SECONDS s after its restart; no other server is restarted. See journalctl -u k3s on it." >&2
      return 1
    fi
    sleep "$PAUSE_SECONDS"
  done
  find "$(dirname "$K3S")" -maxdepth 1 -name 'k3s-v*' ! -path "$STAGED" -delete
  say "$HOST is ready again"
}

if up_to_date; then
  say "K3s runs with the present configuration"
  exit 0
fi
if ! answers 127.0.0.1; then
  say "this server's API does not answer; restarting without a turn"
  restart
  exit
fi
waiting_for="nobody"
deadline=$((SECONDS + TURN_SECONDS))
until take_turn && others_answer; do
  if (( SECONDS >= deadline )); then
    if take_turn; then end_turn || true; fi
    echo "k3s-restart: $HOST was not restarted; waiting for $waiting_for since $TURN_SECONDS s. Mend that server, then run this again." >&2
    exit 1
  fi
  sleep "$PAUSE_SECONDS"
done
rotate_token
restart
end_turn

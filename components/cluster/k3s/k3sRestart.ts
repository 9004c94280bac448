import { K3S_PATHS } from "./k3sConfig";
import { rotateTokenFunction, type TokenRotationArgs } from "./k3sTokenRotation";

export const RESTART_SCRIPT = "/usr/local/sbin/k3s-restart-in-turn";

export interface RestartArgs extends TokenRotationArgs {
  readonly host: string;
  readonly others: readonly { readonly name: string; readonly address: string }[];
  /** K3s must have started after these changed; otherwise it is restarted. */
  readonly files: readonly string[];
  /** Seconds to wait for one's turn. Default 1200. */
  readonly turnSeconds?: number;
  /** Seconds until a restarted server must be ready. Default 300. */
  readonly readySeconds?: number;
  /** Seconds between two looks. Default 5. */
  readonly pauseSeconds?: number;
}

/** Seconds after which a turn that nobody ended may be taken over. */
const STALE_SECONDS = 3600;

/**
 * Restarts a server's K3s, one server at a time: all machines are configured in parallel, and etcd must keep its
 * majority. A ConfigMap in the cluster itself is the turn, because creating it is atomic. The turn begins only when
 * every other server answers, and ends when this one is ready again; if it does not get ready, the turn stays taken,
 * so that the roll-out stops there and the other servers keep running.
 *
 * A server whose own API does not answer has nothing to lose: it is restarted without a turn.
 */
export function restartScript(args: RestartArgs): string {
  const others = args.others.map(({ name, address }) => `  "${name} ${address}"`).join("\n");
  return `#!/bin/bash
set -euo pipefail

readonly HOST="${args.host}"
readonly TURN_SECONDS=${String(args.turnSeconds ?? 1200)}
readonly READY_SECONDS=${String(args.readySeconds ?? 300)}
readonly PAUSE_SECONDS=${String(args.pauseSeconds ?? 5)}
readonly OTHERS=(
${others}
)
readonly FILES=(
${args.files.map((file) => `  "${file}"`).join("\n")}
)

kubectl() { timeout 30 ${K3S_PATHS.binary} kubectl --namespace kube-system "$@"; }
answers() { [[ "$(curl --silent --insecure --max-time 5 "https://$1:6443/ping" || true)" == pong ]]; }
say() { echo "k3s-restart: $1"; }

up_to_date() {
  local started file
  # Spelled out, for Ubuntu 22.04's systemctl has no --timestamp=unix.
  started="$(TZ=UTC systemctl show --property ExecMainStartTimestamp --value k3s.service)"
  [[ -n "$started" ]] && started="$(date --date "$started" +%s)" || return 1
  for file in "\${FILES[@]}"; do
    if [[ -e "$file" ]] && (( $(stat --format %Y "$file") > started )); then return 1; fi
  done
}

take_turn() {
  local holder since
  if kubectl create configmap k3s-restart --from-literal=holder="$HOST" --from-literal=since="$(date +%s)" > /dev/null 2>&1; then return 0; fi
  holder="$(kubectl get configmap k3s-restart --output 'jsonpath={.data.holder}' 2> /dev/null || true)"
  if [[ "$holder" == "$HOST" ]]; then return 0; fi
  since="$(kubectl get configmap k3s-restart --output 'jsonpath={.data.since}' 2> /dev/null || true)"
  if [[ "$since" =~ ^[0-9]+$ ]] && (( $(date +%s) - since > ${STALE_SECONDS} )); then
    kubectl delete configmap k3s-restart --ignore-not-found > /dev/null 2>&1 || true
  fi
  waiting_for="\${holder:-the API}"
  return 1
}

others_answer() {
  local other name address
  for other in \${OTHERS[@]+"\${OTHERS[@]}"}; do
    read -r name address <<< "$other"
    if ! answers "$address"; then
      waiting_for="$name, which does not answer"
      return 1
    fi
  done
}

end_turn() { kubectl delete configmap k3s-restart --ignore-not-found > /dev/null; }

ready() { kubectl get --raw /readyz > /dev/null 2>&1; }

${rotateTokenFunction(args)}

restart() {
  local deadline
  systemctl restart k3s.service
  deadline=$((SECONDS + READY_SECONDS))
  until ready; do
    if (( SECONDS >= deadline )); then
      echo "k3s-restart: $HOST is not ready $READY_SECONDS s after its restart; no other server is restarted. See journalctl -u k3s on it." >&2
      return 1
    fi
    sleep "$PAUSE_SECONDS"
  done
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
`;
}

import { K3S_PATHS } from "./k3sConfig";

export interface TokenRotationArgs {
  /** The token as it is to be. Default: K3S_PATHS.token. */
  readonly tokenFile?: string;
  /** The token that K3s runs with, in its own long form ("K10...::server:<token>"). Default: K3s' own place. */
  readonly usedTokenFile?: string;
}

/**
 * Bash function `rotate_token`, for a server that has its turn and is about to restart. K3s keeps what new servers
 * start from under its server token: a changed one must be made known to the cluster before anybody starts with it
 * (docs.k3s.io, token rotate; the same request, so that no token stands in a command line). The first server does it
 * and leaves the new token's hash in a ConfigMap, by which the others know. Snapshots taken before can be restored
 * with the old token only.
 */
export function rotateTokenFunction(args: TokenRotationArgs = {}): string {
  const { tokenFile = K3S_PATHS.token, usedTokenFile = "/var/lib/rancher/k3s/server/token" } = args;
  return `rotate_token() {
  local wanted used mark known
  wanted="$(cat "${tokenFile}")"
  used="$(cat "${usedTokenFile}" 2> /dev/null || true)"
  used="\${used##*:}"
  [[ -n "$used" ]] || return 0
  mark="$(printf %s "$wanted" | sha256sum | cut -c 1-64)"
  known="$(kubectl get configmap k3s-server-token --ignore-not-found --output 'jsonpath={.data.sha256}')"
  if [[ "$known" == "$mark" ]]; then return 0; fi
  if [[ "$used" != "$wanted" ]]; then
    if ! printf 'user = "server:%s"\\n' "$used" | curl --config - --fail --silent --show-error --max-time 60 \\
      --cacert /var/lib/rancher/k3s/server/tls/server-ca.crt --request PUT \\
      --data @<(printf '{"newToken":"%s"}' "$wanted") https://127.0.0.1:6443/v1-k3s/token; then
      echo "k3s-restart: the cluster did not take the new server token; $HOST keeps running with the old one. See journalctl -u k3s on it, then run this again." >&2
      return 1
    fi
    say "the cluster has a new server token"
  fi
  kubectl delete configmap k3s-server-token --ignore-not-found > /dev/null
  kubectl create configmap k3s-server-token --from-literal=sha256="$mark" > /dev/null
}`;
}

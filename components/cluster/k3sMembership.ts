import { K3S_PATHS } from "./k3sConfig";

/** Port on which each server says whether it holds an etcd member. */
export const MEMBERSHIP_PORT = 6440;
export const MEMBERSHIP_SCRIPT = "/usr/local/sbin/k3s-membership";

export interface MembershipArgs {
  /** May this server start a new cluster when nobody has one? True for one server only. */
  readonly mayInitialise: boolean;
  /** The API's load balancer: "https://10.0.0.10:6443". */
  readonly joinUrl: string;
  readonly others: readonly { readonly name: string; readonly address: string }[];
  /** Default 900: machines boot and are configured in parallel, and the slowest of them may be the first. */
  readonly waitSeconds?: number;
  /** Seconds between two looks. Default 5. */
  readonly pauseSeconds?: number;
  /** Defaults: K3s' own places. Tests use others. */
  readonly etcdDirectory?: string;
  readonly decisionFile?: string;
  readonly port?: number;
}

/**
 * The script that decides, each time K3s is about to start, what this server is:
 * - it holds an etcd member: neither option is set, K3s goes on with what it has;
 * - the API answers at its load balancer, or another server holds a member: `server`, it joins;
 * - it is the one that may, and *every* other server has said that it holds nothing: `cluster-init`;
 * - otherwise it waits, and in the end fails and says for whom.
 *
 * Silence is never taken for absence: a first server that is replaced while the others are down must not start a
 * second, empty cluster. That is why each server answers on MEMBERSHIP_PORT even when its K3s does not run.
 *
 * "Holds a member" means what it means to K3s: member/wal exists, no tombstone (k3s-io/k3s pkg/cluster/managed.go,
 * pkg/etcd).
 */
export function membershipScript(args: MembershipArgs): string {
  const others = args.others.map(({ name, address }) => `  "${name} ${address}"`).join("\n");
  return `#!/bin/bash
# Usage: k3s-membership decide | answer
set -euo pipefail
umask 077

readonly ETCD="${args.etcdDirectory ?? K3S_PATHS.etcd}"
readonly DECISION="${args.decisionFile ?? K3S_PATHS.membership}"
readonly JOIN_URL="${args.joinUrl}"
readonly MAY_INITIALISE=${String(args.mayInitialise)}
readonly PORT=${String(args.port ?? MEMBERSHIP_PORT)}
readonly WAIT_SECONDS=${String(args.waitSeconds ?? 900)}
readonly PAUSE_SECONDS=${String(args.pauseSeconds ?? 5)}
readonly OTHERS=(
${others}
)

has_member() {
  [[ -d "$ETCD/member/wal" && ! -e "$ETCD/tombstone" ]]
}

# A server that is about to initialise counts as a member: its files appear a moment later.
answer() {
  if has_member || grep -qs '^cluster-init:' "$DECISION"; then echo member; else echo empty; fi
}

# Prints "member", "empty" or nothing.
ask() {
  timeout 5 bash -c 'exec 3<>"/dev/tcp/$0/$1" && read -r line <&3 && echo "$line"' "$1" "$PORT" 2>/dev/null || true
}

# The certificate cannot be verified before joining; only "pong" is read, and nothing is sent.
api_answers() {
  [[ "$(curl --silent --insecure --max-time 5 "$JOIN_URL/ping" || true)" == pong ]]
}

decide_as() {
  mkdir -p "$(dirname "$DECISION")"
  printf '%s\\n' "$1" > "$DECISION.new"
  mv "$DECISION.new" "$DECISION"
  echo "k3s-membership: $2"
}

decide() {
  local deadline=$((SECONDS + WAIT_SECONDS)) other name address state silent holder
  while true; do
    if has_member; then
      decide_as "{}" "this server holds a member already"
      return 0
    fi
    # What an earlier start decided is no proof of anything now.
    rm -f "$DECISION"
    if api_answers; then
      decide_as "server: $JOIN_URL" "joining at $JOIN_URL"
      return 0
    fi
    silent=""
    holder=""
    for other in \${OTHERS[@]+"\${OTHERS[@]}"}; do
      read -r name address <<< "$other"
      state="$(ask "$address")"
      case "$state" in
        member) holder="$name" ;;
        empty) ;;
        *) silent="$silent $name" ;;
      esac
    done
    if [[ -n "$holder" ]]; then
      decide_as "server: $JOIN_URL" "$holder holds a member; joining at $JOIN_URL"
      return 0
    fi
    if [[ "$MAY_INITIALISE" == true && -z "$silent" ]]; then
      decide_as "cluster-init: true" "no server holds a member; initialising the cluster"
      return 0
    fi
    if (( SECONDS >= deadline )); then
      echo "k3s-membership: no answer at $JOIN_URL, and not known whether a member exists on:\${silent:- (all others are empty, and another server initialises)}." >&2
      echo "k3s-membership: nothing was initialised. Start those servers, or remove them from the environment." >&2
      return 1
    fi
    sleep "$PAUSE_SECONDS"
  done
}

case "\${1:-}" in
  answer) answer ;;
  decide) decide ;;
  *)
    echo "usage: k3s-membership decide | answer" >&2
    exit 2
    ;;
esac
`;
}

/** Answers other servers' question by starting the script once per connection; runs whether K3s runs or not. */
export function membershipSocketUnit(address: string): string {
  return `[Unit]
Description=Says whether this server holds an etcd member

[Socket]
ListenStream=${address}:${MEMBERSHIP_PORT}
Accept=yes
FreeBind=yes
MaxConnections=16

[Install]
WantedBy=sockets.target
`;
}

export function membershipAnswerUnit(): string {
  return `[Unit]
Description=Says whether this server holds an etcd member

[Service]
ExecStart=${MEMBERSHIP_SCRIPT} answer
StandardInput=socket
StandardOutput=socket
StandardError=journal
TimeoutStartSec=10
`;
}

import type { HostConfigPart } from "../machines/hostConfig";
import type { HostRef } from "../topology/party";
import { rabbitNode } from "./rabbitConfig";

const SCRIPT = "/usr/local/sbin/keybuzz-rabbitmq-revive";

/** A member may take so long to go on after a pause by itself, which takes two seconds (measured). */
const PATIENCE_SECONDS = 20;

/**
 * RabbitMQ pauses in a minority, inside of a running daemon, and goes on when the network is back. With Erlang/OTP
 * 25.2 (Debian 12) that may wait for ever for a lock of `global` that nobody holds any more ("Startup in progress";
 * seen on real machines, about once in six partitions). A new daemon cures it; it is killed, because to stop it waits for
 * that startup, 90 s (measured), and RabbitMQ does not run in it anyway. Only a daemon that had started,
 * and only while another member runs: neither a boot nor a pause is disturbed.
 */
export function rabbitRevival(member: HostRef, members: readonly HostRef[]): HostConfigPart {
  const others = members.filter(({ name }) => name !== member.name).map(rabbitNode);
  if (others.length === 0) return {};
  return {
    files: [{ path: SCRIPT, content: revivalScript(others), mode: "0755" }],
    timers: [
      {
        name: "keybuzz-rabbitmq-revive",
        description: "Restart RabbitMQ where it does not come back after a pause",
        onCalendar: "*-*-* *:*:00/15",
        command: SCRIPT,
        timeoutSeconds: 120,
      },
    ],
  };
}

/** Bash for root, every quarter of a minute. @param others nodes of the other members. */
export function revivalScript(others: readonly string[], since = "/run/keybuzz-rabbitmq-not-running"): string {
  return `#!/bin/bash
set -euo pipefail
runs() { [[ "$(timeout 20 rabbitmqctl -q --node "$1" eval 'rabbit:is_running().' 2>/dev/null)" == true ]]; }
served() {
  local other
  for other in ${others.join(" ")}; do
    if runs "$other"; then return 0; fi
  done
  return 1
}
# Cheap as long as all is well: it takes connections.
if ! systemctl is-active --quiet rabbitmq-server.service || (exec 3<>/dev/tcp/127.0.0.1/5672) 2>/dev/null || ! served; then
  rm -f ${since}
  exit 0
fi
if [[ ! -e ${since} ]]; then touch ${since}; fi
age=$(($(date +%s) - $(stat -c %Y ${since})))
echo "RabbitMQ does not run here for $age s, and does elsewhere; after ${PATIENCE_SECONDS} s its daemon is restarted"
if ((age < ${PATIENCE_SECONDS})); then exit 0; fi
rm -f ${since}
systemctl kill --signal=KILL rabbitmq-server.service
systemctl restart rabbitmq-server.service
`;
}

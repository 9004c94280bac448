import type { TimerSpec } from "../../machines/hostConfig";
import { RESTART_SCRIPT } from "./k3sRestart";

export const RENEWAL_SCRIPT = "/usr/local/sbin/k3s-renew-certificates";

export interface RenewalArgs {
  readonly kind: "server" | "agent";
  /** A file after whose change a server restarts in turn (restartScript). Only for servers. */
  readonly restartAfter?: string;
  /** Default: K3s' own place. Tests use others. */
  readonly directory?: string;
  readonly restartScript?: string;
}

/**
 * K3s issues certificates for a year, and new ones when it starts within 120 days of their end (docs.k3s.io,
 * certificate). A node that nobody restarts for a year falls out of the cluster: once a week each looks, and
 * restarts K3s once there are fewer than 90 days left. Pods are not touched by that. Servers do it in turn.
 */
export function renewalScript(args: RenewalArgs): string {
  const { kind, directory = "/var/lib/rancher/k3s", restartScript = RESTART_SCRIPT } = args;
  const restart =
    kind === "server"
      ? `# The turn is for servers that are older than their files.
touch "${args.restartAfter ?? ""}"
exec ${restartScript}`
      : "exec systemctl restart k3s-agent.service";
  return `#!/bin/bash
set -euo pipefail

readonly LEAST_SECONDS=$((90 * 24 * 3600))
ending=()
while IFS= read -r file; do
  openssl x509 -noout -checkend "$LEAST_SECONDS" -in "$file" > /dev/null || ending+=("$file")
# Authorities last for ten years, and are not renewed by a start.
done < <(find ${directory}/server/tls ${directory}/agent -maxdepth 2 -name '*.crt' ! -name '*-ca.crt' ! -path '*/temporary-certs/*' -type f 2>/dev/null | sort)
if (( \${#ending[@]} == 0 )); then
  echo "k3s-renew: every certificate is good for more than 90 days"
  exit 0
fi
printf 'k3s-renew: ends within 90 days: %s\\n' "\${ending[@]}"
${restart}
`;
}

/** Spread over half a day, so that nodes do not restart together. */
export function renewalTimer(): TimerSpec {
  return {
    name: "k3s-renew-certificates",
    description: "Look at K3s' certificates, and restart it before they end",
    command: RENEWAL_SCRIPT,
    onCalendar: "Tue 03:00",
    randomizedDelaySeconds: 12 * 3600,
    timeoutSeconds: 1700,
  };
}

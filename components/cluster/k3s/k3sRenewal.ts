import { join } from "node:path";
import { shellScript } from "../../machines/shellScript";
import type { TimerSpec } from "../../machines/hostConfig";
import { K3S_PATHS } from "./k3sConfig";
import { RESTART_SCRIPT } from "./k3sRestart";

export const RENEWAL_SCRIPT = "/usr/local/sbin/k3s-renew-certificates";

/**
 * K3s issues certificates for a year, and new ones when it starts within 120 days of their end (docs.k3s.io,
 * certificate). A node that nobody restarts for a year falls out of the cluster: once a week each looks, and
 * restarts K3s once there are fewer than 90 days left. Pods are not touched by that. Servers do it in turn.
 */
export function renewalScript(kind: "server" | "agent"): string {
  return shellScript(join(__dirname, "k3sRenewal.sh"), {
    // A server restarts in turn after this file's change; an agent restarts at once.
    RESTART_AFTER: kind === "server" ? K3S_PATHS.release : "",
    RESTART_SCRIPT: kind === "server" ? RESTART_SCRIPT : "",
  });
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

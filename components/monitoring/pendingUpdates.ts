import { join } from "node:path";
import type { HostConfigPart } from "../machines/hostConfig";
import { shellScript } from "../machines/shellScript";
import { TEXTFILE_DIRECTORY } from "./hostExporters";

const SCRIPT = "/usr/local/sbin/keybuzz-pending-updates";

/** Security updates that wait, newer versions of what unattended upgrades leave alone, a pending reboot: once an hour. */
export function pendingUpdatesPart(): HostConfigPart {
  return {
    files: [{ path: SCRIPT, content: pendingUpdatesScript(), mode: "0755", validate: "bash -n %s" }],
    timers: [
      {
        name: "keybuzz-pending-updates",
        description: "Figures of pending updates for node-exporter",
        onCalendar: "*-*-* *:20:00",
        command: SCRIPT,
        randomizedDelaySeconds: 600,
        timeoutSeconds: 120,
      },
    ],
  };
}

/** The directory of such figures, where no package of node-exporter brings it: its DaemonSet reads it on nodes. */
export const NODE_TEXTFILES: HostConfigPart = {
  directories: [{ path: "/var/lib/prometheus" }, { path: TEXTFILE_DIRECTORY }],
};

/** Bash for root. */
export function pendingUpdatesScript(): string {
  return shellScript(join(__dirname, "pendingUpdates.sh"), {
    target: `${TEXTFILE_DIRECTORY}/updates.prom`,
    reboot_required: "/run/reboot-required",
  });
}

import { join } from "node:path";
import type { HostConfigPart } from "../machines/hostConfig";
import { shellScript } from "../machines/shellScript";
import { TEXTFILE_DIRECTORY, type DatabaseLogin } from "./hostExporters";

const SCRIPT = "/usr/local/sbin/keybuzz-pgbouncer-metrics";
const PASSWORD_FILE = "/etc/keybuzz-monitoring/pgbouncer.pgpass";
const PGBOUNCER_PORT = 6432;

/**
 * PgBouncer's pools as figures of node-exporter, read twice a minute.
 *
 * Not by prometheus-pgbouncer-exporter: Debian's and Ubuntu's release 1.7 asks for a column that PgBouncer has not
 * had since 1.8, and fails.
 */
export function pgbouncerMetricsPart({ user, password }: DatabaseLogin): HostConfigPart {
  return {
    packages: [{ name: "postgresql-client" }],
    directories: [{ path: "/etc/keybuzz-monitoring", group: "prometheus", mode: "0750" }],
    files: [
      {
        path: PASSWORD_FILE,
        content: `127.0.0.1:${PGBOUNCER_PORT}:pgbouncer:${user}:${password}\n`,
        mode: "0600",
        secret: true,
      },
      { path: SCRIPT, content: pgbouncerMetricsScript(user), mode: "0755", validate: "bash -n %s" },
    ],
    timers: [
      {
        name: "keybuzz-pgbouncer-metrics",
        description: "Figures of PgBouncer's pools for node-exporter",
        onCalendar: "*-*-* *:*:00,30",
        command: SCRIPT,
        timeoutSeconds: 20,
      },
    ],
  };
}

/** Bash for root. */
export function pgbouncerMetricsScript(user: string): string {
  return shellScript(join(__dirname, "pgbouncerMetrics.sh"), {
    user,
    port: PGBOUNCER_PORT,
    password_file: PASSWORD_FILE,
    target: `${TEXTFILE_DIRECTORY}/pgbouncer.prom`,
  });
}

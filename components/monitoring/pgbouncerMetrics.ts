import type { HostConfigPart } from "../machines/hostConfig";
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

/** Columns are found by name: they differ between releases. */
export function pgbouncerMetricsScript(user: string, target = `${TEXTFILE_DIRECTORY}/pgbouncer.prom`): string {
  return `#!/bin/bash
set -euo pipefail
export PGPASSFILE=\${PGPASSFILE:-${PASSWORD_FILE}} PGCONNECT_TIMEOUT=5
target=${target}
new=$(mktemp "$target.XXXXXX")
trap 'rm -f "$new"' EXIT
pools=$(psql -X -A -F, --pset footer=off -h 127.0.0.1 -p ${PGBOUNCER_PORT} -U ${user} -d pgbouncer -c 'SHOW POOLS')
awk -F, '
  NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next }
  $column["database"] == "pgbouncer" { next }
  {
    key = $column["database"]
    active[key] += $column["cl_active"]; waiting[key] += $column["cl_waiting"]
    servers[key] += $column["sv_active"] + $column["sv_idle"] + $column["sv_used"]
    wait = $column["maxwait"] + $column["maxwait_us"] / 1000000
    if (!(key in longest) || wait > longest[key]) longest[key] = wait
  }
  function show(name, values, key) {
    printf "# TYPE keybuzz_pgbouncer_%s gauge\\n", name
    for (key in values) printf "keybuzz_pgbouncer_%s{database=\\"%s\\"} %s\\n", name, key, values[key]
  }
  END {
    show("active_clients", active); show("waiting_clients", waiting)
    show("server_connections", servers); show("maxwait_seconds", longest)
  }' <<<"$pools" >"$new"
printf '# TYPE keybuzz_pgbouncer_read_timestamp_seconds gauge\\nkeybuzz_pgbouncer_read_timestamp_seconds %s\\n' "$(date +%s)" >>"$new"
chmod 0644 "$new"
mv "$new" "$target"
`;
}

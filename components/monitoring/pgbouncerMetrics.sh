#!/bin/bash
# PgBouncer's pools as figures of node-exporter. Columns are found by name: they differ between releases.
set -euo pipefail

# Given by the program:
user='keybuzz_monitor'
port=6432
password_file='/etc/keybuzz-monitoring/pgbouncer.pgpass'
target='/var/lib/prometheus/node-exporter/pgbouncer.prom'

export PGPASSFILE=$password_file PGCONNECT_TIMEOUT=5
new=$(mktemp "$target.XXXXXX")
trap 'rm -f "$new"' EXIT
pools=$(psql -X -A -F, --pset footer=off -h 127.0.0.1 -p "$port" -U "$user" -d pgbouncer -c 'SHOW POOLS')
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
    printf "# TYPE keybuzz_pgbouncer_%s gauge\n", name
    for (key in values) printf "keybuzz_pgbouncer_%s{database=\"%s\"} %s\n", name, key, values[key]
  }
  END {
    show("active_clients", active); show("waiting_clients", waiting)
    show("server_connections", servers); show("maxwait_seconds", longest)
  }' <<<"$pools" >"$new"
printf '# TYPE keybuzz_pgbouncer_read_timestamp_seconds gauge\nkeybuzz_pgbouncer_read_timestamp_seconds %s\n' "$(date +%s)" >>"$new"
chmod 0644 "$new"
mv "$new" "$target"

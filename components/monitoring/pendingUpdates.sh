#!/bin/bash
# Updates that wait on this machine, and whether it waits for a reboot, as figures of node-exporter.
# security: unattended upgrades take them within a day. kept: they leave those alone, and so does everybody else.
set -euo pipefail

# Given by the program:
target='/var/lib/prometheus/node-exporter/updates.prom'
reboot_required='/run/reboot-required'

export LC_ALL=C
new=$(mktemp "$target.XXXXXX")
trap 'rm -f "$new"' EXIT
kept=$(apt-config dump Unattended-Upgrade::Package-Blacklist | sed -n 's/^[^"]*Package-Blacklist:: "\(.*\)";$/\1/p' | paste -s -d '|')
held=$(apt-mark showhold | paste -s -d '|')
# NAME/ARCHIVE,ARCHIVE VERSION ARCHITECTURE [upgradable from: VERSION]
waiting=$(apt list --upgradable 2>/dev/null | grep / || true)
awk -F '[/ ]' -v kept="$kept" -v held="$held" '
  NF < 2 { next }
  (kept != "" && $1 ~ kept) || (held != "" && $1 ~ "^(" held ")$") { count["kept"]++; next }
  $2 ~ /-security/ { count["security"]++ }
  END {
    print "# TYPE keybuzz_pending_updates gauge"
    printf "keybuzz_pending_updates{kind=\"kept\"} %d\n", count["kept"]
    printf "keybuzz_pending_updates{kind=\"security\"} %d\n", count["security"]
  }' <<<"$waiting" >"$new"
reboot=0
if [[ -e $reboot_required ]]; then reboot=1; fi
printf '# TYPE keybuzz_reboot_required gauge\nkeybuzz_reboot_required %d\n' "$reboot" >>"$new"
printf '# TYPE keybuzz_updates_read_timestamp_seconds gauge\nkeybuzz_updates_read_timestamp_seconds %s\n' "$(date +%s)" >>"$new"
chmod 0644 "$new"
mv "$new" "$target"

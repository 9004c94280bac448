#!/bin/bash
# Patroni's members: one leader, everybody running, one synchronous standby; etcd's members too where they are the DCS.
set -euo pipefail

# Given by the program:
etcd_health=('https://10.0.0.120:2379/health')
etcd_ca='/etc/etcd-tls/ca.crt'
etcd_cert='/etc/etcd-tls/server.crt'
etcd_key='/etc/etcd-tls/server.key'
member_count=3
member='db-master-01'
patroni='https://10.0.0.120:8008'
patroni_ca='/etc/patroni/tls/ca.crt'
scope='keybuzz'

# How long Patroni may take for two rounds: many times what it takes.
notice_seconds=60
patronictl=(patronictl -c /etc/patroni/config.yml)

whole() {
  local url members
  for url in ${etcd_health[@]+"${etcd_health[@]}"}; do
    curl -fsS -m 5 --cacert "$etcd_ca" --cert "$etcd_cert" --key "$etcd_key" "$url" >/dev/null || return 1
  done
  members=$(timeout 20 "${patronictl[@]}" list -f json) || { echo "patronictl: $members"; return 1; }
  python3 -c '
import json, sys
members = json.load(sys.stdin)
count = int(sys.argv[1])
roles = sorted(one["Role"] for one in members)
running = [one for one in members if one["State"] in ("running", "streaming")]
standby = "Sync Standby" in roles or count == 1
if len(running) != count or roles.count("Leader") != 1 or not standby:
    sys.exit("; ".join(one["Member"] + ": " + one["Role"] + ", " + one["State"] for one in members))
' "$member_count" <<<"$members"
}

leads() { [[ $(curl -sS -m 5 -o /dev/null -w '%{http_code}' --cacert "$patroni_ca" "$patroni/primary") == 200 ]]; }

hand_over() { "${patronictl[@]}" switchover "$scope" --force; }

state() { curl -sS -m 5 --cacert "$patroni_ca" "$patroni/patroni"; }

# When Patroni last read the cluster's state, in whole seconds since 1970: the beginning of its latest round.
round() { state 2>/dev/null | python3 -c 'import json, sys; print(int(json.load(sys.stdin).get("dcs_last_seen", 0)))' 2>/dev/null || echo 0; }

# Patroni finds what wants a restart at the end of a round, for its own file as for the cluster's settings. One round
# that began after now may have begun with the old ones; a second one has not.
noticed() {
  local seen last deadline=$((SECONDS + notice_seconds))
  last=$(date +%s)
  for _ in 1 2; do
    while seen=$(round) && ((seen <= last)); do
      if ((SECONDS >= deadline)); then return 1; fi
      sleep 0.5
    done
    last=$seen
  done
}

due() {
  if ! noticed; then
    echo "PostgreSQL: $member: Patroni has not gone round twice in $notice_seconds s, so nobody knows what waits for a restart; remedy: see journalctl -u patroni there, then run the same command again" >&2
    exit 1
  fi
  state | grep '"pending_restart": true' >/dev/null
}

restart_own() { "${patronictl[@]}" restart "$scope" "$member" --force --pending; }


#!/bin/bash
# Redis under Sentinel: every Sentinel knows the others and all replicas, and the primary has them.
set -euo pipefail

# Given by the program:
members=('10.0.0.130' '10.0.0.131' '10.0.0.132')
master='keybuzz'
redis_port=6379
sentinel_port=26379
password=''

# Longer than a failover by the Sentinels takes; then writes go on where they were.
pause_seconds=20
replica_count=$((${#members[@]} - 1))

sentinel() { timeout 5 redis-cli -p "$sentinel_port" SENTINEL "$@"; }
redis() { REDISCLI_AUTH=$password timeout 5 redis-cli "$@"; }
primary_address() { sentinel get-master-addr-by-name "$master" | sed -n 1p; }

# Sentinels that do not know of each other never agree that the primary is dead, and choose only a replica they
# know. One that still takes a replica for a primary, from before the last change, would soon undo the next change.
whole() {
  local primary online member others replicas
  for member in "${members[@]}"; do
    others=$(timeout 5 redis-cli -h "$member" -p "$sentinel_port" SENTINEL sentinels "$master" | grep -cx name || true)
    replicas=$(timeout 5 redis-cli -h "$member" -p "$sentinel_port" SENTINEL replicas "$master" | grep -x -A1 role-reported | grep -cx slave || true)
    ((others >= replica_count && replicas >= replica_count)) || { echo "the Sentinel at $member knows $others others and $replicas replicas of $replica_count"; return 1; }
  done
  sentinel ckquorum "$master" | grep '^OK' || { echo "the Sentinels have no quorum"; return 1; }
  primary=$(primary_address)
  online=$(redis -h "$primary" -p "$redis_port" INFO replication | grep -c 'state=online' || true)
  [[ $online == "$replica_count" ]] || { echo "$primary has $online replicas of $replica_count"; return 1; }
}

# A new package restarts nothing; the daemons take it in their turn.
installed() { redis-server --version | sed -n 's/.* v=\([0-9.]*\) .*/\1/p'; }
version() { sed -n 's/^redis_version:\([0-9.]*\).*/\1/p'; }
due() { [[ $(redis INFO server | version) != "$(installed)" || $(timeout 5 redis-cli -p "$sentinel_port" INFO server | version) != "$(installed)" ]]; }
restart_own() {
  systemctl restart redis-server.service redis-sentinel.service
  ! due || { echo "$(redis INFO server | version) runs still, and $(installed) is installed"; return 1; }
}

leads() { redis INFO replication | grep '^role:master' >/dev/null; }

takes_writes() {
  redis CONFIG SET min-replicas-to-write $((replica_count > 0 ? 1 : 0))
  redis CLIENT UNPAUSE || true
}

offset_of() { # ADDRESS
  redis -h "$1" -p "$redis_port" INFO replication | sed -n 's/^master_repl_offset:\([0-9]*\).*/\1/p'
}

caught_up() { # OFFSET
  local member
  for member in "${members[@]}"; do
    (($(offset_of "$member") >= $1)) || return 1
  done
}

# While the Sentinels change over, two members call themselves primary, and what the old one takes then is lost:
# so it takes nothing from before the change on. Measured without: 19 acknowledged writes gone.
hand_over() {
  local before now offset deadline=$((SECONDS + pause_seconds))
  before=$(primary_address)
  # Writes wait; Redis before 6.2 can only refuse them.
  if [[ $(redis CLIENT PAUSE "${pause_seconds}000" WRITE) != OK ]]; then redis CONFIG SET min-replicas-to-write 99; fi
  offset=$(offset_of "$before")
  until caught_up "$offset"; do
    if ((SECONDS >= deadline)); then echo "its replicas do not catch up"; takes_writes; return 1; fi
    sleep 0.1
  done
  sentinel FAILOVER "$master" | grep '^OK' || { takes_writes; return 1; }
  until now=$(primary_address) && [[ -n $now && $now != "$before" ]]; do
    if ((SECONDS >= deadline)); then echo "the Sentinels choose no other"; takes_writes; return 1; fi
    sleep 0.1
  done
  # The Sentinels tell it seconds later; whoever waits here would wait as long.
  redis REPLICAOF "$now" "$redis_port"
  redis CLIENT KILL TYPE normal SKIPME yes
  takes_writes
}


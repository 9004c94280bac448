#!/bin/bash
# Makes the two files that Redis and Sentinel keep themselves, where they are missing. A new member asks the other
# Sentinels who leads now; only when none answers is the first member the primary.
set -euo pipefail
umask 027

# Given by the program:
address='10.0.0.130'
first='10.0.0.130'
others=('10.0.0.131' '10.0.0.132')
master='keybuzz'
redis_port=6379
sentinel_port=26379
settings='/etc/redis/keybuzz.conf'
state='/var/lib/redis/redis.conf'
sentinel_state='/var/lib/redis/sentinel.conf'
sentinel_settings=('sentinel monitor keybuzz PRIMARY 6379 2')

primary=$first
for other in ${others[@]+"${others[@]}"}; do
  answer=$(timeout 3 redis-cli -h "$other" -p "$sentinel_port" SENTINEL get-master-addr-by-name "$master" 2>/dev/null | sed -n 1p || true)
  if [[ $answer =~ ^[0-9.]+$ ]]; then
    primary=$answer
    break
  fi
done
if [[ ! -e $state ]]; then
  if [[ $primary != "$address" ]]; then line="replicaof $primary $redis_port"; else line=; fi
  printf '# Kept by Redis itself. Settings: %s\n%s\n' "$settings" "$line" >"$state.new"
  chown redis:redis "$state.new"
  mv "$state.new" "$state"
fi
if [[ ! -e $sentinel_state ]]; then
  printf '%s\n' "${sentinel_settings[@]}" | sed "s/PRIMARY/$primary/" >"$sentinel_state.new"
  chown redis:redis "$sentinel_state.new"
  mv "$sentinel_state.new" "$sentinel_state"
fi

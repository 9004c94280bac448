#!/bin/bash
# Before Redis starts: it follows whom the majority of the Sentinels names. A former primary remembers that it led, and
# would call itself primary until they tell it, seconds after clients have met it.
set -euo pipefail
umask 027

# Given by the program:
address='10.0.0.130'
members=('10.0.0.130' '10.0.0.131' '10.0.0.132')
quorum=2
master='keybuzz'
redis_port=6379
sentinel_port=26379
state='/var/lib/redis/redis.conf'
data='/var/lib/redis'

# After a power cut of all the Sentinels start as late as Redis does, and so may the private network.
patience_seconds=10

# Whom at least a quorum names; nothing where they do not agree, or do not answer.
named() {
  local member
  for member in "${members[@]}"; do
    timeout 1 redis-cli -h "$member" -p "$sentinel_port" SENTINEL get-master-addr-by-name "$master" 2>/dev/null | sed -n 1p | grep -x '[0-9.]*' || true
  done | sort | uniq -c | awk -v quorum="$quorum" '$1 >= quorum { print $2 }'
}

follows=$(sed -n 's/^replicaof \([0-9.]*\) .*/\1/p' "$state")
if ((${#members[@]} > 1)); then
  # Where it has never run, there may be no Sentinel yet; whom it follows was asked when its file was made.
  if ! compgen -G "$data/appendonly*" >/dev/null; then patience_seconds=0; fi
  until primary=$(named) && [[ -n $primary ]]; do
    if ((SECONDS >= patience_seconds)); then break; fi
    sleep 0.5
  done
  if [[ -n $primary ]]; then
    follows=$primary
    if [[ $primary == "$address" ]]; then follows=; fi
    echo "the Sentinels name $primary"
  else
    echo "no majority of the Sentinels answers: this member is what it was"
  fi
fi
# CONFIG REWRITE copies every setting into this file; only whom it follows may outlive a restart.
{
  grep '^# Kept ' "$state" || true
  if [[ -n $follows ]]; then echo "replicaof $follows $redis_port"; fi
} >"$state.new"
chown redis:redis "$state.new"
mv "$state.new" "$state"

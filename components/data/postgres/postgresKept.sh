#!/bin/bash
# Stops, before anything is changed, on a member whose data is of another version of PostgreSQL than it is to have, or
# whose cluster agrees elsewhere: under a reload of Patroni the one is an empty member with the same name, the other a
# member that nobody hears any more.
set -euo pipefail

# Given by the program:
readonly HOST='db-master-01'
readonly VERSION='17'
readonly DCS='etcd'
readonly DATA='/var/lib/postgresql'
readonly SCOPE='keybuzz'
readonly CONFIG='/etc/patroni/config.yml'

refuse() {
  echo "$HOST $1. Nothing was changed on it" >&2
  exit 1
}

if [[ ! -e "$DATA/$VERSION/$SCOPE/PG_VERSION" ]]; then
  for found in "$DATA"/*/"$SCOPE"/PG_VERSION; do
    # Absent: a new machine.
    [[ -e "$found" ]] || continue
    refuse "holds data of PostgreSQL $(< "$found") ($found) and is to have $VERSION: leave postgres.version; another version is another cluster, which the data is moved to"
  done
fi

# Absent: a new machine.
[[ -e "$CONFIG" ]] || exit 0
present=""
if grep -Eq '^"?raft"?:' "$CONFIG"; then present=raft; fi
if grep -Eq '^"?etcd3?"?:' "$CONFIG"; then present=etcd; fi
if [[ -n "$present" && "$present" != "$DCS" ]]; then
  refuse "agrees with its cluster by $present ($CONFIG) and is to do so by $DCS: members that change one after the other lose their leader; leave postgres.dcs"
fi

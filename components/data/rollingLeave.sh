# shellcheck shell=bash
# Before a member's machine is switched off: the cluster is whole, and another one leads.

# Given by the program:
cluster='Redis'
host='redis-01'
has_leader=true
whole_seconds=600

# Read whole before anything runs: some commands take whatever is left of standard input, and that is this script.
{
stop() {
  echo "$cluster: $host is not switched off: $1: ${said:-no answer}; remedy: mend the cluster (see the members' journals), then run the same command again" >&2
  exit 1
}
led() { [[ $has_leader == true ]] && leads; }
until_whole "before it is switched off"
if led; then
  said="$(hand_over 2>&1)" || stop "it cannot hand over"
  deadline=$((SECONDS + 60))
  while led; do
    if ((SECONDS >= deadline)); then stop "it still leads 60 s after it was to hand over"; fi
    sleep 1
  done
  until_whole "after it handed over"
fi
echo "$cluster: $host may be switched off"
} </dev/null

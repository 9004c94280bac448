# shellcheck shell=bash
# One member's turn. Does nothing where no restart is due.

# Given by the program:
cluster='Redis'
host='redis-01'
pass='followers'
units=('redis-server.service' 'redis-sentinel.service')
knows_own=false
pending='/var/lib/keybuzz/pending'
whole_seconds=600

# Read whole before anything runs: some commands take whatever is left of standard input, and that is this script.
{
waiting=()
for unit in "${units[@]}"; do
  if [[ -e $pending/turn:$unit ]]; then waiting+=("$unit"); fi
done
# Where nobody leads there is one pass only.
led() { [[ $pass != only ]] && leads; }
# Restarts that the daemon itself knows to be due.
owes() { [[ $knows_own == true ]] && due; }
own=0
if owes; then own=1; fi
if ((${#waiting[@]} == 0 && own == 0)); then echo "$cluster: $host: no restart is due"; exit 0; fi
if [[ $pass == followers ]] && led; then echo "$cluster: $host leads: its turn comes last"; exit 0; fi

# stop WHERE: the roll-out ends here, and says where it stands.
stop() {
  echo "$cluster: the roll-out stops at $host: $1: ${said:-no answer}; members before it are done, those after it are untouched; remedy: mend the cluster (see the member's journal), then run the same command again: it goes on here" >&2
  exit 1
}
until_whole "before its turn"
if led; then
  said="$(hand_over 2>&1)" || stop "it cannot hand over"
  deadline=$((SECONDS + 60))
  while led; do
    if ((SECONDS >= deadline)); then stop "it still leads 60 s after it was to hand over"; fi
    sleep 1
  done
  echo "$cluster: $host has handed over"
  until_whole "after $host handed over"
fi
for unit in ${waiting[@]+"${waiting[@]}"}; do
  said="$(systemctl restart "$unit" 2>&1)" || stop "$unit does not restart"
  until_whole "after the restart of $unit"
  rm -f "$pending/turn:$unit"
  echo "$cluster: $host: $unit restarted"
done
if owes; then
  said="$(restart_own 2>&1)" || stop "it does not restart"
  until_whole "after its restart"
  echo "$cluster: $host restarted"
fi
} </dev/null

# shellcheck shell=bash
# Waits until this host's daemons and those of other machines, which wait for each other, have started.
# shellcheck disable=SC2016 # What the commands given hold is for the shell that runs each of them.

# Given by the program:
host='db-master-01'
units=('etcd.service')
names=('etcd-member')
commands=('true')
attempts=('30')
intervals=('2')
remedies=('journalctl -u etcd shows whether it finds the other members')
progress=('false')
progress_seconds=('0')

# systemd starts most of them again for ever; so often is no waiting any more.
restarts_allowed=4

# Read whole before anything runs: some commands take whatever is left of standard input, and that is this script.
{
fail() { # WHAT REASON REMEDY
  echo "keybuzz: host $host: $1: $2; remedy: $3" >&2
  exit 1
}

restarts_of() { systemctl show --property NRestarts --value "$1" 2>/dev/null || true; }

before=()
for unit in ${units[@]+"${units[@]}"}; do before+=("$(restarts_of "$unit")"); done

still_tried() {
  local index unit now
  for index in "${!units[@]}"; do
    unit=${units[index]}
    if systemctl is-failed --quiet "$unit"; then fail "unit/$unit" "it has failed" "see journalctl -u $unit on the host"; fi
    now=$(restarts_of "$unit")
    if ((${now:-0} - ${before[index]:-0} > restarts_allowed)); then
      fail "unit/$unit" "it ended $((now - before[index])) times while it was waited for" "see journalctl -u $unit on the host"
    fi
  done
}

for index in "${!names[@]}"; do
  for ((attempt = 1; ; attempt++)); do
    if said=$(timeout 30 bash -c "${commands[index]}" 2>&1); then break; fi
    still_tried
    if ((SECONDS < progress_seconds[index])) && timeout 30 bash -c "${progress[index]}" >/dev/null 2>&1; then attempt=0; fi
    if ((attempt >= attempts[index])); then
      said=$(tail -n 6 <<<"$said" | tr -s '[:space:]' ' ' | sed 's/ $//')
      fail "check/${names[index]}" "fails after $attempt attempt(s), ${intervals[index]} s apart: $said" "${remedies[index]}"
    fi
    sleep "${intervals[index]}"
  done
done
echo "keybuzz: host $host: takes part"
} </dev/null

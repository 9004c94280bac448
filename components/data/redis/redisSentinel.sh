#!/bin/bash
# Tells the running Sentinel what, but for the password, may have changed since its file was made.
set -euo pipefail

# Given by the program:
master='keybuzz'
sentinel_port=26379
settings=('quorum 2' 'down-after-milliseconds 2000')

# redis-cli exits 0 on an error answer; every answer must be OK.
answers=$(redis-cli -p "$sentinel_port" <<<"$(printf '%s\n' "${settings[@]/#/SENTINEL SET $master }")")
if grep -v '^OK$' <<<"$answers"; then echo 'Sentinel refused a setting' >&2; exit 1; fi

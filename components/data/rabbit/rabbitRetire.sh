#!/bin/bash
# Consumers have their new users: those before go, and with them whatever connection they still have. Idempotent.
set -euo pipefail

# Given by the program:
users=('api')

# How long connections of a retired user may take to go by themselves.
farewell_seconds=60

# Read whole before anything runs, as in rabbitVhosts.sh.
{
retire() { # USER
  if ! rabbitmqctl list_users --quiet --no-table-headers | cut -f1 | grep -x -- "$1" >/dev/null; then return 0; fi
  for ((waited = 0; waited < farewell_seconds; waited += 3)); do
    if ! rabbitmqctl list_connections --quiet --no-table-headers user | grep -x -- "$1" >/dev/null; then break; fi
    sleep 3
  done
  rabbitmqctl delete_user --quiet "$1"
}
for user in "${users[@]}"; do retire "$user"; done
} </dev/null

#!/bin/bash
# Virtual hosts of RabbitMQ, with quorum queues as their default, and one user each; on any member. Idempotent.
# Passwords come by standard input and are set only when they changed.
set -euo pipefail

# Given by the program:
vhosts=('api api password')

# Read whole before anything runs: rabbitmqctl takes whatever is left of standard input, and that is this script.
{
rabbitmqctl await_startup --timeout 300 >/dev/null
if rabbitmqctl list_users --quiet --no-table-headers | cut -f1 | grep -x guest >/dev/null; then rabbitmqctl delete_user --quiet guest; fi
quorum=()
if rabbitmqctl help add_vhost | grep -- --default-queue-type >/dev/null; then quorum=(--default-queue-type quorum); fi
make_vhost() { # NAME
  if ! rabbitmqctl list_vhosts --quiet --no-table-headers | grep -x -- "$1" >/dev/null; then
    rabbitmqctl add_vhost --quiet "$1" "${quorum[@]}"
  fi
}
# Since 3.12.11 its wrapper counts arguments to know whether a password comes: one more, such as --quiet, and it waits for ever.
make_user() { # NAME VHOST, its password on standard input
  local password
  read -r password
  if ! rabbitmqctl list_users --quiet --no-table-headers | cut -f1 | grep -x -- "$1" >/dev/null; then
    rabbitmqctl add_user "$1" <<<"$password" >/dev/null
  elif ! rabbitmqctl authenticate_user "$1" <<<"$password" >/dev/null 2>&1; then
    rabbitmqctl change_password "$1" <<<"$password" >/dev/null
  fi
  rabbitmqctl set_permissions --quiet -p "$2" "$1" ".*" ".*" ".*"
}
for vhost in ${vhosts[@]+"${vhosts[@]}"}; do
  read -r name user password <<<"$vhost"
  make_vhost "$name"
  make_user "$user" "$name" <<<"$password"
done
} </dev/null

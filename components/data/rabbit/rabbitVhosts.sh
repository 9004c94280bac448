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
# Asked as seldom as can be: each of these commands takes more than a second of its own.
look() { there=$(rabbitmqctl list_vhosts --quiet --no-table-headers name default_queue_type); }
queue_type() { awk -F '\t' -v vhost="$1" '$1 == vhost { print $2; exit }' <<<"$there"; } # VHOST
make_vhost() { # NAME
  local found
  found=$(queue_type "$1")
  if [[ $found == quorum ]]; then return 0; fi
  if [[ -z $found ]]; then rabbitmqctl add_vhost --quiet "$1" --default-queue-type quorum; else default_to_quorum "$1"; fi
  look
  found=$(queue_type "$1")
  if [[ $found == quorum ]]; then return 0; fi
  echo "RabbitMQ: virtual host $1: found the default queue type ${found:-none}; allowed: quorum, for any other queue lives on one member; fix: RabbitMQ 3.10 or later, then run again" >&2
  exit 1
}
# Queues that are there stay what they are; new ones are quorum queues. The command for it came after 3.10.
default_to_quorum() { # VHOST
  if rabbitmqctl help | grep -w update_vhost_metadata >/dev/null; then
    rabbitmqctl update_vhost_metadata --quiet "$1" --default-queue-type quorum
  else
    rabbitmqctl eval --quiet "rabbit_misc:execute_mnesia_transaction(fun() -> rabbit_vhost:update_metadata(<<\"$1\">>, fun(Known) -> Known#{default_queue_type => <<\"quorum\">>} end) end)." >/dev/null
  fi
}
look
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

#!/bin/bash
# Succeeds while no keys lie where the first boot put them. sshd does not look there; whoever took the program's file
# away would give an old key its old power.
set -euo pipefail

# Given by the program:
user='keybuzz'

for home in /root "$(getent passwd "$user" | cut -d : -f 6)"; do
  [ ! -e "$home/.ssh/authorized_keys" ] || exit 1
done

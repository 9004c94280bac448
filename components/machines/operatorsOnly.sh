#!/bin/bash
# Succeeds while every operator's account belongs to somebody who is an operator.
set -euo pipefail

# Given by the program:
group='keybuzz-operators'
wanted=('alice' 'bob')

members=$(getent group "$group" | cut -d : -f 4)
for name in ${members//,/ }; do
  printf '%s\n' "${wanted[@]}" | grep -xF -e "$name" >/dev/null || exit 1
done

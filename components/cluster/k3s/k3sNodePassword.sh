#!/bin/bash
# K3s admits a node under a known name only with the password of its first time (docs.k3s.io, node registration).
set -euo pipefail

# Given by the program:
path='/etc/rancher/node/password'
password='secret'

umask 077
mkdir -p "$(dirname "$path")"
printf '%s\n' "$password" >"$path.new"
mv "$path.new" "$path"

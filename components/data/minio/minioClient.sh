#!/bin/bash
# `mc` for the object store under the alias "store", its password in the environment only.
set -euo pipefail
umask 077

# Given by the program:
store='http://keybuzz-root:password@10.0.0.134:9000'
client='/usr/local/bin/mc'

MC_CONFIG_DIR=$(mktemp -d)
export MC_CONFIG_DIR
trap 'rm -rf "$MC_CONFIG_DIR"' EXIT
export MC_HOST_store=$store
mc() { "$client" --quiet "$@"; }
mc ready store >/dev/null


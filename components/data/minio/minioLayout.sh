#!/bin/bash
# May this machine be one of several that share their objects? Before anything of it is touched.
set -euo pipefail

# Given by the program:
data='/var/lib/minio/data'

refuse() { # FOUND FIX
  echo "MinIO: found $1; allowed: for several machines, an empty volume of its own below $data on each; fix: $2 (docs/operate.md, More machines for MinIO)" >&2
  exit 1
}
# What MinIO writes where it has one drive; it cannot be expanded, and would be overwritten by nothing.
if grep -qs '"format":"xl-single"' "$data/.minio.sys/format.json"; then
  refuse "the objects of a single machine in $data" "make the new store beside it, and copy"
fi
directory=$data
until [[ -e $directory ]]; do directory=$(dirname "$directory"); done
if [[ $(findmnt -n -o TARGET --target "$directory") == / ]]; then
  refuse "$data on the root disk, which MinIO refuses to share" "mount a volume there"
fi

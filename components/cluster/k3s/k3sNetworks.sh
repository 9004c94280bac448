#!/bin/bash
# Stops, before anything is changed, on a server whose cluster gives its pods or Services other addresses than it is to:
# what runs keeps those that it has, and nobody reaches it by the new ones.
set -euo pipefail

# Given by the program:
readonly HOST='k3s-master-01'
readonly CONFIG='/etc/rancher/k3s/config.yaml'
readonly PODS='10.42.0.0/16'
readonly SERVICES='10.43.0.0/16'

# Absent: a new machine.
[[ -e "$CONFIG" ]] || exit 0

same() { # KEY WANTED SETTING
  local present
  present="$(sed -n "s/^$1: *\"\{0,1\}\([^\"]*\)\"\{0,1\}\$/\1/p" "$CONFIG")"
  if [[ -z "$present" || "$present" == "$2" ]]; then return 0; fi
  echo "$HOST is of a cluster with $1 $present ($CONFIG) and is to have $2: leave $3; another range is another cluster. Nothing was changed on it" >&2
  exit 1
}
same cluster-cidr "$PODS" network.podCidr
same service-cidr "$SERVICES" network.serviceCidr

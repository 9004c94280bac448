#!/bin/bash
# Galera: every member is synced, and they see each other.
set -euo pipefail

# Given by the program:
member_count=3

whole() {
  local state
  state=$(timeout 5 mariadb -N -B -e "SELECT GROUP_CONCAT(VARIABLE_VALUE ORDER BY VARIABLE_NAME) FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME IN ('WSREP_CLUSTER_SIZE', 'WSREP_LOCAL_STATE', 'WSREP_READY')")
  [[ $state == "$member_count,4,ON" ]] || { echo "size, state, ready: $state instead of $member_count,4,ON"; return 1; }
}


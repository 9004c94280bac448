#!/bin/bash
# When a member of Galera is ill, and how it restarts.
set -euo pipefail

# OFF is not "without a majority": that one is connected. It never connects again by itself.
ill() { [[ "$(timeout 5 mariadb -N -B -e "SHOW STATUS LIKE 'wsrep_connected'" 2>/dev/null)" == *OFF ]]; }

# It may wait long for its data.
restart() { systemctl --no-block restart mariadb.service; }


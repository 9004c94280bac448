#!/bin/bash
# RabbitMQ: every node runs, and none is the last that a queue's quorum needs.
set -euo pipefail

# Given by the program:
member_count=3

# Each of these commands takes more than a second of its own: as few as possible.
whole() {
  local running
  running=$(rabbitmqctl -q cluster_status --formatter json | python3 -c 'import json, sys; print(len(json.load(sys.stdin)["running_nodes"]))')
  [[ $running == "$member_count" ]] || { echo "$running of $member_count nodes run"; return 1; }
  if ((member_count > 1)); then rabbitmq-diagnostics -q check_if_node_is_quorum_critical; fi
}


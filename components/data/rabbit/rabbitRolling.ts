import type { HostRef } from "../../topology/party";
import type { RollingRestart } from "../rollingRestart";

/** RabbitMQ: every node runs, and none is needed for a majority of a queue. */
export function rabbitRolling(members: readonly HostRef[]): RollingRestart {
  return {
    cluster: "RabbitMQ",
    units: ["rabbitmq-server.service"],
    // Each of these commands takes more than a second of its own: as few as possible.
    whole: `local running
running=$(rabbitmqctl -q cluster_status --formatter json | python3 -c 'import json, sys; print(len(json.load(sys.stdin)["running_nodes"]))')
[[ $running == ${members.length} ]] || { echo "$running of ${members.length} nodes run"; return 1; }
${members.length > 1 ? "rabbitmq-diagnostics -q check_if_node_is_quorum_critical" : ""}`,
  };
}

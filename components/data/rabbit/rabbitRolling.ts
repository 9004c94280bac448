import { join } from "node:path";
import { shellScript } from "../../machines/shellScript";
import type { HostRef } from "../../topology/party";
import type { RollingRestart } from "../rollingRestart";

/** RabbitMQ: every node runs, and none is the last that a queue's quorum needs. */
export function rabbitRolling(members: readonly HostRef[]): RollingRestart {
  return {
    cluster: "RabbitMQ",
    units: ["rabbitmq-server.service"],
    functions: shellScript(join(__dirname, "rabbitRolling.sh"), { member_count: members.length }),
  };
}

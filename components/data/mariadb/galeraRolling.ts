import { join } from "node:path";
import { shellScript } from "../../machines/shellScript";
import type { HostRef } from "../../topology/party";
import type { RollingRestart } from "../rollingRestart";

/** Galera: every member is synced, and they see each other. */
export function galeraRolling(members: readonly HostRef[]): RollingRestart {
  return {
    cluster: "MariaDB",
    units: ["mariadb.service"],
    functions: shellScript(join(__dirname, "galeraRolling.sh"), { member_count: members.length }),
    // ProxySQL writes to the first that is synced: so the writer moves once, and back.
    lastFirst: true,
  };
}

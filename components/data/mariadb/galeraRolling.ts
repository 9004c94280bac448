import type { HostRef } from "../../topology/party";
import type { RollingRestart } from "../rollingRestart";

/** Galera: every member is synced, and they see each other. */
export function galeraRolling(members: readonly HostRef[]): RollingRestart {
  return {
    cluster: "MariaDB",
    units: ["mariadb.service"],
    // ProxySQL writes to the first that is synced: so the writer moves once, and back.
    lastFirst: true,
    whole: `local state
state=$(timeout 5 mariadb -N -B -e "SELECT GROUP_CONCAT(VARIABLE_VALUE ORDER BY VARIABLE_NAME) FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME IN ('WSREP_CLUSTER_SIZE', 'WSREP_LOCAL_STATE', 'WSREP_READY')")
[[ $state == "${members.length},4,ON" ]] || { echo "size, state, ready: $state instead of ${members.length},4,ON"; return 1; }`,
  };
}

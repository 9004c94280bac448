import { join } from "node:path";
import { shellScript } from "../../machines/shellScript";
import type { HostRef } from "../../topology/party";
import { GALERA_PORTS, WSREP_STATE_PORT } from "./galeraConfig";

/** Read by mariadb.service: with it, the start begins a cluster. */
export const GALERA_BEGIN_FILE = "/run/mariadb-wsrep-new-cluster";
/** Where the last transaction of a member that waits for its start stands: UUID:SEQNO. Absent while it runs. */
export const GALERA_POSITION_FILE = "/run/keybuzz-galera-position";
export const GALERA_STATE_UNIT = "keybuzz-wsrep-state";
/** Answers other members whether this one has data, before MariaDB runs. */
export const GALERA_STATE_SOCKET = `${GALERA_STATE_UNIT}.socket`;

/** True of a saved state that names a cluster (all zeros: none): its member has data. */
const NAMES_CLUSTER = "^uuid: *[0-9a-f-]*[1-9a-f]";

export interface GaleraStartArgs {
  readonly host: HostRef;
  readonly members: readonly HostRef[];
}

/**
 * Runs before each start of MariaDB and decides whether this member begins a cluster. It does when nobody runs, and
 * - it was the last to leave an orderly stopped cluster, and nobody is known to have more transactions, or
 * - every member waits for its start, and none has more transactions (the first of several equals), or
 * - no member has data, and this is the first, or
 * - an operator says so by `galera_new_cluster`, also while it waits.
 *
 * Everything else joins, or waits and says for whom: a first member that lost its disk never begins a second cluster
 * beside the others' data, and a member that has not said what it has is waited for.
 *
 * Galera keeps the view of before in gvwstate.dat, and with it waits for that view's members without end
 * (github.com/percona/percona-xtradb-cluster/pull/1770). It is needed in one case alone, to meet a member that runs
 * without a majority; otherwise it is removed, and a start that finds no cluster ends after half a minute and is tried
 * again.
 */
export function galeraStartScript({ host, members }: GaleraStartArgs): string {
  const rank = members.findIndex(({ name }) => name === host.name);
  return shellScript(join(__dirname, "galeraStart.sh"), {
    begin: GALERA_BEGIN_FILE,
    position: GALERA_POSITION_FILE,
    rank,
    others: members.flatMap(({ address }, index) => (index === rank ? [] : [`${address} ${index}`])),
    names_cluster: NAMES_CLUSTER,
    state_socket: GALERA_STATE_SOCKET,
    state_port: WSREP_STATE_PORT,
    replication_port: GALERA_PORTS.replication,
  });
}

/**
 * Answers one HTTP request: 200 while this member is synced and takes queries; the body says whether it has data,
 * and where its last transaction stands. Run per connection by systemd.
 */
export function wsrepStateScript(): string {
  return shellScript(join(__dirname, "wsrepState.sh"), {
    position: GALERA_POSITION_FILE,
    names_cluster: NAMES_CLUSTER,
  });
}

import { join } from "node:path";
import type { HostConfigPart } from "../../machines/hostConfig";
import { shellScript } from "../../machines/shellScript";
import type { HostRef } from "../../topology/party";
import { revival, type RevivalArgs } from "../revival";

/**
 * A member that cannot go on leaves the cluster, "node restart required", and its daemon runs on, without a cluster and
 * without end. Seen on real machines, twice in some sixty starts of a whole cluster: two members join at once, one
 * gets its missing transactions from the other, and that one does not have them all ("IST didn't contain all write
 * sets", Galera 26.4.23). It joins when it is started again.
 */
export function galeraRevival(members: readonly HostRef[]): HostConfigPart {
  return members.length < 2 ? {} : revival(GALERA_REVIVAL);
}

export const GALERA_REVIVAL: RevivalArgs = {
  name: "mariadb",
  service: "MariaDB",
  unit: "mariadb.service",
  functions: shellScript(join(__dirname, "galeraRevival.sh")),
  complaint: "MariaDB has left its cluster",
  patienceSeconds: 10,
};

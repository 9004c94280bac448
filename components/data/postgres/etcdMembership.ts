import { join } from "node:path";
import type { UnitSpec } from "../../machines/hostConfig";
import { shellScript } from "../../machines/shellScript";
import type { HostRef } from "../../topology/party";
import { stateUnits } from "../stateUnits";
import { ETCD_DATA, ETCD_TLS, etcdPeer } from "./etcdConfig";
import { ETCD_CLIENT_PORT } from "./patroniConfig";

/** Port on which each member says whether it has data, whether etcd runs or not. */
export const ETCD_STATE_PORT = 2378;
const STATE_UNIT = "keybuzz-etcd-state";
export const ETCD_STATE_SOCKET = `${STATE_UNIT}.socket`;
export const ETCD_MEMBERSHIP_SCRIPT = "/usr/local/sbin/keybuzz-etcd-membership";
/** What the script has decided, as settings of etcd that win over those of its configuration. Absent: nothing. */
const DECISION = "/run/keybuzz-etcd-membership";

/**
 * Runs before each start of etcd. A member with data goes on with it. One without
 * - begins the cluster where *every* other says that it has none either;
 * - joins where the others have a majority: as it is where it never took part, otherwise its former self is taken out
 *   first, because etcd refuses a member that comes back without what it had promised ("already been bootstrapped",
 *   github.com/etcd-io/etcd/issues/5422);
 * - waits, fails, and says for whom, otherwise. Silence is never taken for absence: empty beside members with data, it
 *   would give its vote twice.
 */
export function etcdMembershipScript(host: HostRef, members: readonly HostRef[]): string {
  return shellScript(join(__dirname, "etcdMembership.sh"), {
    NAME: host.name,
    PEER: etcdPeer(host),
    DATA: ETCD_DATA,
    DECISION,
    BEGINNING: `${ETCD_DATA}.beginning`,
    STATE_PORT: ETCD_STATE_PORT,
    CLIENT_PORT: ETCD_CLIENT_PORT,
    OTHERS: members.flatMap(({ name, address }) => (name === host.name ? [] : [`${name} ${address}`])),
    CA: ETCD_TLS.ca,
    CERT: ETCD_TLS.cert,
    KEY: ETCD_TLS.key,
  });
}

/** Of etcd.service: asks the script before, and tells it when there is a majority. */
export const ETCD_MEMBERSHIP_DROP_IN = [
  `EnvironmentFile=-${DECISION}`,
  `ExecStartPre=+${ETCD_MEMBERSHIP_SCRIPT} decide`,
  `ExecStartPost=+${ETCD_MEMBERSHIP_SCRIPT} ready`,
].join("\n");

/** Answer the other members' question. */
export function etcdStateUnits(host: HostRef): readonly UnitSpec[] {
  return stateUnits({
    name: STATE_UNIT,
    address: host.address,
    port: ETCD_STATE_PORT,
    user: "etcd",
    command: `${ETCD_MEMBERSHIP_SCRIPT} answer`,
    says: "Says whether this member of etcd has data",
    answers: "Answers one question about this member of etcd",
  });
}

import type { HostRef } from "../../topology/party";
import { REDIS_FILES, REDIS_PORT, SENTINEL_MASTER, SENTINEL_PORT } from "./redisConfig";

/**
 * A new password for everybody, without a restart and without a moment in which anybody is refused:
 * 1. each member accepts it beside the old one (acceptPassword, in its host's script);
 * 2. then replicas and Sentinels use it (usePasswordScript, once all members accept it), and consumers after them;
 * 3. when no consumer has the old one any more, it is refused (retirePasswordScript).
 *
 * In the files stands the new one alone: a member that restarts in between refuses consumers that have the old one.
 */

/** Redis' answers on standard input, one a line: all of them must be OK. */
const ALL_OK = "awk '$0 != \"OK\" { bad = 1 } END { exit bad || NR == 0 }'";

/** Bash commands for the member itself: its Redis accepts the password beside what it accepted before. */
export function acceptPassword(password: string): readonly string[] {
  return [
    "accept() {",
    `  REDISCLI_AUTH=$1 redis-cli --no-auth-warning <<<'ACL SETUSER default >${password}' | ${ALL_OK}`,
    "}",
    // A member that was restarted since its files changed knows the new one only.
    `accepted=0`,
    `for known in "$(cat ${REDIS_FILES.known} 2>/dev/null)" '${password}'; do`,
    '  if accept "$known"; then accepted=1; break; fi',
    "done",
    `if ((accepted == 0)); then echo 'Redis accepts neither the new password nor that in ${REDIS_FILES.known}: restart it when the others are well' >&2; exit 1; fi`,
    `(umask 077; cat >${REDIS_FILES.known}.new <<<'${password}'; mv ${REDIS_FILES.known}.new ${REDIS_FILES.known})`,
  ];
}

/** For any member, once all accept the password: replicas and Sentinels log in with it. Idempotent. */
export function usePasswordScript(members: readonly HostRef[], password: string): string {
  return [
    ...onEachMember(members, password, `CONFIG SET masterauth ${password}`),
    `for member in ${addresses(members)}; do`,
    // Only an answer that differs is told apart: what a Sentinel is set to cannot be asked for everywhere.
    `  redis-cli -h "$member" -p ${SENTINEL_PORT} <<<'SENTINEL SET ${SENTINEL_MASTER} auth-pass ${password}' | ${ALL_OK} || failed "$member" 'its Sentinel does not take the password'`,
    "done",
    "",
  ].join("\n");
}

/** For any member, once no consumer has the old password: it is refused. Idempotent. */
export function retirePasswordScript(members: readonly HostRef[], password: string): string {
  return [...onEachMember(members, password, `ACL SETUSER default resetpass >${password}`), ""].join("\n");
}

function onEachMember(members: readonly HostRef[], password: string, command: string): readonly string[] {
  return [
    "set -euo pipefail",
    'failed() { echo "Redis: $1: $2; remedy: see journalctl -u redis-server -u redis-sentinel there, then run again" >&2; exit 1; }',
    `for member in ${addresses(members)}; do`,
    `  REDISCLI_AUTH='${password}' redis-cli --no-auth-warning -h "$member" -p ${REDIS_PORT} <<<'${command}' | ${ALL_OK} || failed "$member" 'it does not take the command'`,
    "done",
  ];
}

const addresses = (members: readonly HostRef[]): string => members.map(({ address }) => address).join(" ");

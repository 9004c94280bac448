import { join } from "node:path";
import { shellScript } from "../../machines/shellScript";
import type { HostRef } from "../../topology/party";
import { REDIS_FILES, REDIS_PORT, SENTINEL_MASTER, SENTINEL_PORT } from "./redisConfig";

/**
 * A new password for everybody, without a restart and without a moment in which anybody is refused:
 * 1. each member accepts it beside the old one (acceptPasswordScript, in its host's script);
 * 2. then replicas and Sentinels use it (usePasswordScript, once all members accept it), and consumers after them;
 * 3. when no consumer has the old one any more, it is refused (retirePasswordScript).
 *
 * In the files stands the new one alone: a member that restarts in between refuses consumers that have the old one.
 */

const ANSWERS = shellScript(join(__dirname, "redisAnswers.sh"));

/** Bash for the member itself: its Redis accepts the password beside what it accepted before. */
export function acceptPasswordScript(password: string): string {
  return ANSWERS + shellScript(join(__dirname, "redisAcceptPassword.sh"), { password, known_file: REDIS_FILES.known });
}

/** For any member, once all accept the password: replicas and Sentinels log in with it. Idempotent. */
export function usePasswordScript(members: readonly HostRef[], password: string): string {
  return tellMembers("use", members, password);
}

/** For any member, once no consumer has the old password: it is refused. Idempotent. */
export function retirePasswordScript(members: readonly HostRef[], password: string): string {
  return tellMembers("retire", members, password);
}

function tellMembers(act: "use" | "retire", members: readonly HostRef[], password: string): string {
  return (
    ANSWERS +
    shellScript(join(__dirname, "redisMembers.sh"), {
      act,
      members: members.map(({ address }) => address),
      master: SENTINEL_MASTER,
      redis_port: REDIS_PORT,
      sentinel_port: SENTINEL_PORT,
      password,
    })
  );
}

import { join } from "node:path";
import { shellScript } from "../../machines/shellScript";
import type { HostRef } from "../../topology/party";
import { accountRules, REDIS_CHECK_USER, REDIS_MEMBER_USER, REDIS_OLDEST, type RedisAccount } from "./redisAccounts";
import { REDIS_FILES, REDIS_PORT, SENTINEL_MASTER, SENTINEL_PORT } from "./redisConfig";

/**
 * A new password for everybody, without a restart and without a moment in which anybody is refused:
 * 1. each member accepts it beside the old one (acceptScript, in its host's script);
 * 2. then, of the members' own account, replicas and Sentinels use it (usePasswordScript, once all members accept it);
 *    of a consumer's, the consumer;
 * 3. when nobody has the old one any more, it is refused (retireScript).
 *
 * In the files stands the new one alone: a member that restarts in between refuses whoever has the old one.
 */

const ANSWERS = shellScript(join(__dirname, "redisAnswers.sh"));

/** Bash for the member itself: its Redis knows the accounts, and accepts their passwords beside what it accepted before. */
export function acceptScript(password: string, accounts: readonly RedisAccount[]): string {
  const script = shellScript(join(__dirname, "redisAccounts.sh"), {
    password,
    accounts: accounts.map(accountRules),
    others: [REDIS_MEMBER_USER, REDIS_CHECK_USER],
    known_file: REDIS_FILES.known,
    oldest: REDIS_OLDEST,
  });
  return ANSWERS + script;
}

/** For any member, once all accept the password: replicas and Sentinels log in with it. Idempotent. */
export function usePasswordScript(members: readonly HostRef[], password: string): string {
  return tellMembers("use", members, password);
}

/**
 * For any member, once nobody has these accounts' passwords of before: they are refused. Idempotent.
 *
 * @param password of the members' own account
 */
export function retireScript(
  members: readonly HostRef[],
  password: string,
  accounts: readonly Pick<RedisAccount, "name" | "password">[],
): string {
  return tellMembers("retire", members, password, accounts);
}

function tellMembers(
  act: "use" | "retire",
  members: readonly HostRef[],
  password: string,
  accounts: readonly Pick<RedisAccount, "name" | "password">[] = [],
): string {
  return (
    ANSWERS +
    shellScript(join(__dirname, "redisMembers.sh"), {
      act,
      members: members.map(({ address }) => address),
      master: SENTINEL_MASTER,
      redis_port: REDIS_PORT,
      sentinel_port: SENTINEL_PORT,
      password,
      accounts: accounts.map((account) => `${account.name} resetpass >${account.password}`),
    })
  );
}

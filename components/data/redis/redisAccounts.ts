import { refuse, shown, type Mistake } from "../../mistakes";

/**
 * What one consumer may touch. Redis' numbered databases are no border: whoever may read a key may read it in all of
 * them. So each consumer has keys and channels that are nobody else's, by name: "queues", or by beginning: "queue:*".
 */
export interface RedisGrants {
  readonly keys: readonly string[];
  /** PSUBSCRIBE asks for its very pattern: "bull:jobs:waiting*" beside "bull:*". */
  readonly channels: readonly string[];
  /** Beyond CONSUMER_COMMANDS: "+keys". Default: none. */
  readonly commands?: readonly string[];
}

export interface RedisAccount extends RedisGrants {
  readonly name: string;
  /** A secret placeholder. */
  readonly password: string;
}

/** The members' own account, with all rights: replicas, Sentinels and this program have it, no consumer. */
export const REDIS_MEMBER_USER = "default";

/** Of HAProxy's check and of the monitoring: PING and INFO. */
export const REDIS_CHECK_USER = "haproxy";

/** The oldest Redis whose rules know channels and subcommands. */
export const REDIS_OLDEST = 7;

/**
 * Data, and what a connection needs. Not among them: ACL, CONFIG, DEBUG, FLUSHALL, KEYS, MONITOR, REPLICAOF, SHUTDOWN,
 * SORT and the like (@dangerous), and what all scripts share. INFO tells Sidekiq, Bull and Celery the version.
 */
const CONSUMER_COMMANDS = [
  "-@all",
  ...["read", "write", "keyspace", "blocking", "pubsub", "transaction", "scripting", "connection"].map((c) => `+@${c}`),
  "-@admin",
  "-@dangerous",
  "-function",
  "-script|flush",
  "-script|kill",
  "+info",
] as const;

/** A consumer that says nothing of its keys has those that begin with its name. */
export function usualGrants(owner: string): RedisGrants {
  return { keys: [`${owner}:*`], channels: [`${owner}:*`] };
}

/** The account as Redis' configuration and ACL SETUSER have it. Passwords that it has already stay. */
export function accountRules({ name, password, keys, channels, commands = [] }: RedisAccount): string {
  return [
    name,
    "on",
    `>${password}`,
    "resetkeys",
    ...keys.map((key) => `~${key}`),
    "resetchannels",
    ...channels.map((channel) => `&${channel}`),
    ...CONSUMER_COMMANDS,
    ...commands,
  ].join(" ");
}

const NAME = /^[a-z][a-z0-9-]{0,62}$/;
/** Of keys or channels: a name, or a beginning and "*". */
export const GRANT = /^[A-Za-z0-9_][A-Za-z0-9_:.|/-]*\*?$/;

/** @throws MistakesError when an owner's name or grants are none, or another owner has them. */
export function assertGrants(owner: string, grants: RedisGrants, others: ReadonlyMap<string, RedisGrants>): void {
  const reserved: readonly string[] = [REDIS_MEMBER_USER, REDIS_CHECK_USER];
  const badName: readonly Mistake[] =
    NAME.test(owner) && !reserved.includes(owner)
      ? []
      : [
          {
            path: "redis.owner",
            found: shown(owner),
            allowed: `lower-case letters, digits and hyphens; not ${reserved.join(", ")}, which are Redis' own`,
            fix: "choose another name",
          },
        ];
  const kinds = ["keys", "channels"] as const;
  refuse(`Redis' account of "${owner}"`, [
    ...badName,
    ...kinds.flatMap((kind) =>
      grants[kind].flatMap((pattern): readonly Mistake[] => {
        const path = `redis.${kind}`;
        if (!GRANT.test(pattern))
          return [
            { path, found: shown(pattern), allowed: 'a name, or a beginning and "*": "shop:*"', fix: "name it so" },
          ];
        const [whose] = [...others].find(([, theirs]) => theirs[kind].some((one) => overlap(one, pattern))) ?? [];
        if (whose === undefined || whose === owner) return [];
        return [
          {
            path,
            found: `${shown(pattern)}, which is ${whose}'s too`,
            allowed: "keys and channels that nobody else has",
            fix: "let one of them put another prefix before its keys",
          },
        ];
      }),
    ),
  ]);
}

/** Is there a name that both mean? */
function overlap(a: string, b: string): boolean {
  const within = (one: string, other: string): boolean => other.endsWith("*") && one.startsWith(other.slice(0, -1));
  return a === b || within(a, b) || within(b, a);
}

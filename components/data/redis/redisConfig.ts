import { join } from "node:path";
import { shellScript } from "../../machines/shellScript";
import type { HostRef } from "../../topology/party";
import { accountRules, REDIS_CHECK_USER, type RedisAccount } from "./redisAccounts";

export const REDIS_PORT = 6379;
export const SENTINEL_PORT = 26379;
/** Name under which Sentinel knows the primary. Clients that use Sentinel need it. */
export const SENTINEL_MASTER = "keybuzz";

export const REDIS_FILES = {
  /** Ours: what Redis must be. Read last, so that nothing Redis writes itself can override it. */
  settings: "/etc/redis/keybuzz.conf",
  /** Ours: passwords, which a running Redis takes on without a restart. */
  passwords: "/etc/redis/keybuzz-passwords.conf",
  /** The password with which this member's Redis can be told another: the last one that it was told. */
  known: "/var/lib/keybuzz-redis-password",
  /** Redis' own: whom it follows. Sentinel makes it rewrite this file. */
  state: "/var/lib/redis/redis.conf",
  sentinelState: "/var/lib/redis/sentinel.conf",
  seed: "/usr/local/sbin/keybuzz-redis-seed",
  role: "/usr/local/sbin/keybuzz-redis-role",
} as const;

const REDIS_DATA = "/var/lib/redis";

export interface RedisConfigArgs {
  readonly host: HostRef;
  readonly members: readonly HostRef[];
  /** GiB of the smallest member. */
  readonly memoryGb: number;
  /** Secret placeholders. Of the members' own account: */
  readonly password: string;
  readonly checkPassword: string;
  /** Of the consumers. */
  readonly accounts: readonly RedisAccount[];
}

/** A replica that is silent for so long does not count; the primary without one refuses writes. */
const REPLICA_LAG_SECONDS = 5;
/** Sentinel takes the primary for dead after so long without an answer. */
const DOWN_AFTER_MS = 2000;
/**
 * Twice so long the Sentinels wait after one attempt before the next: after a vote that nobody won (each of two may
 * vote for itself), and when the new primary dies soon after the old one. Sentinel's own default is 180 s.
 */
const FAILOVER_TIMEOUT_MS = 4000;

/** /etc/redis/keybuzz-passwords.conf */
export function redisPasswords({ password, checkPassword, accounts }: RedisConfigArgs): string {
  return [
    `requirepass ${password}`,
    `masterauth ${password}`,
    `user ${REDIS_CHECK_USER} on >${checkPassword} resetkeys -@all +ping +info`,
    ...accounts.map((account) => `user ${accountRules(account)}`),
    "",
  ].join("\n");
}

/** /etc/redis/keybuzz.conf. Only directives that Redis 7.0 (Debian 12) to 8.0 (Debian 13) understand alike. */
export function redisConfig(args: RedisConfigArgs): string {
  const { host, members, memoryGb } = args;
  // Sixty per cent: a rewrite of the append-only file may need a copy of what changes meanwhile.
  const maxMemoryMb = Math.floor(memoryGb * 1024 * 0.6);
  return [
    `bind ${host.address} 127.0.0.1`,
    `port ${REDIS_PORT}`,
    "protected-mode yes",
    "tcp-keepalive 60",
    "timeout 0",
    "dir /var/lib/redis",
    "appendonly yes",
    "appendfsync everysec",
    "save 3600 1 300 100",
    `maxmemory ${maxMemoryMb}mb`,
    "# Job queues live here: refusing a write is better than losing a job.",
    "maxmemory-policy noeviction",
    "repl-diskless-sync yes",
    "# A replica that comes back does not wait five seconds for others that might.",
    "repl-diskless-sync-delay 1",
    "repl-backlog-size 64mb",
    "repl-timeout 10",
    "repl-ping-replica-period 2",
    `replica-announce-ip ${host.address}`,
    ...(members.length > 1
      ? [
          "# An isolated primary stops taking writes that the next one would not have.",
          "min-replicas-to-write 1",
          `min-replicas-max-lag ${REPLICA_LAG_SECONDS}`,
        ]
      : []),
    `include ${REDIS_FILES.passwords}`,
    "",
  ].join("\n");
}

/** Votes that it takes to call the primary dead, and to name another one: a majority of the Sentinels. */
export function sentinelQuorum(members: number): number {
  return Math.floor(members / 2) + 1;
}

/** A number that each Sentinel must have for itself, and keep: derived from its address. */
function sentinelSettings({ host, members, password }: RedisConfigArgs): readonly string[] {
  return [
    `bind ${host.address} 127.0.0.1`,
    `port ${SENTINEL_PORT}`,
    "protected-mode no",
    "dir /var/lib/redis",
    `sentinel announce-ip ${host.address}`,
    `sentinel monitor ${SENTINEL_MASTER} PRIMARY ${REDIS_PORT} ${sentinelQuorum(members.length)}`,
    `sentinel auth-pass ${SENTINEL_MASTER} ${password}`,
    `sentinel down-after-milliseconds ${SENTINEL_MASTER} ${DOWN_AFTER_MS}`,
    `sentinel failover-timeout ${SENTINEL_MASTER} ${FAILOVER_TIMEOUT_MS}`,
    `sentinel parallel-syncs ${SENTINEL_MASTER} 1`,
  ];
}

/**
 * Bash that makes the two files that Redis and Sentinel keep themselves, where they are missing. A new member
 * asks the other Sentinels who leads now; only when none answers is the first member the primary.
 */
export function redisSeedScript(args: RedisConfigArgs): string {
  const { host, members } = args;
  return shellScript(join(__dirname, "redisSeed.sh"), {
    address: host.address,
    first: members[0]?.address ?? host.address,
    others: members.filter(({ name }) => name !== host.name).map(({ address }) => address),
    master: SENTINEL_MASTER,
    redis_port: REDIS_PORT,
    sentinel_port: SENTINEL_PORT,
    settings: REDIS_FILES.settings,
    state: REDIS_FILES.state,
    sentinel_state: REDIS_FILES.sentinelState,
    sentinel_settings: sentinelSettings(args),
  });
}

/** Bash that runs before Redis starts: whom it follows is what the majority of the Sentinels says. */
export function redisRoleScript({ host, members }: Pick<RedisConfigArgs, "host" | "members">): string {
  return shellScript(join(__dirname, "redisRole.sh"), {
    address: host.address,
    members: members.map(({ address }) => address),
    quorum: sentinelQuorum(members.length),
    master: SENTINEL_MASTER,
    redis_port: REDIS_PORT,
    sentinel_port: SENTINEL_PORT,
    state: REDIS_FILES.state,
    data: REDIS_DATA,
  });
}

/** Bash for the member itself: tells its Sentinel what, but for the password, may have changed since its file was made. */
export function sentinelUpdateScript({ members }: RedisConfigArgs): string {
  return shellScript(join(__dirname, "redisSentinel.sh"), {
    master: SENTINEL_MASTER,
    sentinel_port: SENTINEL_PORT,
    settings: [
      `quorum ${sentinelQuorum(members.length)}`,
      `down-after-milliseconds ${DOWN_AFTER_MS}`,
      `failover-timeout ${FAILOVER_TIMEOUT_MS}`,
    ],
  });
}

import type { RedisGrants } from "../data/redis/redisAccounts";

/**
 * Which of Redis' numbered databases belongs to which application, on or off. Chatwoot's is the running estate's. The
 * others are free for applications of `apps`, which name theirs in the environment.
 */
export const REDIS_INDEX = {
  chatwoot: 0,
  n8n: 2,
  supersetQueue: 3,
  supersetCache: 4,
  erpNextCache: 14,
  erpNextQueue: 15,
} as const;

/**
 * What the account of each may touch, where its makers' code says. Names that end in "*" are beginnings.
 * - Chatwoot (lib/redis, Sidekiq 6.5 with sidekiq-cron, ActionCable); Sidekiq's processes are named like their pods.
 * - n8n: Bull's queue "jobs" with its default prefix, and n8n's own keys and channels.
 * - Superset: its caches' prefixes, and Celery's, whose keys all have the prefix that superset_config.py gives them.
 * - ERPNext: Frappe puts its database's name before its keys, but before the list of its assets; RQ has "rq:". It
 *   looks for keys by KEYS.
 */
export const REDIS_GRANTS = {
  chatwoot: {
    keys: [
      ...["alfred:*", "velma:*", "chatwoot-worker-*"],
      ...["queues", "queue:*", "schedule", "retry", "dead", "processes", "stat:*", "cron_job:*", "cron_jobs*"],
    ],
    channels: ["chatwoot_production_action_cable:*", "_action_cable_internal"],
  },
  n8n: {
    keys: ["bull:*", "n8n:*"],
    channels: [
      "bull:*",
      ...["waiting", "active", "stalled", "duplicated"].map((event) => `bull:jobs:${event}*`),
      "n8n*",
    ],
  },
  superset: {
    keys: ["superset*"],
    channels: [
      "superset:*",
      `superset:/${REDIS_INDEX.supersetQueue}.celery.pidbox`,
      `superset:/${REDIS_INDEX.supersetQueue}.celeryev/worker.*`,
    ],
  },
  erpNext: { keys: ["erpnext|*", "assets_json", "rq:*"], channels: ["events", "rq:*"], commands: ["+keys"] },
} as const satisfies Readonly<Record<string, RedisGrants>>;

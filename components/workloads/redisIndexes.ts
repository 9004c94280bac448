/**
 * Which of Redis' numbered databases belongs to which application. Chatwoot's is the running estate's.
 * Connectors name theirs in the environment.
 */
export const REDIS_INDEX = {
  chatwoot: 0,
  keybuzzApi: 1,
  n8n: 2,
  supersetQueue: 3,
  supersetCache: 4,
  erpNextCache: 14,
  erpNextQueue: 15,
} as const;
/** Those between are free for connectors. */
export const FIRST_FREE_REDIS_INDEX = 5;
export const LAST_FREE_REDIS_INDEX = 13;

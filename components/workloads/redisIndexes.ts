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

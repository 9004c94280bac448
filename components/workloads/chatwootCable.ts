/** In the place of the image's own. */
export const CABLE_FILE = "/app/config/cable.yml";

/**
 * Seconds before each further attempt: three minutes in all. Sentinel's failover and the balancer's checks take well
 * below one.
 */
const RECONNECT_DELAYS_SECONDS = [0, 1, 1, 1, 2, 2, 3, ...Array.from({ length: 34 }, () => 5)] as const;

/**
 * ActionCable's configuration. Chatwoot v3.12.0's own is the same but for reconnect_attempts (config/cable.yml): without
 * it the subscription is tried once more when Redis is gone, and then ends for ever, while browsers' sockets stay open
 * and get nothing any more (chatwoot#14705, mended upstream by the same setting in chatwoot#14704). A list is seconds
 * between attempts (rails/rails#46562, in Rails from 7.0.5 on; v3.12.0 has 7.0.8).
 */
export const CABLE_CONFIG = `production:
  adapter: redis
  url: <%= ENV.fetch("REDIS_URL").inspect %>
  password: <%= ENV.fetch("REDIS_PASSWORD").inspect %>
  channel_prefix: chatwoot_production_action_cable
  reconnect_attempts: [${RECONNECT_DELAYS_SECONDS.join(", ")}]
`;

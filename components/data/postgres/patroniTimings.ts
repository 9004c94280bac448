/** How fast Patroni notices a dead leader. Seconds. */
export interface PatroniTimings {
  /** Life of the leader's key: after a power cut, nobody leads for at most so long. */
  readonly ttl: number;
  /** Pause between two looks of each member at the cluster; also how often the leader renews its key. */
  readonly loopWait: number;
  /** How long the leader keeps trying to renew its key before it demotes itself. */
  readonly retryTimeout: number;
}

/**
 * The series of Patroni. Debian 12 has 3.0.2; PGDG, Ubuntu 24.04 and Debian 13 have 3.2 or later, which raises any ttl
 * below 20 to 20 (patroni/config.py, _validate_and_adjust_timeouts).
 */
export type PatroniSeries = "3.0" | "3.2+";

/**
 * Section of Patroni's configuration, i.e. etcd's API. 3.0.2 renews its leader key by etcd3 with an unconditional
 * put: a leader that was cut off takes the key back from the new one when the network returns, and both have led on
 * a timeline of their own (dcs/etcd3.py, _update_leader; seen on real machines). By the older API it compares first.
 * Later series compare in both.
 */
export function patroniEtcdApi(series: PatroniSeries): "etcd" | "etcd3" {
  return series === "3.0" ? "etcd" : "etcd3";
}

/** Fastest settings that a series takes. Patroni wants loopWait + 2 * retryTimeout <= ttl. */
export function patroniTimings(series: PatroniSeries): PatroniTimings {
  switch (series) {
    case "3.0":
      // Measured: writes stop for 11.6 to 14.7 s after a power cut of the leader, none acknowledged is lost.
      return { ttl: 8, loopWait: 2, retryTimeout: 3 };
    case "3.2+":
      return { ttl: 20, loopWait: 2, retryTimeout: 3 };
  }
}

/** HAProxy's check finds the new leader within one interval. */
const HAPROXY_INTERVAL_SECONDS = 1;
/** Election, promotion and its end of recovery. */
const PROMOTION_SECONDS = 2;

/** The longest that writes stop after a power cut of the leader, in seconds, when all else is well. */
export function failoverBudgetSeconds({ ttl, loopWait }: PatroniTimings): number {
  return ttl + loopWait + PROMOTION_SECONDS + HAPROXY_INTERVAL_SECONDS;
}

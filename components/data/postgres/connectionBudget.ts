import type { Mistake } from "../../mistakes";
import type { PoolMode } from "./pgbouncerConfig";
import type { PostgresPath } from "./postgresDatabase";

/** Connections that one pod may open, where its application does not say: what most drivers' pools have. */
export const USUAL_CONNECTIONS = 5;
/** Of a Job: it does one thing after the other. */
export const JOB_CONNECTIONS = 2;

/** What one process may ask of PostgreSQL at its most replicas. */
export interface ConnectionDemand {
  /** "keybuzz/keybuzz-api", for messages. */
  readonly consumer: string;
  readonly database: string;
  readonly via: PostgresPath;
  /** Connections of one pod. */
  readonly perPod: number;
  /** Pods at a time, those of a roll-out included. */
  readonly pods: number;
}

export interface ConnectionSupply {
  /** PostgreSQL's max_connections, on each member. */
  readonly maxConnections: number;
  /** Of them, for replication, Patroni, monitoring and people. */
  readonly reserved: number;
  readonly members: number;
  /** The most that PgBouncer opens, for all databases on one of its hosts. */
  readonly poolPerHost: number;
  readonly poolHosts: number;
  readonly poolMode: PoolMode;
  /** Clients that one PgBouncer takes. */
  readonly poolClients: number;
}

/**
 * Does everybody get a connection when all are at their most replicas? A pool that is refused one fails its requests,
 * and does so first in the hour in which replicas were added.
 */
export function connectionMistakes(supply: ConnectionSupply, demands: readonly ConnectionDemand[]): readonly Mistake[] {
  const { maxConnections, reserved, members, poolPerHost, poolHosts, poolMode, poolClients } = supply;
  const of = (path: PostgresPath): readonly ConnectionDemand[] => demands.filter(({ via }) => via === path);
  const usable = maxConnections - reserved;
  const pools = of("pooled").length === 0 ? 0 : poolPerHost * poolHosts;
  // A single member is read and written; of several, one replica may be down.
  const alone = members === 1;
  const direct = alone ? [...of("leader"), ...of("replicas")] : of("leader");
  const capacity = `max_connections ${maxConnections} minus ${reserved} kept for replication, monitoring and people`;
  return [
    ...overdrawn("postgres.connections", direct, pools, usable, capacity),
    ...(alone
      ? []
      : overdrawn(
          "postgres.connections.replicas",
          of("replicas"),
          0,
          usable * Math.max(1, members - 2),
          `${capacity}, of the replicas that are left when one is down`,
        )),
    // While one host of PgBouncer is down the other has all clients. In session mode each keeps a connection.
    ...overdrawn(
      "postgres.connections.pooled",
      of("pooled"),
      0,
      poolMode === "session" ? Math.min(poolPerHost, poolClients) : poolClients,
      poolMode === "session" ? "a server connection of one PgBouncer for each client" : "clients of one PgBouncer",
    ),
  ];
}

function overdrawn(
  path: string,
  demands: readonly ConnectionDemand[],
  pools: number,
  allowed: number,
  what: string,
): readonly Mistake[] {
  const sum = demands.reduce((all, { perPod, pods }) => all + perPod * pods, pools);
  if (sum <= allowed) return [];
  const parts = [
    ...demands.map(
      ({ consumer, perPod, pods }) => `${consumer} ${pods} pod${pods === 1 ? "" : "s"} x ${perPod} = ${perPod * pods}`,
    ),
    ...(pools === 0 ? [] : [`PgBouncer ${pools}`]),
  ];
  return [
    {
      path,
      found: `${sum} at the most replicas (${parts.join(", ")})`,
      allowed: `${allowed}: ${what}`,
      fix: 'fewer replicas, or fewer connections a pod (needs.postgres.connections, and the application\'s own pool); needs.postgres.via "pooled" for drivers without session state; or larger machines with role "postgres"',
    },
  ];
}

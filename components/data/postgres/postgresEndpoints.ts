import type { HaproxyService } from "../../balancing/haproxyService";
import type { Hosts, LoadBalancer } from "../../topology/party";
import type { Endpoint, Listener, Topology } from "../../topology/topology";
import { ETCD_STATE_PORT } from "./etcdMembership";
import {
  ETCD_CLIENT_PORT,
  ETCD_PEER_PORT,
  PATRONI_PORT,
  POSTGRES_PORT,
  RAFT_PORT,
  type PatroniDcs,
} from "./patroniConfig";
import { PGBOUNCER_PORT } from "./pgbouncerConfig";
import type { PostgresPath } from "./postgresDatabase";

/** Authority that signs the certificates of the members, of PgBouncer and of etcd. */
export const POSTGRES_AUTHORITY = "postgres";

/**
 * A leader that says that it is none any more, or refuses, is left within 1.75 s. One whose API is only slow keeps its
 * writers for 8 s and more: a new leader cannot be there before the key of the old one has ended, which takes as long
 * (github.com/patroni/patroni/issues/1127).
 */
const LEADER_CHECK = { intervalSeconds: 1, fastIntervalMs: 250, timeoutSeconds: 2, retries: 4 } as const;
/** Readers stay for ten seconds with a replica that is behind or silent: a bulk load is no loss. */
const REPLICA_CHECK = { intervalSeconds: 2, timeoutSeconds: 2, retries: 5 } as const;
/** A reader may itself hold the replay up for 30 s (max_standby_streaming_delay): 4 MB/s of writes. */
const REPLICA_LAG = "128MB";

/** LB and HAProxy close a connection that was silent for so long; pools probe or reopen theirs. */
const IDLE_TIMEOUT_SECONDS = 3600;

export interface PostgresEndpointsArgs {
  readonly topology: Topology;
  readonly hosts: Hosts;
  readonly haproxy: HaproxyService;
  readonly loadBalancer: LoadBalancer;
  readonly dcs: PatroniDcs;
  /** Ports of the load balancer. Default 5432, 5433 and 6432. */
  readonly ports?: Readonly<Record<PostgresPath, number>>;
}

/** The flows among the members, and where consumers find the leader, the replicas and the pool. */
export function postgresEndpoints(args: PostgresEndpointsArgs): Readonly<Record<PostgresPath, Endpoint>> {
  const { topology, hosts, haproxy, loadBalancer: lb, dcs } = args;
  const member = topology.mesh(hosts, { id: "postgres/member", port: POSTGRES_PORT }, "PostgreSQL members replicate");
  topology.mesh(hosts, { id: "postgres/patroni", port: PATRONI_PORT }, "Patroni members ask each other");
  if (dcs === "etcd") {
    topology.mesh(hosts, { id: "postgres/etcd-client", port: ETCD_CLIENT_PORT }, "Patroni uses etcd");
    topology.mesh(hosts, { id: "postgres/etcd-peer", port: ETCD_PEER_PORT }, "etcd members agree");
    topology.mesh(
      hosts,
      { id: "postgres/etcd-state", port: ETCD_STATE_PORT },
      "An etcd member without data asks whether the others have any",
    );
  } else {
    topology.mesh(hosts, { id: "postgres/raft", port: RAFT_PORT }, "Patroni members agree by Raft");
  }
  const ports = args.ports ?? { leader: 5432, replicas: 5433, pooled: 6432 };
  const publish = (
    id: string,
    port: number,
    path: string,
    timing: typeof LEADER_CHECK | typeof REPLICA_CHECK,
    sibling: string,
    promise: Required<Pick<Listener, "leadsTo" | "noticedWithinSeconds">>,
  ): Endpoint =>
    haproxy.publish({
      id,
      lb,
      port,
      backend: member,
      healthCheck: { kind: "http", port: PATRONI_PORT, path, statuses: [200], tls: true, ...timing },
      checkAuthority: POSTGRES_AUTHORITY,
      idleTimeoutSeconds: IDLE_TIMEOUT_SECONDS,
      siblings: [sibling],
      // PgBouncer, beside HAProxy, pools the leader's connections.
      loopback: promise.leadsTo === "leader",
      ...promise,
    });
  const pgbouncer = topology.endpoint({
    id: "postgres/pgbouncer",
    provider: haproxy.hosts,
    port: PGBOUNCER_PORT,
    protocol: "tcp",
  });
  return {
    leader: publish("postgres/leader", ports.leader, "/primary", LEADER_CHECK, "postgres/replicas", {
      leadsTo: "leader",
      noticedWithinSeconds: 10,
    }),
    // A single member has no replica: it answers for them.
    replicas: publish(
      "postgres/replicas",
      ports.replicas,
      hosts.hosts.length > 1 ? `/replica?lag=${REPLICA_LAG}` : "/read-only",
      REPLICA_CHECK,
      "postgres/leader",
      { leadsTo: "replica", noticedWithinSeconds: 20 },
    ),
    pooled: haproxy.publishLocal({
      id: "postgres/pooler",
      lb,
      port: ports.pooled,
      daemon: pgbouncer,
      idleTimeoutSeconds: IDLE_TIMEOUT_SECONDS,
    }),
  };
}

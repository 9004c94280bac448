import type { HostGroupName } from "../components/machines/hostPlan";

/** What a host is for. Closed: a new role does not compile until ROLES and every switch over roles answer for it. */
export const HOST_ROLES = [
  "bastion",
  "haproxy",
  "k3sServer",
  "k3sAgent",
  "postgres",
  "redis",
  "rabbitmq",
  "minio",
  "qdrant",
  "proxysql",
  "mariadb",
] as const;
export type HostRole = (typeof HOST_ROLES)[number];

/** How many hosts of a role an environment may have. */
export interface HostCount {
  readonly ok: (hosts: number) => boolean;
  /** The numbers, and why these. */
  readonly allowed: string;
}

/** All that the plan and the rules know of a role; nothing has a default, so that nobody forgets it. */
export interface RoleFacts {
  /** Hosts of one role form one group. */
  readonly group: HostGroupName;
  /** Their machines hold data, or may: deleted or replaced with consent only. */
  readonly stateful: boolean;
  /** They decide by majority: fewer than half may be replaced at once. */
  readonly votes: boolean;
  readonly count: HostCount;
  /** Regular expressions of packages whose new version is a decision, not a nightly surprise: their restart moves a leader. */
  readonly keptPackages: readonly string[];
  /**
   * apart: no two on one physical machine, hence no more than one spread placement group takes. apartInTens: so many
   * that each ten are apart, and two of different tens may meet.
   */
  readonly placement: "apart" | "apartInTens";
  /** bastion: public address, way in and way out. private: no public interface. */
  readonly kind: "bastion" | "private";
  /** What its machines pass on: the bastion everybody's way out, a node its pods' traffic. */
  readonly passesOn: "network" | "pods" | "nothing";
  /** Its hosts may be kept for one duty (environment.hosts[].duty). */
  readonly takesDuty: boolean;
}

const isOdd = (hosts: number): boolean => hosts % 2 === 1;
const noneOrOdd = (why: string): HostCount => ({
  ok: (hosts) => hosts === 0 || isOdd(hosts),
  allowed: `none, or an odd number (1, 3, 5): ${why}`,
});

/** One row for each role; whatever depends on a role is derived from here. */
export const ROLES: Readonly<Record<HostRole, RoleFacts>> = {
  bastion: {
    group: "bastion",
    stateful: false,
    votes: false,
    count: { ok: (n) => n === 1, allowed: "exactly 1: it is the only way in" },
    keptPackages: [],
    placement: "apart",
    kind: "bastion",
    passesOn: "network",
    takesDuty: false,
  },
  haproxy: {
    group: "haproxy",
    stateful: false,
    votes: false,
    count: { ok: (n) => n >= 1, allowed: "1 or more (2 survive the loss of one)" },
    keptPackages: ["^haproxy$", "^pgbouncer$"],
    placement: "apart",
    kind: "private",
    passesOn: "nothing",
    takesDuty: false,
  },
  k3sServer: {
    group: "k3sServers",
    stateful: true,
    votes: true,
    count: { ok: isOdd, allowed: "an odd number (1, 3, 5): embedded etcd needs a majority, two survive less than one" },
    keptPackages: [],
    placement: "apart",
    kind: "private",
    passesOn: "pods",
    takesDuty: false,
  },
  k3sAgent: {
    group: "k3sAgents",
    // A local volume is on the disk of the node that its first pod came to: it may be any.
    stateful: true,
    votes: false,
    count: { ok: (n) => n >= 1, allowed: "1 or more" },
    keptPackages: [],
    placement: "apartInTens",
    kind: "private",
    passesOn: "pods",
    takesDuty: true,
  },
  postgres: {
    group: "postgres",
    stateful: true,
    votes: true,
    count: noneOrOdd("the DCS (etcd or raft) on these hosts needs a majority"),
    keptPackages: ["^postgresql", "^patroni$", "^etcd"],
    placement: "apart",
    kind: "private",
    passesOn: "nothing",
    takesDuty: false,
  },
  redis: {
    group: "redis",
    stateful: true,
    votes: true,
    count: noneOrOdd("Sentinel needs a majority"),
    keptPackages: ["^redis"],
    placement: "apart",
    kind: "private",
    passesOn: "nothing",
    takesDuty: false,
  },
  rabbitmq: {
    group: "rabbitmq",
    stateful: true,
    votes: true,
    count: noneOrOdd("quorum queues need a majority"),
    keptPackages: ["^rabbitmq", "^erlang"],
    placement: "apart",
    kind: "private",
    passesOn: "nothing",
    takesDuty: false,
  },
  minio: {
    group: "minio",
    stateful: true,
    votes: false,
    count: { ok: (n) => n <= 1 || n >= 4, allowed: "none, 1, or 4 and more for the distributed mode" },
    keptPackages: [],
    placement: "apart",
    kind: "private",
    passesOn: "nothing",
    takesDuty: false,
  },
  qdrant: {
    group: "qdrant",
    stateful: true,
    votes: false,
    count: { ok: (n) => n <= 1, allowed: "none or 1" },
    keptPackages: [],
    placement: "apart",
    kind: "private",
    passesOn: "nothing",
    takesDuty: false,
  },
  proxysql: {
    group: "proxysql",
    stateful: false,
    votes: false,
    count: { ok: () => true, allowed: "any number" },
    keptPackages: ["^proxysql"],
    placement: "apart",
    kind: "private",
    passesOn: "nothing",
    takesDuty: false,
  },
  mariadb: {
    group: "mariadb",
    stateful: true,
    votes: true,
    count: noneOrOdd("Galera needs a majority"),
    keptPackages: ["^mariadb", "^galera"],
    placement: "apart",
    kind: "private",
    passesOn: "nothing",
    takesDuty: false,
  },
};

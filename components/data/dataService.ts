import type { HostConfigPart } from "../machines/hostConfig";
import type { HostRef, Hosts } from "../topology/party";
import type { RollingRestart } from "./rollingRestart";

/**
 * One cluster of the data tier, as whatever makes it sees it: who belongs to it, what must be on them, and the jobs
 * that the cluster needs as a whole. Each service answers all of them; what it does not need is undefined.
 */
export interface DataService {
  /** Class in its component's type, keybuzz:data:<token>. An identity: it never changes. */
  readonly token: string;
  /** Logical name of its component, and the beginning of its children's. An identity too. */
  readonly name: string;
  /** The members. Jobs of the whole cluster run on the first. */
  readonly hosts: Hosts;
  /** What must be on a member. Call it when all consumers have asked. */
  fragment(host: HostRef): HostConfigPart;
  /** What the members need once as a cluster, e.g. accounts of consumers. Undefined: nothing. */
  clusterJob(): ClusterJob | undefined;
  /** How this member takes a change that needs a restart. Undefined: no change waits for a turn. */
  rolling(host: HostRef): RollingRestart | undefined;
  /** Bash for the first member, once all consumers have their new login: the one before ends. Undefined: none was rotated. */
  retireScript(): string | undefined;
}

/** Idempotent bash for the first member, with secret placeholders. */
export interface ClusterJob {
  /** The end of its resource's name: an identity. */
  readonly makes: "accounts" | "databases";
  readonly script: string;
}

import type { HealthCheck } from "../topology/healthCheck";
import type { HostRef } from "../topology/party";

/** Default checks between HAProxy and its backends: a dead one is found within two to five seconds. */
export const HAPROXY_CHECK = { intervalSeconds: 1, timeoutSeconds: 2, retries: 2 } as const;

/** Account and password of a check that has to log in; the password is a secret placeholder. */
export interface CheckLogin {
  /** Undefined: the protocol's default account (Redis: AUTH with a password alone). */
  readonly user?: string;
  readonly password: string;
}

/** Sentinels that know which of the servers leads: HAProxy follows the majority of them. */
export interface Sentinels {
  readonly hosts: readonly HostRef[];
  readonly port: number;
  /** Name under which they know the primary. */
  readonly masterName: string;
  /** So many of them are a majority. */
  readonly quorum: number;
}

/** One port of HAProxy and the machines behind it, in HAProxy's own terms. */
export interface HaproxyListener {
  /** Section name: letters, digits, "-", "_", ".". */
  readonly name: string;
  /** Why it exists; becomes a comment. */
  readonly purpose: string;
  /** Port on this host's private address. Undefined: only watched, for a daemon beside HAProxy with a port of its own. */
  readonly port?: number;
  /** Also on 127.0.0.1, for daemons of the same host. */
  readonly loopback: boolean;
  /** "firstAlive": all traffic to the first server that is alive, in their order; the others are backups. */
  readonly balance: "roundrobin" | "leastconn" | "firstAlive";
  readonly servers: readonly HostRef[];
  readonly serverPort: number;
  readonly check: HealthCheck;
  readonly checkLogin?: CheckLogin;
  /** Connections go only to the server that their majority names. Default: to any that passes its check. */
  readonly sentinels?: Sentinels;
  /** File with the authority's certificate that a TLS check verifies against. */
  readonly checkCaFile?: string;
  /** Seconds without a byte, in either direction, after which HAProxy closes the connection. */
  readonly idleTimeoutSeconds: number;
  /** Other listeners whose live servers also count as "this HAProxy reaches the cluster" for the load balancer. */
  readonly siblings: readonly string[];
}

/** HAProxy's section name of an endpoint id: "postgres/leader" becomes "postgres-leader". */
export function sectionName(id: string): string {
  return id.replace(/[^A-Za-z0-9._-]+/g, "-");
}

/** Section of one server alone, where the Sentinels name which one is it. */
export function memberSection(listener: string, server: HostRef): string {
  return `${listener}.${server.name}`;
}

/** Section in which those Sentinels count as alive that name this server. */
export function namedSection(listener: string, server: HostRef): string {
  return `${memberSection(listener, server)}${NAMED}`;
}

/** The end of the names of sections that only count. */
export const NAMED = ".named";

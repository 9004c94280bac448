import { POSTGRES_PORT } from "./patroniConfig";

export const PGBOUNCER_PORT = 6432;
export const PGBOUNCER_ROLE = "pgbouncer_auth";
/** Watches: the only thing that it may do in PgBouncer is SHOW, in PostgreSQL to read statistics. */
export const MONITOR_ROLE = "keybuzz_monitor";
/** Schema in each pooled database that holds PgBouncer's lookup function. */
export const PGBOUNCER_SCHEMA = "pgbouncer";
export const PGBOUNCER_FILES = {
  config: "/etc/pgbouncer/pgbouncer.ini",
  users: "/etc/pgbouncer/userlist.txt",
  key: "/etc/pgbouncer/tls/server.key",
  cert: "/etc/pgbouncer/tls/server.crt",
  ca: "/etc/pgbouncer/tls/ca.crt",
} as const;

/**
 * transaction: a server connection serves one client for one transaction; prepared statements work since
 * PgBouncer 1.21. session: for as long as the client stays; for Debian 12, which has 1.18.
 */
export type PoolMode = "transaction" | "session";

export interface PgbouncerConfigArgs {
  /** Private address of the host. */
  readonly address: string;
  readonly mode: PoolMode;
  /** Names of the databases that are pooled. */
  readonly databases: readonly string[];
  /** Connections to PostgreSQL that this host may have for each database. */
  readonly poolSize: number;
  /** Let the monitoring's account see the pools. Default false. */
  readonly monitored?: boolean;
}

/** Clients at a time on one host. */
export const MAX_CLIENTS = 2000;
/** Prepared statements that PgBouncer keeps per server connection; 0 is off, which breaks Rails and Prisma. */
const MAX_PREPARED_STATEMENTS = 200;

/**
 * Share of PostgreSQL's connections for one database on one host, all of its accounts together. Of what `reserved`
 * leaves a quarter goes to pools; half in session mode, in which each client keeps one.
 */
export function poolSize(args: {
  readonly maxConnections: number;
  readonly reserved: number;
  readonly hosts: number;
  readonly databases: number;
  readonly mode: PoolMode;
}): number {
  const usable = (args.maxConnections - args.reserved) / (args.mode === "session" ? 2 : 4);
  return Math.max(5, Math.floor(usable / Math.max(1, args.hosts * args.databases)));
}

/**
 * pgbouncer.ini. It holds no password: PgBouncer looks up each consumer's SCRAM secret in the database itself,
 * so that a password is changed in one place only. Connections go to the leader through the local HAProxy.
 */
export function pgbouncerConfig(args: PgbouncerConfigArgs): string {
  return [
    "[databases]",
    ...[...args.databases]
      .sort()
      .map((name) => `${name} = host=127.0.0.1 port=${POSTGRES_PORT} dbname=${name} auth_user=${PGBOUNCER_ROLE}`),
    "",
    "[pgbouncer]",
    `listen_addr = ${args.address},127.0.0.1`,
    `listen_port = ${PGBOUNCER_PORT}`,
    "unix_socket_dir = /var/run/postgresql",
    "auth_type = scram-sha-256",
    `auth_file = ${PGBOUNCER_FILES.users}`,
    `auth_query = SELECT username, secret FROM ${PGBOUNCER_SCHEMA}.lookup($1)`,
    ...(args.monitored === true ? [`stats_users = ${MONITOR_ROLE}`] : []),
    `pool_mode = ${args.mode}`,
    ...(args.mode === "transaction" ? [`max_prepared_statements = ${MAX_PREPARED_STATEMENTS}`] : []),
    `max_client_conn = ${MAX_CLIENTS}`,
    `default_pool_size = ${args.poolSize}`,
    "min_pool_size = 0",
    // A pool is of one account: in a rotation an application has two, which share this.
    `max_db_connections = ${args.poolSize}`,
    "query_wait_timeout = 30",
    "server_connect_timeout = 5",
    "server_login_retry = 1",
    "server_idle_timeout = 300",
    "server_lifetime = 3600",
    "ignore_startup_parameters = extra_float_digits,options,search_path",
    "client_tls_sslmode = require",
    `client_tls_key_file = ${PGBOUNCER_FILES.key}`,
    `client_tls_cert_file = ${PGBOUNCER_FILES.cert}`,
    "server_tls_sslmode = verify-ca",
    `server_tls_ca_file = ${PGBOUNCER_FILES.ca}`,
    "tcp_keepalive = 1",
    "tcp_keepidle = 30",
    "tcp_keepintvl = 10",
    "tcp_keepcnt = 3",
    "log_connections = 0",
    "log_disconnections = 0",
    "",
  ].join("\n");
}

/** userlist.txt: the one account that may look up the others, and the monitoring's. Passwords are placeholders. */
export function pgbouncerUsers(password: string, monitorPassword?: string): string {
  const monitor = monitorPassword === undefined ? "" : `"${MONITOR_ROLE}" "${monitorPassword}"\n`;
  return `"${PGBOUNCER_ROLE}" "${password}"\n${monitor}`;
}

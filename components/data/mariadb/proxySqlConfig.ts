import type { HostRef } from "../../topology/party";

/** MySQL protocol, as towards the clusters: the load balancer's port is the same. */
export const PROXYSQL_PORT = 3306;
/** ProxySQL's own administration, on loopback only. */
export const PROXYSQL_ADMIN_PORT = 6032;

/** Groups that ProxySQL sorts Galera's members into by their WSREP state. */
export const HOSTGROUPS = { writer: 10, backupWriter: 20, reader: 30, offline: 90 } as const;

export interface ProxysqlUser {
  readonly name: string;
  /** Secret placeholder. */
  readonly password: string;
}

export interface ProxysqlConfigArgs {
  /** Private address of the host. */
  readonly address: string;
  readonly servers: readonly HostRef[];
  readonly serverPort: number;
  /** Of MariaDB: "10.11". Clients are told it before they are connected to a member. */
  readonly serverSeries: string;
  readonly users: readonly ProxysqlUser[];
  readonly monitor: ProxysqlUser;
  /** Secret placeholder of the password for the administration port. */
  readonly adminPassword: string;
  /** Seconds without a query until an idle client connection is closed. */
  readonly idleTimeoutSeconds: number;
}

/**
 * proxysql.cnf. One writer at a time, the same one for every ProxySQL: the first member in order of weight whose
 * WSREP state is synced. Nothing is sent to readers by itself, because reads after a write must see it.
 */
export function proxysqlConfig(args: ProxysqlConfigArgs): string {
  const { address, servers, serverPort, users, monitor } = args;
  return [
    'datadir="/var/lib/proxysql"',
    "",
    "admin_variables=",
    "{",
    `  admin_credentials="admin:${args.adminPassword}"`,
    `  mysql_ifaces="127.0.0.1:${PROXYSQL_ADMIN_PORT}"`,
    "}",
    "",
    "mysql_variables=",
    "{",
    `  interfaces="${address}:${PROXYSQL_PORT};127.0.0.1:${PROXYSQL_PORT}"`,
    "  threads=2",
    "  max_connections=2048",
    `  server_version="${args.serverSeries}.0-MariaDB"`,
    '  default_charset="utf8mb4"',
    '  default_collation_connection="utf8mb4_unicode_ci"',
    "  connect_timeout_server=2000",
    "  connect_timeout_server_max=10000",
    `  wait_timeout=${args.idleTimeoutSeconds * 1000}`,
    `  monitor_username="${monitor.name}"`,
    `  monitor_password="${monitor.password}"`,
    "  monitor_ping_interval=1000",
    "  monitor_ping_timeout=800",
    "  monitor_ping_max_failures=2",
    "  monitor_galera_healthcheck_interval=1000",
    "  monitor_galera_healthcheck_timeout=800",
    "  monitor_galera_healthcheck_max_timeout_count=2",
    "}",
    "",
    "mysql_servers=",
    "(",
    servers
      .map(
        (server, index) =>
          `  { address="${server.address}", port=${serverPort}, hostgroup=${HOSTGROUPS.writer}, weight=${1000 - index}, max_connections=300, comment="${server.name}" }`,
      )
      .join(",\n"),
    ")",
    "",
    "mysql_galera_hostgroups=",
    "(",
    `  { writer_hostgroup=${HOSTGROUPS.writer}, backup_writer_hostgroup=${HOSTGROUPS.backupWriter}, reader_hostgroup=${HOSTGROUPS.reader}, offline_hostgroup=${HOSTGROUPS.offline}, active=1, max_writers=1, writer_is_also_reader=0, max_transactions_behind=100 }`,
    ")",
    "",
    "mysql_users=",
    "(",
    users
      .map(
        ({ name, password }) =>
          `  { username="${name}", password="${password}", default_hostgroup=${HOSTGROUPS.writer}, transaction_persistent=1, active=1 }`,
      )
      .join(",\n"),
    ")",
    "",
  ].join("\n");
}

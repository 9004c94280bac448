import { join } from "node:path";
import { shellScript } from "../../machines/shellScript";
import type { HostRef } from "../../topology/party";

export const MARIADB_PORT = 3306;
/** Between members only, never on a load balancer (galeracluster.com, Firewall Settings): SST, replication, IST. */
export const GALERA_PORTS = { stateTransfer: 4444, replication: 4567, incrementalTransfer: 4568 } as const;
/** Where a member says over HTTP whether it is synced, and whether it has data of a cluster. */
export const WSREP_STATE_PORT = 9200;
/** With this account ProxySQL looks at the members; it may only connect and read their status. */
export const MONITOR_USER = "monitor";

export interface GaleraConfigArgs {
  readonly host: HostRef;
  readonly members: readonly HostRef[];
  /** GiB and virtual CPUs of the smallest member. */
  readonly memoryGb: number;
  readonly cores: number;
}

/** /etc/mysql/mariadb.conf.d/90-keybuzz.cnf */
export function galeraConfig({ host, members, memoryGb, cores }: GaleraConfigArgs): string {
  const provider = [
    "gcache.size=512M",
    `gmcast.listen_addr=tcp://${host.address}:${GALERA_PORTS.replication}`,
    `ist.recv_addr=${host.address}:${GALERA_PORTS.incrementalTransfer}`,
    // A silent member is left out after three seconds instead of five.
    "evs.suspect_timeout=PT3S",
    "evs.inactive_timeout=PT9S",
    // Members that lost their power join again the one that did not, though that is a minority and not primary alone.
    "pc.recovery=true",
  ].join(";");
  return [
    "[mysqld]",
    `bind-address = ${host.address}`,
    `port = ${MARIADB_PORT}`,
    "skip-name-resolve",
    "character-set-server = utf8mb4",
    "collation-server = utf8mb4_unicode_ci",
    "default_storage_engine = InnoDB",
    "binlog_format = ROW",
    "innodb_autoinc_lock_mode = 2",
    "innodb_flush_log_at_trx_commit = 1",
    `innodb_buffer_pool_size = ${Math.floor(memoryGb * 512)}M`,
    "innodb_log_file_size = 512M",
    "max_connections = 500",
    "max_allowed_packet = 64M",
    "wsrep_on = ON",
    "wsrep_provider = /usr/lib/galera/libgalera_smm.so",
    "wsrep_cluster_name = keybuzz",
    `wsrep_cluster_address = gcomm://${members.map(({ address }) => address).join(",")}`,
    `wsrep_node_name = ${host.name}`,
    `wsrep_node_address = ${host.address}`,
    `wsrep_slave_threads = ${cores * 2}`,
    "wsrep_sst_method = mariabackup",
    "# The local system account, by its socket: no password.",
    "wsrep_sst_auth = mysql:",
    `wsrep_provider_options = "${provider}"`,
    "",
  ].join("\n");
}

export interface GaleraDatabase {
  readonly name: string;
  readonly user: string;
  /** Secret placeholder. */
  readonly password: string;
}

/** A job for any member: databases and accounts. Passwords come by standard input; idempotent. */
export function galeraDatabasesScript(databases: readonly GaleraDatabase[], monitorPassword: string): string {
  return shellScript(join(__dirname, "galeraDatabases.sh"), {
    monitor: `${MONITOR_USER} ${monitorPassword}`,
    databases: databases.map(({ name, user, password }) => `${name} ${user} ${password}`),
  });
}

import { any, type Words } from "./wordsOf";

/** pgbouncer.ini (pgbouncer.org, config). No limit of clients' silence or of a query's time: a path would end by it. */
export const PGBOUNCER: Words = {
  ...any(`[databases] [pgbouncer] listen_addr listen_port unix_socket_dir auth_file auth_query auth_user auth_dbname
    stats_users admin_users max_prepared_statements max_client_conn default_pool_size min_pool_size reserve_pool_size
    reserve_pool_timeout max_db_connections query_wait_timeout server_connect_timeout server_login_retry
    server_idle_timeout server_lifetime ignore_startup_parameters client_tls_key_file client_tls_cert_file
    client_tls_ca_file server_tls_ca_file tcp_keepalive tcp_keepidle tcp_keepintvl tcp_keepcnt log_connections
    log_disconnections logfile pidfile`),
  // A pooled database is the one of that name behind this machine's own HAProxy.
  "databases.*": /^host=127\.0\.0\.1 port=\d+ dbname=[\w-]+ auth_user=\w+$/,
  auth_type: /^(scram-sha-256|cert)$/,
  pool_mode: /^(session|transaction)$/,
  client_tls_sslmode: /^(require|verify-ca|verify-full)$/,
  server_tls_sslmode: /^(verify-ca|verify-full)$/,
};

/** proxysql.cnf (proxysql.com, global variables and main tables). More than one writer is no Galera that stays right. */
export const PROXYSQL: Words = {
  ...any(`datadir admin_variables admin_credentials mysql_variables interfaces threads max_connections server_version
    default_charset default_collation_connection connect_timeout_server connect_timeout_server_max wait_timeout
    monitor_username monitor_password monitor_ping_interval monitor_ping_timeout monitor_ping_max_failures
    monitor_galera_healthcheck_interval monitor_galera_healthcheck_timeout monitor_galera_healthcheck_max_timeout_count
    mysql_servers mysql_servers.address mysql_servers.port mysql_servers.hostgroup mysql_servers.max_connections
    mysql_servers.comment mysql_servers.use_ssl mysql_galera_hostgroups mysql_galera_hostgroups.writer_hostgroup
    mysql_galera_hostgroups.backup_writer_hostgroup mysql_galera_hostgroups.reader_hostgroup
    mysql_galera_hostgroups.offline_hostgroup mysql_galera_hostgroups.max_transactions_behind
    mysql_users mysql_users.username mysql_users.password mysql_users.default_hostgroup mysql_users.default_schema
    mysql_users.max_connections mysql_users.transaction_persistent`),
  mysql_ifaces: /^127\.0\.0\.1:\d+$/,
  "mysql_servers.weight": /^[1-9]\d*$/,
  "mysql_galera_hostgroups.active": /^1$/,
  "mysql_galera_hostgroups.max_writers": /^1$/,
  "mysql_galera_hostgroups.writer_is_also_reader": /^[012]$/,
  "mysql_users.active": /^1$/,
};

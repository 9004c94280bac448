// What data daemons' files may say. Words that open, let in or close a connection have the values that are understood.
import { any, NEVER, type Words } from "./wordsOf";

/** redis.conf. A renamed command, a unix socket or TLS alone would be another way in than the one that is read. */
export const REDIS: Words = {
  ...any(`bind port tcp-keepalive dir appendonly appendfsync save maxmemory maxmemory-policy repl-diskless-sync
    repl-diskless-sync-delay repl-backlog-size repl-timeout repl-ping-replica-period replica-announce-ip
    min-replicas-to-write min-replicas-max-lag requirepass masterauth user`),
  "protected-mode": /^yes$/,
  timeout: /^\d+$/,
  include: /^\/etc\/redis\/keybuzz-passwords\.conf$/,
};

/** rabbitmq.conf (rabbitmq.com, configure). */
export const RABBITMQ: Words = {
  ...any(`listeners.tcp.# heartbeat management.tcp.ip management.tcp.port prometheus.tcp.ip prometheus.tcp.port
    cluster_formation.peer_discovery_backend cluster_formation.classic_config.nodes.# queue_master_locator
    vm_memory_high_watermark.relative disk_free_limit.absolute default_queue_type`),
  cluster_partition_handling: /^pause_minority$/,
  "loopback_users.guest": /^true$/,
};

/** MariaDB's own file (mariadb.com, server system variables). No `wait_timeout`: an application's silence is its own. */
export const MARIADB: Words = {
  ...any(`[mysqld] bind-address port skip-name-resolve character-set-server collation-server default_storage_engine
    binlog_format innodb_autoinc_lock_mode innodb_flush_log_at_trx_commit innodb_buffer_pool_size innodb_log_file_size
    max_connections max_allowed_packet wsrep_on wsrep_provider wsrep_cluster_name wsrep_cluster_address wsrep_node_name
    wsrep_node_address wsrep_slave_threads wsrep_sst_method wsrep_sst_auth`),
  // gmcast and ist name the ports that are read; the rest is Galera's patience.
  wsrep_provider_options:
    /^((gcache\.size|gmcast\.listen_addr|ist\.recv_addr|evs\.(suspect|inactive)_timeout|pc\.recovery)=[^;]*(;|$))+$/,
};

/** Patroni's config.yml, as dotted paths (patroni.readthedocs.io, YAML configuration). */
export const PATRONI: Words = {
  ...any(`scope name restapi.listen restapi.connect_address restapi.certfile restapi.keyfile restapi.cafile
    restapi.authentication.username restapi.authentication.password ctl.cacert ctl.certfile ctl.keyfile
    ctl.authentication.username ctl.authentication.password raft.data_dir raft.self_addr raft.partner_addrs[]
    raft.password etcd.hosts[] etcd.cacert etcd.cert etcd.key etcd3.hosts[] etcd3.cacert etcd3.cert
    etcd3.key postgresql.listen postgresql.connect_address postgresql.data_dir postgresql.bin_dir postgresql.pgpass
    postgresql.use_unix_socket postgresql.pg_hba[] postgresql.pg_ident[]
    postgresql.remove_data_directory_on_rewind_failure postgresql.basebackup.checkpoint
    bootstrap.initdb[] bootstrap.initdb[].encoding bootstrap.initdb[].locale bootstrap.initdb[].auth-local`),
  "restapi.verify_client": /^(optional|required)$/,
  "etcd.protocol": /^https$/,
  "etcd3.protocol": /^https$/,
  "bootstrap.initdb[].auth-host": /^scram-sha-256$/,
  "watchdog.mode": /^(off|automatic|required)$/,
  // Who replicates is Patroni's; of PostgreSQL's hundreds of settings, these let in or let go.
  ...any("bootstrap.dcs.* postgresql.authentication.* postgresql.parameters.*"),
  "postgresql.parameters.ssl": /^on$/,
  "postgresql.parameters.password_encryption": /^scram-sha-256$/,
  "postgresql.parameters.ssl_min_protocol_version": /^TLSv1\.[23]$/,
  "postgresql.parameters.idle_session_timeout": /^0$/,
  "postgresql.parameters.idle_in_transaction_session_timeout": /^0$/,
  "postgresql.parameters.statement_timeout": /^0$/,
  "postgresql.parameters.listen_addresses": NEVER,
  "postgresql.parameters.port": NEVER,
};

/** /etc/default/etcd. */
export const ETCD: Words = {
  ...any(`ETCD_NAME ETCD_DATA_DIR ETCD_INITIAL_ADVERTISE_PEER_URLS ETCD_ADVERTISE_CLIENT_URLS ETCD_INITIAL_CLUSTER
    ETCD_INITIAL_CLUSTER_TOKEN ETCD_INITIAL_CLUSTER_STATE ETCD_HEARTBEAT_INTERVAL ETCD_ELECTION_TIMEOUT
    ETCD_AUTO_COMPACTION_MODE ETCD_AUTO_COMPACTION_RETENTION ETCD_CERT_FILE ETCD_KEY_FILE ETCD_TRUSTED_CA_FILE
    ETCD_PEER_CERT_FILE ETCD_PEER_KEY_FILE ETCD_PEER_TRUSTED_CA_FILE ETCD_LOGGER ETCD_ENABLE_V2`),
  ETCD_LISTEN_PEER_URLS: /^https:\/\/[\d.]+:\d+$/,
  ETCD_LISTEN_CLIENT_URLS: /^https:\/\/[\d.]+:\d+$/,
  ETCD_CLIENT_CERT_AUTH: /^true$/,
  ETCD_PEER_CLIENT_CERT_AUTH: /^true$/,
};

/** Qdrant's config.yaml (qdrant.tech, configuration). */
export const QDRANT: Words = {
  ...any(`log_level telemetry_disabled service.host service.http_port service.grpc_port storage.storage_path
    storage.snapshots_path storage.snapshots_config.snapshots_storage storage.snapshots_config.s3_config.bucket
    storage.snapshots_config.s3_config.region storage.snapshots_config.s3_config.access_key
    storage.snapshots_config.s3_config.endpoint_url storage.on_disk_payload`),
  "service.enable_cors": /^false$/,
  "cluster.enabled": /^false$/,
};

/** /etc/default/minio. */
export const MINIO: Words = {
  ...any("MINIO_ROOT_USER MINIO_ROOT_PASSWORD MINIO_VOLUMES MINIO_REGION MINIO_PROMETHEUS_AUTH_TYPE"),
  MINIO_OPTS: /^(--(address|console-address) [\d.]*:\d+ ?)+$/,
  MINIO_UPDATE: /^off$/,
};

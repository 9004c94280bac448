import { stringify } from "yaml";
import type { PostgresVersion } from "../../machines/osImage";
import type { HostRef } from "../../topology/party";
import { maxConnections, postgresSizing, type MachineSize } from "./postgresSizing";
import { patroniEtcdApi, type PatroniSeries, type PatroniTimings } from "./patroniTimings";

export const POSTGRES_PORT = 5432;
export const PATRONI_PORT = 8008;
export const ETCD_CLIENT_PORT = 2379;
export const ETCD_PEER_PORT = 2380;
/** Patroni's own Raft (pysyncobj). */
export const RAFT_PORT = 2222;

/** Name of the cluster in the DCS and of its data directory. Never changes: it is where the data is. */
export const PATRONI_SCOPE = "keybuzz";

export const PATRONI_TLS = {
  directory: "/etc/patroni/tls",
  key: "/etc/patroni/tls/server.key",
  cert: "/etc/patroni/tls/server.crt",
  ca: "/etc/patroni/tls/ca.crt",
} as const;

export const ADMIN_ROLE = "postgres";
export const REPLICATION_ROLE = "replicator";
export const REWIND_ROLE = "rewinder";

/** Where the members agree who leads. */
export type PatroniDcs = "etcd" | "raft";

export interface PatroniConfigArgs {
  readonly host: HostRef;
  readonly members: readonly HostRef[];
  readonly version: PostgresVersion;
  readonly dcs: PatroniDcs;
  readonly series: PatroniSeries;
  readonly timings: PatroniTimings;
  readonly size: MachineSize;
  /** Networks whose clients may log in, with TLS and a password: the private network and the pods'. */
  readonly clientCidrs: readonly string[];
  /** "automatic" uses /dev/watchdog where there is one, "required" refuses to lead without. */
  readonly watchdog: "off" | "automatic" | "required";
  /** Secret placeholders. */
  readonly secrets: {
    readonly replication: string;
    readonly rewind: string;
    readonly restApi: string;
    /** Only with dcs "raft". */
    readonly raft?: string;
  };
}

export function dataDirectory(version: number): string {
  return `/var/lib/postgresql/${version}/${PATRONI_SCOPE}`;
}

/** /etc/patroni/config.yml of one member. */
export function patroniConfig(args: PatroniConfigArgs): string {
  const { host, version, secrets } = args;
  const restApiLogin = { username: "patroni", password: secrets.restApi };
  return stringify(
    {
      scope: PATRONI_SCOPE,
      name: host.name,
      restapi: {
        listen: `${host.address}:${PATRONI_PORT}`,
        connect_address: `${host.address}:${PATRONI_PORT}`,
        certfile: PATRONI_TLS.cert,
        keyfile: PATRONI_TLS.key,
        cafile: PATRONI_TLS.ca,
        // Reading needs nothing; whatever changes something needs a certificate of this cluster and the login.
        verify_client: "optional",
        authentication: restApiLogin,
      },
      ctl: {
        cacert: PATRONI_TLS.ca,
        certfile: PATRONI_TLS.cert,
        keyfile: PATRONI_TLS.key,
        authentication: restApiLogin,
      },
      ...dcsSection(args),
      bootstrap: {
        dcs: clusterSettings(args),
        initdb: [
          { encoding: "UTF8" },
          { locale: "C.UTF-8" },
          "data-checksums",
          { "auth-local": "peer" },
          { "auth-host": "scram-sha-256" },
        ],
      },
      postgresql: {
        listen: `${host.address},127.0.0.1:${POSTGRES_PORT}`,
        connect_address: `${host.address}:${POSTGRES_PORT}`,
        data_dir: dataDirectory(version),
        bin_dir: `/usr/lib/postgresql/${version}/bin`,
        pgpass: "/var/lib/postgresql/.pgpass-patroni",
        use_unix_socket: true,
        authentication: {
          superuser: { username: ADMIN_ROLE },
          replication: { username: REPLICATION_ROLE, password: secrets.replication, ...verified() },
          rewind: { username: REWIND_ROLE, password: secrets.rewind, ...verified() },
        },
        // Safe in synchronous mode: what the old leader alone has was never acknowledged.
        remove_data_directory_on_rewind_failure: true,
        basebackup: { checkpoint: "fast" },
        pg_hba: pgHba(args),
        pg_ident: args.members.map((member) => `members ${member.name} ${ADMIN_ROLE}`),
        parameters: localParameters(args.size),
      },
      ...(args.watchdog === "off"
        ? { watchdog: { mode: "off" } }
        : { watchdog: { mode: args.watchdog, safety_margin: -1 } }),
    },
    // Patroni reads YAML 1.1, where a bare "off" is a boolean.
    { lineWidth: 0, version: "1.1", aliasDuplicateObjects: false },
  );
}

/** Replication and rewind verify whom they copy from. */
function verified(): Readonly<Record<string, string>> {
  return { sslmode: "verify-ca", sslrootcert: PATRONI_TLS.ca };
}

function dcsSection({ host, members, dcs, series, secrets }: PatroniConfigArgs): Readonly<Record<string, unknown>> {
  switch (dcs) {
    case "etcd":
      return {
        [patroniEtcdApi(series)]: {
          hosts: members.map((member) => `${member.address}:${ETCD_CLIENT_PORT}`),
          protocol: "https",
          cacert: PATRONI_TLS.ca,
          cert: PATRONI_TLS.cert,
          key: PATRONI_TLS.key,
        },
      };
    case "raft":
      return {
        raft: {
          data_dir: "/var/lib/patroni-raft",
          self_addr: `${host.address}:${RAFT_PORT}`,
          partner_addrs: members
            .filter(({ name }) => name !== host.name)
            .map(({ address }) => `${address}:${RAFT_PORT}`),
          ...(secrets.raft === undefined ? {} : { password: secrets.raft }),
        },
      };
  }
}

/**
 * What all members share, kept in the DCS. Patroni takes it from the file only when the cluster is made; later it
 * is changed through the leader (see clusterSettingsScript).
 */
export function clusterSettings({
  members,
  dcs,
  timings,
  size,
}: Pick<PatroniConfigArgs, "members" | "dcs" | "timings" | "size">): Readonly<Record<string, unknown>> {
  const replicated = members.length > 1;
  return {
    ttl: timings.ttl,
    loop_wait: timings.loopWait,
    retry_timeout: timings.retryTimeout,
    // A crashed leader fails over at once instead of trying to recover first.
    primary_start_timeout: 0,
    check_timeline: true,
    // strict: without a synchronous replica writes wait, so that no acknowledged commit is ever on one machine only.
    synchronous_mode: replicated,
    synchronous_mode_strict: replicated,
    synchronous_node_count: 1,
    // The leader stays when the DCS is lost, but only as long as every member answers it.
    ...(dcs === "etcd" && replicated ? { failsafe_mode: true } : {}),
    postgresql: {
      use_pg_rewind: true,
      use_slots: true,
      parameters: {
        max_connections: maxConnections(size),
        max_worker_processes: Math.max(8, size.cores * 2),
        max_wal_senders: 10,
        max_replication_slots: 10,
        max_prepared_transactions: 0,
        max_locks_per_transaction: 128,
        track_commit_timestamp: "off",
        wal_level: "replica",
        wal_log_hints: "on",
        hot_standby: "on",
        // An old leader can be rewound as long as the log since its fall is there.
        wal_keep_size: "1GB",
      },
    },
  };
}

function localParameters(size: MachineSize): Readonly<Record<string, string | number>> {
  return {
    ...postgresSizing(size),
    unix_socket_directories: "/var/run/postgresql",
    ssl: "on",
    ssl_cert_file: PATRONI_TLS.cert,
    ssl_key_file: PATRONI_TLS.key,
    ssl_ca_file: PATRONI_TLS.ca,
    ssl_min_protocol_version: "TLSv1.2",
    password_encryption: "scram-sha-256",
    shared_preload_libraries: "pg_stat_statements",
    "pg_stat_statements.track_utility": "off",
    // A slot of a member that never returns must not fill the disk.
    max_slot_wal_keep_size: "20GB",
    checkpoint_completion_target: 0.9,
    random_page_cost: 1.1,
    effective_io_concurrency: 200,
    // A dead client or peer is noticed within a minute.
    tcp_keepalives_idle: 30,
    tcp_keepalives_interval: 10,
    tcp_keepalives_count: 3,
    wal_sender_timeout: "10s",
    wal_receiver_timeout: "10s",
    // After a failover the first try to follow the new leader often comes too early, and writes wait for a replica.
    wal_retrieve_retry_interval: "500ms",
    log_checkpoints: "on",
    log_lock_waits: "on",
    log_min_duration_statement: "1s",
    log_line_prefix: "%m [%p] %q%u@%d ",
    timezone: "UTC",
  };
}

/** TLS and SCRAM for everybody but the local socket; the superuser only from a member that shows its certificate. */
function pgHba({ members, clientCidrs }: PatroniConfigArgs): readonly string[] {
  const scram = "scram-sha-256";
  return [
    `local all ${ADMIN_ROLE} peer`,
    `hostssl replication ${REPLICATION_ROLE} 127.0.0.1/32 ${scram}`,
    ...members.flatMap(({ address }) => [
      `hostssl replication ${REPLICATION_ROLE} ${address}/32 ${scram}`,
      `hostssl all ${REWIND_ROLE} ${address}/32 ${scram}`,
      `hostssl all ${ADMIN_ROLE} ${address}/32 cert map=members`,
    ]),
    `host all ${ADMIN_ROLE},${REPLICATION_ROLE},${REWIND_ROLE} all reject`,
    ...clientCidrs.map((cidr) => `hostssl all all ${cidr} ${scram}`),
  ];
}

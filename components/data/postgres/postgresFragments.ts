import type { FileSpec, HostConfigPart, UnitSpec } from "../../machines/hostConfig";
import { refusingStep } from "../../machines/refusingStep";
import type { HostRef } from "../../topology/party";
import {
  ETCD_CLIENT_PORT,
  PATRONI_PORT,
  PATRONI_TLS,
  dataDirectory,
  patroniConfig,
  type PatroniConfigArgs,
} from "./patroniConfig";
import { ETCD_TLS, etcdConfig } from "./etcdConfig";
import {
  ETCD_MEMBERSHIP_DROP_IN,
  ETCD_MEMBERSHIP_SCRIPT,
  ETCD_STATE_SOCKET,
  etcdMembershipScript,
  etcdStateUnits,
} from "./etcdMembership";
import {
  PGBOUNCER_FILES,
  PGBOUNCER_PORT,
  pgbouncerConfig,
  pgbouncerUsers,
  type PgbouncerConfigArgs,
} from "./pgbouncerConfig";
import type { PostgresPackages } from "./postgresPackages";
import { keptScript, PATRONI_CONFIG } from "./postgresKept";
import { extensionPackages } from "./postgresExtensions";
import { pgdgRepository, type ServiceImage } from "../serviceImage";

/** Placeholders of one machine's certificate. */
export interface CertificateTexts {
  readonly key: string;
  readonly cert: string;
  readonly ca: string;
}

/** Certificate files for a daemon that runs as `owner`. */
export function certificateFiles(
  paths: { readonly key: string; readonly cert: string; readonly ca: string },
  texts: CertificateTexts,
  owner: string,
  group = owner,
): readonly FileSpec[] {
  return [
    { path: paths.ca, content: texts.ca, owner, group },
    { path: paths.cert, content: texts.cert, owner, group },
    { path: paths.key, content: texts.key, owner, group, mode: "0600", secret: true },
  ];
}

/** PGDG where its packages are used, nothing where the distribution's own are. */
export function postgresRepositories(image: ServiceImage, { from }: PostgresPackages): HostConfigPart {
  return from === "distribution" ? {} : { aptRepositories: [pgdgRepository(image)] };
}

export interface MemberFragmentArgs extends PatroniConfigArgs {
  readonly certificate: CertificateTexts;
  /** Of all databases: their packages are on every member, since each may become the leader. */
  readonly extensions: readonly string[];
}

/** Of -1000 (never) to 1000: the last that the kernel kills. */
const PROTECTED_FROM_OOM = -900;
/** A copy of the whole data may take so long, over a slow line and onto a slow disk. */
const COPY_HOURS = 12;
const ETCD_CONFIG = "/etc/default/etcd";

/** PostgreSQL and Patroni on one member, and etcd where that is the DCS. */
export function memberFragment(args: MemberFragmentArgs): HostConfigPart {
  const { host, version, certificate } = args;
  const etcd = args.dcs === "etcd" ? etcdFragment(args) : undefined;
  const tls = Object.values({ key: PATRONI_TLS.key, cert: PATRONI_TLS.cert, ca: PATRONI_TLS.ca });
  return {
    packages: [
      { name: `postgresql-${version}` },
      { name: `postgresql-client-${version}` },
      { name: "patroni" },
      { name: "python3-psycopg2" },
      { name: "python3-yaml" },
      // python3-etcd needs it for TLS, and does not depend on it.
      { name: "python3-idna" },
      { name: "curl" },
      ...extensionPackages(args.extensions, version),
      ...(args.dcs === "raft" ? [{ name: "python3-pysyncobj" }, { name: "python3-cryptography" }] : []),
      ...(etcd?.packages ?? []),
    ],
    directories: [
      { path: "/etc/patroni", group: "postgres", mode: "0750" },
      { path: PATRONI_TLS.directory, owner: "postgres", group: "postgres", mode: "0750" },
      { path: parentOf(dataDirectory(version)), owner: "postgres", group: "postgres" },
      ...(args.dcs === "raft"
        ? [{ path: "/var/lib/patroni-raft", owner: "postgres", group: "postgres", mode: "0700" }]
        : []),
      ...(etcd?.directories ?? []),
    ],
    files: [
      // Patroni makes the cluster; the package's installation must not make another.
      {
        path: "/etc/postgresql-common/createcluster.conf",
        content: "create_main_cluster = false\n",
        stage: "beforePackages",
      },
      ...certificateFiles(PATRONI_TLS, certificate, "postgres"),
      {
        path: PATRONI_CONFIG,
        content: patroniConfig(args),
        group: "postgres",
        mode: "0640",
        secret: true,
        validate: "python3 -c 'import sys, yaml; yaml.safe_load(open(sys.argv[1]))' %s",
      },
      ...(etcd?.files ?? []),
    ],
    // A member that talks to the cluster before its address is up would only fail and be started again.
    sysctl: [{ key: "net.ipv4.ip_nonlocal_bind", value: 1 }],
    units: [
      ...(etcd?.units ?? []),
      { name: "postgresql.service", enabled: false, state: "stopped" },
      {
        name: "patroni.service",
        dropIns: { keybuzz: patroniDropIn(args) },
        enabled: true,
        state: "running",
        reloadOn: [PATRONI_CONFIG, ...tls],
        restart: "inTurn",
        ...(etcd === undefined ? {} : { after: ["etcd.service"] }),
      },
    ],
    steps: [
      refusingStep("postgres-kept", keptScript(args)),
      {
        id: "postgres-certificate",
        when: { kind: "changed", paths: tls },
        after: ["patroni.service"],
        // PostgreSQL reads its certificate anew; a member that does not run yet reads it when it starts.
        run: ["runuser -u postgres -- psql -XqAt -d postgres <<<'SELECT pg_reload_conf()' >/dev/null || true"],
      },
    ],
    joined: [
      ...(etcd?.joined ?? []),
      {
        id: "postgres-member",
        // /health answers 200 when PostgreSQL runs, as leader or replica.
        command: `curl -fsS --cacert ${PATRONI_TLS.ca} -o /dev/null https://${host.address}:${PATRONI_PORT}/health`,
        attempts: 150,
        progress: {
          command: `curl -fsS --cacert ${PATRONI_TLS.ca} https://${host.address}:${PATRONI_PORT}/patroni | grep -F '"state": "creating replica"'`,
          hours: COPY_HOURS,
        },
        remedy:
          "patronictl -c /etc/patroni/config.yml list shows the members, journalctl -u patroni why this one is not running",
      },
    ],
  };
}

function patroniDropIn({ watchdog }: PatroniConfigArgs): string {
  return [
    // A member that cannot start yet tries until it can.
    "[Unit]",
    "StartLimitIntervalSec=0",
    "[Service]",
    "Restart=always",
    "RestartSec=1",
    // A checkpoint at shutdown takes as long as it takes; killed in it, the member would have to recover.
    "TimeoutStopSec=120",
    // Memory that runs out takes anything but Patroni and the postmaster. A single backend goes before either: the
    // others then restart in seconds (postgresql.org, Linux Memory Overcommit).
    `OOMScoreAdjust=${PROTECTED_FROM_OOM}`,
    "Environment=PG_OOM_ADJUST_FILE=/proc/self/oom_score_adj PG_OOM_ADJUST_VALUE=0",
    ...(watchdog === "off"
      ? []
      : ["ExecStartPre=+-/sbin/modprobe softdog", "ExecStartPre=+-/bin/chown postgres /dev/watchdog"]),
    "",
  ].join("\n");
}

function etcdFragment({ host, members, certificate, series }: MemberFragmentArgs): Required<
  Pick<HostConfigPart, "packages" | "directories" | "files" | "joined">
> & {
  readonly units: readonly UnitSpec[];
} {
  const files = certificateFiles(ETCD_TLS, certificate, "etcd");
  return {
    // Without the client library Patroni's package is content with any other of its stores.
    packages: [{ name: "etcd-server" }, { name: "etcd-client" }, { name: "python3-etcd" }],
    directories: [{ path: parentOf(ETCD_TLS.key), owner: "etcd", group: "etcd", mode: "0750" }],
    files: [
      ...files,
      { path: ETCD_CONFIG, content: etcdConfig(host, members, series) },
      {
        path: ETCD_MEMBERSHIP_SCRIPT,
        content: etcdMembershipScript(host, members),
        mode: "0755",
        validate: "bash -n %s",
      },
    ],
    units: [
      {
        name: "etcd.service",
        // Ready only with a majority, and the others may still be booting.
        dropIns: {
          keybuzz: `[Service]\nTimeoutStartSec=600\nRestart=always\nRestartSec=2\nOOMScoreAdjust=${PROTECTED_FROM_OOM}\n${ETCD_MEMBERSHIP_DROP_IN}\n`,
        },
        enabled: true,
        state: "running",
        // etcd reads its certificates anew at each handshake.
        restartOn: [ETCD_CONFIG],
        restart: "inTurn",
        waitsForPeers: members.length > 1,
        // The other members ask it whether this one has data, before it runs.
        after: [ETCD_STATE_SOCKET],
      },
      ...etcdStateUnits(host),
    ],
    joined: [
      {
        id: "etcd-member",
        command: `timeout 3 bash -c '</dev/tcp/${host.address}/${ETCD_CLIENT_PORT}'`,
        attempts: 300,
        remedy: "journalctl -u etcd shows whether it finds the other members; two of three must run",
      },
    ],
  };
}

export interface PoolerFragmentArgs extends PgbouncerConfigArgs {
  readonly certificate: CertificateTexts;
  /** Placeholder of the password of the role that looks up the others. */
  readonly password: string;
  /** Placeholder of the monitoring account's password. Default: there is none. */
  readonly monitorPassword?: string;
}

/** PgBouncer beside HAProxy. */
export function poolerFragment(args: PoolerFragmentArgs): HostConfigPart {
  const users = pgbouncerUsers(args.password, args.monitorPassword);
  return {
    packages: [{ name: "pgbouncer" }],
    directories: [
      { path: "/etc/pgbouncer", owner: "postgres", group: "postgres", mode: "0750" },
      { path: parentOf(PGBOUNCER_FILES.key), owner: "postgres", group: "postgres", mode: "0750" },
    ],
    files: [
      ...certificateFiles(PGBOUNCER_FILES, args.certificate, "postgres"),
      {
        path: PGBOUNCER_FILES.config,
        content: pgbouncerConfig({ ...args, monitored: args.monitorPassword !== undefined }),
        owner: "postgres",
        group: "postgres",
        mode: "0640",
      },
      { path: PGBOUNCER_FILES.users, content: users, owner: "postgres", group: "postgres", mode: "0640", secret: true },
    ],
    sysctl: [{ key: "net.ipv4.ip_nonlocal_bind", value: 1 }],
    units: [
      {
        name: "pgbouncer.service",
        dropIns: { keybuzz: "[Service]\nLimitNOFILE=16384\nRestart=always\nRestartSec=1\n" },
        enabled: true,
        state: "running",
        // Certificates and accounts too are read anew on reload, without a client noticing.
        reloadOn: Object.values(PGBOUNCER_FILES),
      },
    ],
    checks: [
      {
        id: "pgbouncer-answers",
        command: `timeout 3 bash -c '</dev/tcp/127.0.0.1/${PGBOUNCER_PORT}'`,
        attempts: 15,
        remedy: "journalctl -u pgbouncer shows what it dislikes in /etc/pgbouncer/pgbouncer.ini",
      },
    ],
  };
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}

/** Named for messages: which host is meant. */
export function hostNames(hosts: readonly HostRef[]): string {
  return hosts.map(({ name }) => name).join(", ");
}

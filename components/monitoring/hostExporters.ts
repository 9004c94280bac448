import type { FileSpec, HostConfigPart } from "../machines/hostConfig";
import type { HostRef } from "../topology/party";
import { EXPORTER_PORTS } from "./monitoringParts";

/** Where scripts leave figures of their own for node-exporter. */
export const TEXTFILE_DIRECTORY = "/var/lib/prometheus/node-exporter";
/** Files of exporters that hold a password, readable by their account only. */
const DIRECTORY = "/etc/keybuzz-monitoring";

/** An exporter from the distribution's package prometheus-<name>: it reads its arguments from /etc/default. */
interface ExporterArgs {
  readonly name: string;
  readonly host: HostRef;
  readonly port: number;
  readonly flags: readonly string[];
  /** Further variables for it; values may hold placeholders. Default: none. */
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: readonly FileSpec[];
}

function exporter({ name, host, port, flags, env = {}, files = [] }: ExporterArgs): HostConfigPart {
  const unit = `prometheus-${name}`;
  const settings = `/etc/default/${unit}`;
  const lines = [
    ...Object.entries(env).map(([key, value]) => `${key}='${value}'`),
    `ARGS="${[`--web.listen-address=${host.address}:${port}`, ...flags].join(" ")}"`,
    "",
  ];
  return {
    packages: [{ name: unit }],
    // It binds the private address, which may come up after it.
    sysctl: [{ key: "net.ipv4.ip_nonlocal_bind", value: 1 }],
    ...(files.length === 0 ? {} : { directories: [{ path: DIRECTORY, group: "prometheus", mode: "0750" }] }),
    files: [
      // systemd reads it as root, for the exporter's account.
      { path: settings, content: lines.join("\n"), mode: "0600", secret: true },
      ...files,
    ],
    units: [
      {
        name: `${unit}.service`,
        dropIns: { keybuzz: "[Service]\nRestart=always\nRestartSec=5\n" },
        enabled: true,
        state: "running",
        restartOn: [settings, ...files.map(({ path }) => path)],
      },
    ],
    checks: [
      {
        id: unit,
        command: `timeout 3 bash -c '</dev/tcp/${host.address}/${port}'`,
        attempts: 15,
        remedy: `journalctl -u ${unit} shows what it dislikes in ${settings}`,
      },
    ],
  };
}

/** Figures of the machine, and whether these units of it run. */
export function nodeExporterPart(host: HostRef, units: readonly string[]): HostConfigPart {
  // [.] instead of an escaped dot: systemd takes backslashes away when it reads ARGS.
  const wanted = units.map((unit) => unit.replaceAll(".", "[.]")).join("|");
  return exporter({
    name: "node-exporter",
    host,
    port: EXPORTER_PORTS.node,
    flags: [
      `--collector.textfile.directory=${TEXTFILE_DIRECTORY}`,
      "--collector.systemd",
      `--collector.systemd.unit-include=(${wanted})`,
      "--no-collector.wifi",
      "--no-collector.nvme",
    ],
  });
}

export interface DatabaseLogin {
  readonly user: string;
  /** Placeholder. */
  readonly password: string;
}

/** PostgreSQL of this member, by TLS and with an account that may only watch (pg_monitor). */
export function postgresExporterPart(
  host: HostRef,
  login: DatabaseLogin & { readonly authority: string },
): HostConfigPart {
  const ca = `${DIRECTORY}/postgres-ca.crt`;
  return exporter({
    name: "postgres-exporter",
    host,
    port: EXPORTER_PORTS.postgres,
    flags: [],
    env: {
      DATA_SOURCE_NAME: `postgresql://${login.user}:${login.password}@${host.address}:5432/postgres?sslmode=verify-ca&sslrootcert=${ca}`,
    },
    files: [{ path: ca, content: login.authority, group: "prometheus", mode: "0640" }],
  });
}

/** Redis of this member, with an account that may say PING and INFO and nothing else. */
export function redisExporterPart(host: HostRef, login: DatabaseLogin): HostConfigPart {
  return exporter({
    name: "redis-exporter",
    host,
    port: EXPORTER_PORTS.redis,
    // Neither CONFIG nor CLIENT is allowed to it.
    flags: [`--redis.addr=redis://${host.address}:6379`, "--config-command=-", "--set-client-name=false"],
    env: { REDIS_USER: login.user, REDIS_PASSWORD: login.password },
  });
}

/** MariaDB of this member, with the account that ProxySQL watches with: it may connect and read the status. */
export function mariadbExporterPart(host: HostRef, login: DatabaseLogin): HostConfigPart {
  const path = `${DIRECTORY}/mariadb.cnf`;
  const content = [
    "[client]",
    `host=${host.address}`,
    "port=3306",
    `user=${login.user}`,
    `password=${login.password}`,
    "",
  ].join("\n");
  return exporter({
    name: "mysqld-exporter",
    host,
    port: EXPORTER_PORTS.mariadb,
    flags: [
      `--config.my-cnf=${path}`,
      // They ask for rights beyond the account's; Galera has no replicas in that sense.
      "--no-collect.slave_status",
      "--no-collect.info_schema.innodb_cmp",
      "--no-collect.info_schema.innodb_cmpmem",
      "--no-collect.info_schema.query_response_time",
    ],
    files: [{ path, content, group: "prometheus", mode: "0640", secret: true }],
  });
}

/** Joins the parts of one module; unlike mergeHostConfigs it does not judge, for that one follows. */
export function joinParts(parts: readonly HostConfigPart[]): HostConfigPart {
  const all = <K extends keyof HostConfigPart>(list: K) =>
    parts.flatMap((part) => (part[list] ?? []) as readonly Required<HostConfigPart>[K][number][]);
  return {
    packages: unique(all("packages")),
    sysctl: unique(all("sysctl")),
    directories: unique(all("directories")),
    files: all("files"),
    units: all("units"),
    timers: all("timers"),
    checks: all("checks"),
  };
}

function unique<T>(entries: readonly T[]): readonly T[] {
  return [...new Map(entries.map((entry) => [JSON.stringify(entry), entry])).values()];
}

/** Images that hosts may have. A new one does not compile until OS_IMAGES has its row. */
export const OS_IMAGE_NAMES = ["ubuntu-22.04", "ubuntu-24.04", "debian-12", "debian-13"] as const;
export type OsImage = (typeof OS_IMAGE_NAMES)[number];

/** Major versions of PostgreSQL that a stack may run. */
export const POSTGRES_VERSIONS = [15, 16, 17] as const;
export type PostgresVersion = (typeof POSTGRES_VERSIONS)[number];

/**
 * What the program must know of an image before it puts anything on it. Nothing has a default: a new image does not
 * compile until each question is answered, and neither does a series that no service was written for: whoever adds it
 * here has looked at that service.
 */
export interface OsImageFacts {
  readonly distribution: "ubuntu" | "debian";
  /** Name of the release, by which other archives call their suites: "jammy". */
  readonly codename: string;
  /** The distribution's HAProxy; haproxyConfig.ts knows directives that all of these have. */
  readonly haproxy: "2.4" | "2.6" | "2.8" | "3.0";
  /** redisConfig.ts knows directives that all of these have. From the makers' archive where the distribution's is before 7. */
  readonly redis: { readonly series: "7.0" | "7.4" | "8.0"; readonly from: "distribution" | "makers" };
  /**
   * rabbitConfig.ts knows keys that all of these have, for an unknown one is fatal. From the makers' archive where the
   * distribution's is before 3.10, which is the first with a default queue type for a virtual host.
   */
  readonly rabbitmq: { readonly series: "3.10" | "3.12" | "3.13" | "4.0"; readonly from: "distribution" | "makers" };
  /** The distribution's etcd, beside PostgreSQL where that is the DCS. */
  readonly etcd: "3.3" | "3.4" | "3.5";
  /** The series that the estate runs, and where it comes from: the makers' archive where the distribution has an older one. */
  readonly mariadb: { readonly series: "10.11" | "11.8"; readonly from: "distribution" | "makers" };
  /** Always from the makers' archive: no distribution has it. */
  readonly proxysql: "2.7";
  /**
   * The distribution's own PostgreSQL with its Patroni and PgBouncer, where the three are used: for this version. For
   * every other version, and where this is undefined, all three come from PGDG.
   */
  readonly postgres:
    | { readonly version: PostgresVersion; readonly patroni: "3.0" | "3.2+"; readonly pgbouncer: "1.18" | "1.21+" }
    | undefined;
}

export const OS_IMAGES: Readonly<Record<OsImage, OsImageFacts>> = {
  "ubuntu-22.04": {
    distribution: "ubuntu",
    codename: "jammy",
    haproxy: "2.4",
    // Its own is 6.0: accounts without channels and subcommands.
    redis: { series: "7.4", from: "makers" },
    // Its own is 3.9.
    rabbitmq: { series: "3.13", from: "makers" },
    etcd: "3.3",
    // Its own is 10.6.
    mariadb: { series: "10.11", from: "makers" },
    proxysql: "2.7",
    postgres: undefined,
  },
  "ubuntu-24.04": {
    distribution: "ubuntu",
    codename: "noble",
    haproxy: "2.8",
    redis: { series: "7.0", from: "distribution" },
    rabbitmq: { series: "3.12", from: "distribution" },
    etcd: "3.4",
    mariadb: { series: "10.11", from: "distribution" },
    proxysql: "2.7",
    postgres: undefined,
  },
  "debian-12": {
    distribution: "debian",
    codename: "bookworm",
    haproxy: "2.6",
    redis: { series: "7.0", from: "distribution" },
    rabbitmq: { series: "3.10", from: "distribution" },
    etcd: "3.4",
    mariadb: { series: "10.11", from: "distribution" },
    proxysql: "2.7",
    postgres: { version: 15, patroni: "3.0", pgbouncer: "1.18" },
  },
  "debian-13": {
    distribution: "debian",
    codename: "trixie",
    haproxy: "3.0",
    redis: { series: "8.0", from: "distribution" },
    rabbitmq: { series: "4.0", from: "distribution" },
    etcd: "3.5",
    mariadb: { series: "11.8", from: "distribution" },
    proxysql: "2.7",
    // Its Patroni is 4.0.
    postgres: { version: 17, patroni: "3.2+", pgbouncer: "1.21+" },
  },
};

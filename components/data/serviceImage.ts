import type { AptRepository } from "../machines/hostConfig";
import { OS_IMAGES, type OsImage } from "../machines/osImage";

/** Images that every service of the data tier can be installed on. */
export type ServiceImage = OsImage;

/** PostgreSQL's own archive (PGDG): PostgreSQL, Patroni and PgBouncer in their current releases. */
export function pgdgRepository(image: ServiceImage): AptRepository {
  return {
    name: "pgdg",
    uri: "https://apt.postgresql.org/pub/repos/apt",
    suites: [`${OS_IMAGES[image].codename}-pgdg`],
    components: ["main"],
    key: {
      kind: "url",
      url: "https://www.postgresql.org/media/keys/ACCC4CF8.asc",
      fingerprint: "B97B0AFCAA1A47F044F244A07FCC7D46ACCC4CF8",
    },
  };
}

/** MariaDB's own archive, for the images whose distribution has another series than the estate runs. */
export function mariadbRepository(image: ServiceImage): AptRepository {
  const { distribution, codename, mariadb } = OS_IMAGES[image];
  return {
    name: "mariadb",
    uri: `https://deb.mariadb.org/${mariadb.series}/${distribution}`,
    suites: [codename],
    components: ["main"],
    key: {
      kind: "url",
      url: "https://mariadb.org/mariadb_release_signing_key.asc",
      fingerprint: "177F4010FE56CA3336300305F1656F24C74CD1D8",
    },
  };
}

/** ProxySQL's own archive; neither Debian nor Ubuntu has it. A flat repository: one directory for each release. */
export function proxysqlRepository(image: ServiceImage): AptRepository {
  const { codename, proxysql } = OS_IMAGES[image];
  const base = `https://repo.proxysql.com/ProxySQL/proxysql-${proxysql}.x`;
  return {
    name: "proxysql",
    uri: `${base}/${codename}/`,
    suites: ["./"],
    components: [],
    key: { kind: "url", url: `${base}/repo_pub_key`, fingerprint: "1448BF693CA600C799EB935804A562FB79953B49" },
  };
}

/** Redis' own archive, which has all series at once. */
export function redisRepository(image: ServiceImage): AptRepository {
  return {
    name: "redis",
    uri: "https://packages.redis.io/deb",
    suites: [OS_IMAGES[image].codename],
    components: ["main"],
    key: {
      kind: "url",
      url: "https://packages.redis.io/gpg",
      fingerprint: "54318FA4052D1E61A6B6F7BB5F4349D6BF53AA0C",
    },
  };
}

/** The key of the team that makes RabbitMQ; it signs both of its archives. */
const RABBITMQ_KEY = {
  kind: "url",
  url: "https://keys.openpgp.org/vks/v1/by-fingerprint/0A9AF2115F4687BD29803A206B73A36E6026DFCA",
  fingerprint: "0A9AF2115F4687BD29803A206B73A36E6026DFCA",
} as const;

/** RabbitMQ's own archives: of itself, and of the Erlang that it needs, each with all series at once. */
export function rabbitmqRepositories(image: ServiceImage): readonly AptRepository[] {
  const { distribution, codename } = OS_IMAGES[image];
  return ["rabbitmq-server", "rabbitmq-erlang"].map((name) => ({
    name,
    uri: `https://deb1.rabbitmq.com/${name}/${distribution}/${codename}`,
    suites: [codename],
    components: ["main"],
    key: RABBITMQ_KEY,
  }));
}

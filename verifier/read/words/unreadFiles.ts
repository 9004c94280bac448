import { ETCD, MARIADB, MINIO, PATRONI, QDRANT, RABBITMQ, REDIS } from "./dataWords";
import { K3S, SSHD, UFW_DEFAULTS, UFW_SETTINGS } from "./machineWords";
import { PGBOUNCER, PROXYSQL } from "./proxyWords";
import { assignments, libconfig, spaced, unread, yamlPaths, type Reader, type Words } from "./wordsOf";

interface Known {
  readonly path: RegExp;
  readonly reader: Reader;
  readonly words: Words;
}

const file = (path: string, reader: Reader, words: Words): Known => ({
  path: new RegExp(`^${path.replaceAll(".", String.raw`\.`)}$`),
  reader,
  words,
});

const FILES: readonly Known[] = [
  file("/etc/pgbouncer/pgbouncer.ini", assignments("pgbouncer"), PGBOUNCER),
  file("/etc/proxysql.cnf", libconfig, PROXYSQL),
  file("/etc/redis/keybuzz.conf", spaced, REDIS),
  file("/etc/redis/keybuzz-passwords.conf", spaced, REDIS),
  file("/etc/rabbitmq/rabbitmq.conf", assignments(), RABBITMQ),
  file("/etc/mysql/mariadb.conf.d/90-keybuzz.cnf", assignments("mysqld"), MARIADB),
  file("/etc/patroni/config.yml", yamlPaths, PATRONI),
  file("/etc/default/etcd", assignments(), ETCD),
  file("/etc/qdrant/config.yaml", yamlPaths, QDRANT),
  file("/etc/default/minio", assignments(), MINIO),
  file("/etc/default/ufw", assignments(), UFW_DEFAULTS),
  file("/etc/ufw/ufw.conf", assignments(), UFW_SETTINGS),
  file("/etc/ssh/sshd_config.d/10-keybuzz.conf", spaced, SSHD),
  file("/etc/rancher/k3s/config.yaml", yamlPaths, K3S),
  file("/etc/rancher/k3s/config.yaml.d/30-snapshots.yaml", yamlPaths, K3S),
];

/**
 * Folders whose every file some daemon reads that opens or closes a path. What is in them, and in no table here and
 * with no reader of its own, is not understood.
 */
const READ_BY_DAEMONS =
  /^\/etc\/(ufw|ssh|haproxy|pgbouncer|proxysql|redis|mysql|patroni|rancher\/k3s|nftables|iptables|nginx|keepalived|sysctl\.d)\b/;
/** Read elsewhere: rules by ufw.ts, HAProxy by haproxy.ts; or keys, certificates and lists of accounts. */
const READ_ELSEWHERE =
  /^\/etc\/(ufw\/user6?\.rules|haproxy\/haproxy\.cfg|ssh\/authorized_keys\.d\/[\w-]+|pgbouncer\/userlist\.txt|rancher\/k3s\/(token|agent-token|release|audit-policy\.yaml|kubelet\.yaml|authority\/[\w.-]+))$|\.(crt|key|pem)$/;

/** Every word of a host's files that is not understood, each with its file. */
export function unreadWords(files: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(files).flatMap(([path, content]) => {
    const known = FILES.find((one) => one.path.test(path));
    if (known !== undefined) return unread(content, known.reader, known.words).map((word) => `${path}: ${word}`);
    if (!READ_BY_DAEMONS.test(path) || READ_ELSEWHERE.test(path)) return [];
    return [`${path}: a file of that folder which no model reads`];
  });
}

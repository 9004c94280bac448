import { at, integer, list, text } from "./graph";
import type { Haproxy, HaproxySection } from "./haproxy";
import { hostYaml } from "./hostYaml";

/** What answers on a port of a machine. */
export interface Listener {
  readonly port: number;
  readonly protocol: "tcp" | "udp";
  /** Addresses that it is bound to; "*" is all. */
  readonly addresses: readonly string[];
  readonly daemon: Daemon;
  /** The file that says so. */
  readonly source: string;
  readonly tls: boolean;
  /** HAProxy's section behind the port. */
  readonly section?: HaproxySection;
}

export type Daemon =
  | "haproxy" | "sshd" | "pgbouncer" | "postgresql" | "patroni" | "patroniRaft" | "etcd" | "etcdPeer"
  | "redis" | "sentinel" | "rabbitmq" | "rabbitmqManagement" | "rabbitmqMetrics" | "rabbitmqCli" | "epmd" | "erlang"
  | "mariadb" | "galera" | "proxysql" | "minio" | "minioConsole" | "qdrant" | "k3sApi" | "kubelet"
  | "calicoVxlan" | "calicoTypha" | "ingress" | "exporter" | "socket"; // prettier-ignore

export interface ListenerFacts {
  readonly address: string;
  readonly files: Readonly<Record<string, string>>;
  readonly units: Readonly<
    Record<string, { readonly enabled: boolean; readonly state: string; readonly content?: string }>
  >;
  readonly haproxy: Haproxy | undefined;
  readonly problems: string[];
}

/** The program's K3s configuration, on servers and agents alike. */
export const K3S_CONFIG = "/etc/rancher/k3s/config.yaml";
const K3S_API_PORT = 6443;

/** Every port that something on the host listens on, read from the files of the daemons that are known. */
export function listenersOf(known: ListenerFacts): readonly Listener[] {
  const { files } = known;
  const own = [known.address];
  const found: Listener[] = [
    { port: 22, protocol: "tcp", addresses: ["*"], daemon: "sshd", source: "every machine", tls: false },
  ];
  const add = (
    daemon: Daemon,
    port: number | undefined,
    addresses: readonly string[],
    source: string,
    more: { readonly tls?: boolean; readonly protocol?: "tcp" | "udp" } = {},
  ): void => {
    if (port === undefined) known.problems.push(`${source}: no port of ${daemon} is named`);
    else found.push({ port, protocol: more.protocol ?? "tcp", addresses, daemon, source, tls: more.tls ?? false });
  };
  for (const section of known.haproxy?.sections ?? []) {
    for (const port of new Set(section.binds.map((bind) => bind.port))) {
      const addresses = section.binds.filter((bind) => bind.port === port).map(({ address }) => address);
      const source = `haproxy.cfg, ${section.kind} ${section.name}`;
      found.push({ port, protocol: "tcp", addresses, daemon: "haproxy", source, tls: false, section });
    }
  }
  const read = (path: string, reader: (content: string) => void): void => {
    const content = files[path];
    if (content !== undefined) reader(content);
  };
  read("/etc/pgbouncer/pgbouncer.ini", (ini) => {
    const addresses = (/^listen_addr\s*=\s*(.*)$/m.exec(ini)?.[1] ?? "").split(",").map((entry) => entry.trim());
    add("pgbouncer", number(/^listen_port\s*=\s*(\d+)/m.exec(ini)), addresses, "pgbouncer.ini");
  });
  read("/etc/patroni/config.yml", (yaml) => patroni(yaml, add));
  read("/etc/default/etcd", (env) => {
    for (const [name, daemon] of [
      ["CLIENT", "etcd"],
      ["PEER", "etcdPeer"],
    ] as const) {
      const url = new RegExp(`^ETCD_LISTEN_${name}_URLS=(https?)://([\\d.]+):(\\d+)`, "m").exec(env);
      add(daemon, number(url, 3), [url?.[2] ?? ""], "/etc/default/etcd", { tls: url?.[1] === "https" });
    }
  });
  read("/etc/redis/keybuzz.conf", (conf) => {
    const addresses = /^bind (.*)$/m.exec(conf)?.[1]?.split(/\s+/) ?? ["*"];
    add("redis", number(/^port (\d+)/m.exec(conf)), addresses, "redis.conf");
    if (known.units["redis-sentinel.service"]?.state === "running") add("sentinel", 26379, own, "sentinel.conf");
  });
  read("/etc/rabbitmq/rabbitmq.conf", (conf) => {
    const tcp = [...conf.matchAll(/^listeners\.tcp\.\d+ = ([\d.]+):(\d+)/gm)];
    add(
      "rabbitmq",
      number(tcp[0] ?? null, 2),
      tcp.map((match) => match[1] ?? ""),
      "rabbitmq.conf",
    );
    add("rabbitmqManagement", number(/^management\.tcp\.port = (\d+)/m.exec(conf)), own, "rabbitmq.conf");
    const metrics = number(/^prometheus\.tcp\.port = (\d+)/m.exec(conf));
    if (metrics !== undefined) add("rabbitmqMetrics", metrics, own, "rabbitmq.conf");
    // Erlang's own, where nothing else is said (rabbitmq.com, Networking).
    add("epmd", 4369, ["*"], "Erlang");
    add("erlang", 25672, ["*"], "Erlang");
  });
  read("/etc/rabbitmq/rabbitmq-env.conf", (env) => {
    const from = number(/^CTL_DIST_PORT_MIN=(\d+)/m.exec(env));
    const to = number(/^CTL_DIST_PORT_MAX=(\d+)/m.exec(env));
    // Only while one of its commands runs.
    for (let port = from ?? 0; from !== undefined && to !== undefined && port <= to; port += 1)
      add("rabbitmqCli", port, ["*"], "rabbitmq-env.conf");
  });
  read("/etc/mysql/mariadb.conf.d/90-keybuzz.cnf", (conf) => {
    const bound = [/^bind-address\s*=\s*(\S+)/m.exec(conf)?.[1] ?? "*"];
    add("mariadb", number(/^port\s*=\s*(\d+)/m.exec(conf)), bound, "90-keybuzz.cnf");
    if (!/^wsrep_on\s*=\s*ON/m.test(conf)) return;
    for (const protocol of ["tcp", "udp"] as const) {
      add("galera", number(/gmcast\.listen_addr=tcp:\/\/[\d.]+:(\d+)/.exec(conf)), own, "90-keybuzz.cnf", { protocol });
    }
    add("galera", number(/ist\.recv_addr=[\d.]+:(\d+)/.exec(conf)), own, "90-keybuzz.cnf");
    add("galera", 4444, own, "90-keybuzz.cnf, state transfer");
  });
  read("/etc/proxysql.cnf", (conf) => {
    const faces = (/^\s*interfaces="([^"]*)"/m.exec(conf)?.[1] ?? "").split(";").map((face) => face.split(":"));
    add(
      "proxysql",
      integer(faces[0]?.[1]),
      faces.map(([address = ""]) => address),
      "proxysql.cnf",
    );
  });
  read("/etc/default/minio", (env) => {
    for (const [flag, daemon] of [
      ["--address", "minio"],
      ["--console-address", "minioConsole"],
    ] as const) {
      const match = new RegExp(`[" ]${flag} ([\\d.]*):(\\d+)`).exec(env);
      add(daemon, number(match, 2), [match?.[1] === "" ? "*" : (match?.[1] ?? "")], "/etc/default/minio");
    }
  });
  read("/etc/qdrant/config.yaml", (yaml) => {
    const service = at(hostYaml(yaml), "service");
    const host = text(at(service, "host")) ?? "*";
    add("qdrant", integer(at(service, "http_port")), [host === "0.0.0.0" ? "*" : host], "qdrant's config.yaml");
    const grpc = integer(at(service, "grpc_port"));
    if (grpc !== undefined) add("qdrant", grpc, [host], "qdrant's config.yaml");
  });
  read(K3S_CONFIG, (yaml) => k3s(yaml, own, add));
  for (const [path, content] of Object.entries(files)) {
    if (!path.startsWith("/etc/default/prometheus-")) continue;
    const match = /--web\.listen-address=([\d.]*):(\d+)/.exec(content);
    add("exporter", number(match, 2), [match?.[1] === "" ? "*" : (match?.[1] ?? "")], path);
  }
  for (const [name, unit] of Object.entries(known.units)) {
    if (!name.endsWith(".socket") || !unit.enabled || unit.state !== "running") continue;
    const match = /^ListenStream=(?:([\d.]+):)?(\d+)$/m.exec(unit.content ?? "");
    if (match !== null) add("socket", Number(match[2]), [match[1] ?? "*"], name);
  }
  return found;
}

type Add = (
  daemon: Daemon,
  port: number | undefined,
  addresses: readonly string[],
  source: string,
  more?: { readonly tls?: boolean; readonly protocol?: "tcp" | "udp" },
) => void;

function number(match: RegExpExecArray | RegExpMatchArray | null, group = 1): number | undefined {
  return integer(match?.[group]);
}

function patroni(yaml: string, add: Add): void {
  const config = hostYaml(yaml);
  const listen = (value: unknown): { readonly addresses: readonly string[]; readonly port: number | undefined } => {
    const match = /^(.*):(\d+)$/.exec(text(value) ?? "");
    return { addresses: match?.[1]?.split(",") ?? [], port: integer(match?.[2]) };
  };
  const api = listen(at(config, "restapi", "listen"));
  const tls = text(at(config, "restapi", "certfile")) !== undefined;
  add("patroni", api.port, api.addresses, "patroni's config.yml", { tls });
  const database = listen(at(config, "postgresql", "listen"));
  add("postgresql", database.port, database.addresses, "patroni's config.yml");
  const raft = text(at(config, "raft", "self_addr"));
  if (raft === undefined) return;
  const { addresses, port } = listen(raft);
  add("patroniRaft", port, addresses, "patroni's config.yml");
}

/** What K3s and Calico open on a node (docs.k3s.io, requirements; docs.tigera.io, requirements). */
function k3s(yaml: string, own: readonly string[], add: Add): void {
  const config = hostYaml(yaml);
  add("kubelet", 10250, ["*"], "K3s", { tls: true });
  add("calicoVxlan", 4789, ["*"], "Calico", { protocol: "udp" });
  add("calicoTypha", 5473, ["*"], "Calico");
  const server = text(at(config, "cluster-cidr")) !== undefined;
  if (!server) return;
  add("k3sApi", integer(at(config, "https-listen-port")) ?? K3S_API_PORT, ["*"], "K3s", { tls: true });
  if (list(at(config, "disable")).includes("etcd")) return;
  add("etcd", 2379, own, "K3s", { tls: true });
  add("etcdPeer", 2380, own, "K3s", { tls: true });
}

import { MONITOR_USER } from "./galeraConfig";
import type { GaleraService } from "./galeraService";
import { OS_IMAGES } from "../../machines/osImage";
import { proxysqlRepository, type ServiceImage } from "../serviceImage";
import type { HostConfigPart } from "../../machines/hostConfig";
import { memberOf } from "../serviceHosts";
import type { SecretLedger } from "../../secrets/secretLedger";
import type { HostRef, Hosts, LoadBalancer, Party } from "../../topology/party";
import type { Address, Endpoint, Topology } from "../../topology/topology";
import { haproxyConfig } from "../../balancing/haproxyConfig";
import { haproxyHost } from "../../balancing/haproxyFragment";
import { HAPROXY_CHECK } from "../../balancing/haproxyListener";
import { PROXYSQL_PORT, proxysqlConfig } from "./proxySqlConfig";

const CONFIG_PATH = "/etc/proxysql.cnf";
/** Seconds without a query until ProxySQL closes an idle client connection. */
const IDLE_TIMEOUT_SECONDS = 3600;
/** As ProxySQL's max_connections. */
const STAND_IN_CONNECTIONS = 2048;
const NAME = /^[a-z][a-z0-9_]{0,31}$/;
/** Hetzner's interval is 3 s at least (LoadBalancerServiceHealthCheck). */
const BALANCER_CHECK = { kind: "tcp", port: PROXYSQL_PORT, intervalSeconds: 3, timeoutSeconds: 2, retries: 2 } as const;

export interface ProxySqlServiceArgs {
  readonly topology: Topology;
  readonly secrets: SecretLedger;
  readonly hosts: Hosts;
  readonly galera: GaleraService;
  readonly image: ServiceImage;
  /** Of its own: 3306 and nothing else. */
  readonly loadBalancer: LoadBalancer;
  /**
   * Default "proxysql". "haproxy" stands in its place where only the distribution's packages can be had: one writer
   * too, found by the members' WSREP state, but no pooling and no readers.
   */
  readonly software?: "proxysql" | "haproxy";
}

export interface MariadbAccess {
  readonly address: Address;
  readonly database: string;
  readonly username: string;
  /** Placeholder. */
  readonly password: string;
}

/** ProxySQL in front of Galera: all writes to one member, reads to the others. */
export class ProxySqlService {
  readonly hosts: Hosts;
  readonly #args: ProxySqlServiceArgs;
  readonly #entry: Endpoint;

  constructor(args: ProxySqlServiceArgs) {
    const { topology, hosts, galera, loadBalancer } = args;
    this.#args = args;
    this.hosts = hosts;
    const proxy = topology.endpoint({ id: "proxysql/mysql", provider: hosts, port: PROXYSQL_PORT, protocol: "tcp" });
    topology.allow(hosts, galera.member, "ProxySQL sends queries to MariaDB, and looks at its state");
    if (args.software === "haproxy")
      topology.allow(hosts, galera.state, "HAProxy in ProxySQL's place asks which members are synced");
    this.#entry = topology.listen({
      id: "mariadb/entry",
      on: loadBalancer,
      port: PROXYSQL_PORT,
      backend: proxy,
      healthCheck: BALANCER_CHECK,
      mode: "tcp",
      // Galera has no leader; two writers would meet each other's rows, and lose (certification conflicts).
      leadsTo: "oneWriter",
    });
  }

  /** A database and user for a consumer, and the way to it. */
  database(consumer: Party, want: { readonly name: string; readonly purpose: string }): MariadbAccess {
    const { name, purpose } = want;
    if (!NAME.test(name)) {
      throw new Error(
        `mariadb.databases[${name}].name: found "${name}"; allowed: 1-32 lower-case letters, digits and underscores; fix: choose the consumer's name`,
      );
    }
    const password = this.#args.secrets.generated(`mariadb/${name}`);
    this.#args.galera.add({ name, user: name, password });
    const address = this.#args.topology.connect(consumer, this.#entry, purpose);
    return { address, database: name, username: name, password };
  }

  /** What must be on one of its hosts. Call it after all consumers have asked. */
  fragment(host: HostRef): HostConfigPart {
    const { galera, secrets, image } = this.#args;
    const { address } = memberOf("proxysql", this.hosts, host);
    if (this.#args.software === "haproxy") return this.#standIn(address);
    const content = proxysqlConfig({
      address,
      servers: galera.hosts.hosts,
      serverPort: galera.member.port,
      serverSeries: OS_IMAGES[image].mariadb.series,
      users: galera.databases.map(({ user, password }) => ({ name: user, password })),
      monitor: { name: MONITOR_USER, password: galera.monitorPassword },
      adminPassword: secrets.generated("proxysql/admin"),
      idleTimeoutSeconds: IDLE_TIMEOUT_SECONDS,
    });
    // --initial: its file is the truth, not the database that it keeps from an earlier start.
    const command = `/usr/bin/proxysql --initial -f --idle-threads -c ${CONFIG_PATH}`;
    return {
      aptRepositories: [proxysqlRepository(image)],
      packages: [{ name: "proxysql" }],
      sysctl: [{ key: "net.ipv4.ip_nonlocal_bind", value: 1 }],
      files: [{ path: CONFIG_PATH, content, group: "proxysql", mode: "0640", secret: true }],
      units: [
        {
          name: "proxysql.service",
          dropIns: {
            keybuzz: `[Service]\nType=simple\nPIDFile=\nExecStart=\nExecStart=${command}\nRestart=always\nRestartSec=1\n`,
          },
          enabled: true,
          state: "running",
          restartOn: [CONFIG_PATH],
        },
      ],
      checks: [
        {
          id: "proxysql-answers",
          command: `timeout 3 bash -c '</dev/tcp/${address}/${PROXYSQL_PORT}'`,
          attempts: 15,
          remedy: "journalctl -u proxysql shows what it dislikes in /etc/proxysql.cnf",
        },
      ],
    };
  }

  /** HAProxy behind the same endpoint: all connections to the first member that is synced. */
  #standIn(address: string): HostConfigPart {
    const { galera } = this.#args;
    const content = haproxyConfig({
      address,
      maxConnections: STAND_IN_CONNECTIONS,
      listeners: [
        {
          name: "mariadb",
          purpose: "MariaDB's load balancer -> here -> the first synced member",
          port: PROXYSQL_PORT,
          loopback: false,
          balance: "firstAlive",
          servers: galera.hosts.hosts,
          serverPort: galera.member.port,
          check: { kind: "http", port: galera.state.port, path: "/", statuses: [200], ...HAPROXY_CHECK },
          idleTimeoutSeconds: IDLE_TIMEOUT_SECONDS,
          siblings: [],
        },
      ],
    });
    return haproxyHost(content, [], { host: address, port: PROXYSQL_PORT });
  }
}

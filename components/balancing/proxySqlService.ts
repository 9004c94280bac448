import type { GaleraService } from "../data/galeraService";
import type { SecretLedger } from "../secrets/secretLedger";
import type { Hosts, LoadBalancer, Party } from "../topology/party";
import type { Address, Endpoint, Topology } from "../topology/topology";

export const PROXYSQL_PORT = 3306;
const NAME = /^[a-z][a-z0-9_]{0,31}$/;
/** Hetzner's interval is 3 s at least (LoadBalancerServiceHealthCheck). */
const BALANCER_CHECK = { kind: "tcp", port: PROXYSQL_PORT, intervalSeconds: 3, timeoutSeconds: 2, retries: 2 } as const;

export interface ProxySqlServiceArgs {
  readonly topology: Topology;
  readonly secrets: SecretLedger;
  readonly hosts: Hosts;
  readonly galera: GaleraService;
  /** Of its own: 3306 and nothing else. */
  readonly loadBalancer: LoadBalancer;
}

export interface MariadbDatabase {
  readonly name: string;
  readonly user: string;
  /** Placeholder. */
  readonly password: string;
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
  readonly #databases = new Map<string, MariadbDatabase>();

  constructor(args: ProxySqlServiceArgs) {
    const { topology, hosts, galera, loadBalancer } = args;
    this.#args = args;
    this.hosts = hosts;
    const proxy = topology.endpoint({ id: "proxysql/mysql", provider: hosts, port: PROXYSQL_PORT, protocol: "tcp" });
    topology.allow(hosts, galera.member, "ProxySQL sends queries to MariaDB, and looks at its state");
    this.#entry = topology.listen({
      id: "mariadb/entry",
      on: loadBalancer,
      port: PROXYSQL_PORT,
      backend: proxy,
      healthCheck: BALANCER_CHECK,
      mode: "tcp",
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
    this.#databases.set(name, { name, user: name, password });
    const address = this.#args.topology.connect(consumer, this.#entry, purpose);
    return { address, database: name, username: name, password };
  }

  /** Every database that was asked for, by name. */
  get databases(): readonly MariadbDatabase[] {
    return [...this.#databases.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}

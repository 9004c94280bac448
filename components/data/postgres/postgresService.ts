import type { HaproxyService } from "../../balancing/haproxyService";
import type { HostConfigPart } from "../../machines/hostConfig";
import type { PostgresVersion } from "../../machines/osImage";
import type { Account } from "../../secrets/account";
import type { SecretLedger } from "../../secrets/secretLedger";
import type { AddressPlan } from "../../topology/addressPlan";
import type { Mistake } from "../../mistakes";
import { partyKey, type HostRef, type Hosts, type LoadBalancer, type Party } from "../../topology/party";
import type { Endpoint, Topology } from "../../topology/topology";
import {
  REPLICATION_ROLE,
  REWIND_ROLE,
  clusterSettings,
  type PatroniConfigArgs,
  type PatroniDcs,
} from "./patroniConfig";
import { connectionMistakes, USUAL_CONNECTIONS, type ConnectionDemand } from "./connectionBudget";
import { failoverBudgetSeconds, patroniTimings, type PatroniSeries } from "./patroniTimings";
import { MAX_CLIENTS, MONITOR_ROLE, PGBOUNCER_ROLE, poolSize, type PoolMode } from "./pgbouncerConfig";
import {
  databaseRequestProblems,
  databaseUrl,
  type DatabaseAccess,
  type DatabaseRequest,
  type DatabaseSpec,
  type PostgresPath,
} from "./postgresDatabase";
import {
  hostNames,
  memberFragment,
  poolerFragment,
  postgresRepositories,
  type CertificateTexts,
} from "./postgresFragments";
import { postgresPackages, type PostgresPackages } from "./postgresPackages";
import { databasesScript, retiredRolesScript } from "./postgresScripts";
import { POSTGRES_AUTHORITY, postgresEndpoints } from "./postgresEndpoints";
import { RESERVED_CONNECTIONS, maxConnections, type MachineSize } from "./postgresSizing";
import type { ClusterJob, DataService } from "../dataService";
import { assertNoProblems, quorumProblems } from "../quorum";
import { postgresRolling } from "./postgresRolling";
import type { RollingRestart } from "../rollingRestart";
import type { ServiceImage } from "../serviceImage";

export interface PostgresServiceArgs extends MachineSize {
  readonly topology: Topology;
  readonly secrets: SecretLedger;
  /** The members: one, or an odd number from three. */
  readonly hosts: Hosts;
  /** What leads to them; PgBouncer runs on its hosts. */
  readonly haproxy: HaproxyService;
  readonly loadBalancer: LoadBalancer;
  readonly addresses: AddressPlan;
  readonly version: PostgresVersion;
  /** Default "etcd". "raft" is Patroni's own, deprecated upstream. */
  readonly dcs?: PatroniDcs;
  readonly image: ServiceImage;
  /** Ports of the load balancer. Default 5432, 5433 and 6432. */
  readonly ports?: Readonly<Record<PostgresPath, number>>;
  /** Default "off". */
  readonly watchdog?: PatroniConfigArgs["watchdog"];
}

/**
 * PostgreSQL under Patroni with synchronous replication, HAProxy in front and PgBouncer beside it; one database
 * and one role for each consumer.
 *
 * @example
 * const db = postgres.database(chatwoot, { name: "chatwoot", extensions: ["pg_trgm"], via: "leader", purpose: "Chatwoot's data" });
 * env.POSTGRES_HOST = db.host;
 */
export class PostgresService implements DataService {
  readonly token = "PostgresCluster";
  readonly name = "postgres";
  readonly hosts: Hosts;
  /** PgBouncer's, by version: Debian 12's cannot do prepared statements in transaction mode. */
  readonly poolMode: PoolMode;
  /** The longest that writes stop after a power cut of the leader, in seconds. */
  readonly failoverBudgetSeconds: number;
  readonly #args: PostgresServiceArgs;
  readonly #endpoints: Readonly<Record<PostgresPath, Endpoint>>;
  readonly #databases = new Map<string, DatabaseSpec>();
  /** Of the roles that are not consumers'. */
  readonly #passwords = new Map<string, string>();
  /** Consumers' logins, by the role that owns their databases. */
  readonly #accounts = new Map<string, Account>();
  readonly #packages: PostgresPackages;
  readonly #demands = new Map<string, Omit<ConnectionDemand, "pods"> & { readonly from: Party }>();

  constructor(args: PostgresServiceArgs) {
    const { topology, secrets, hosts, haproxy, loadBalancer } = args;
    const dcs = args.dcs ?? "etcd";
    assertNoProblems("postgres", quorumProblems("postgres.hosts", hosts.hosts, { kind: "majority", voter: dcs }));
    this.#args = args;
    this.hosts = hosts;
    this.#packages = postgresPackages(args.image, args.version);
    this.poolMode = this.#packages.poolMode;
    this.failoverBudgetSeconds = failoverBudgetSeconds(this.#timings);

    this.#endpoints = postgresEndpoints({
      topology,
      hosts,
      haproxy,
      loadBalancer,
      dcs,
      ...(args.ports === undefined ? {} : { ports: args.ports }),
    });
    for (const role of [REPLICATION_ROLE, REWIND_ROLE, PGBOUNCER_ROLE])
      this.#passwords.set(role, secrets.generated(`postgres/${role}`));
  }

  /**
   * A database for a consumer, and the way to it. Asking again, also by other pods of the same application, adds
   * a second path (the leader for migrations, the pool for the rest) or extensions.
   *
   * @throws MistakesError for a bad name; Error when another role owns the database.
   */
  database(consumer: Party, request: DatabaseRequest): DatabaseAccess {
    assertNoProblems("postgres", databaseRequestProblems(request));
    const { name, extensions = [], via } = request;
    const known = this.#databases.get(name);
    const owner = request.owner ?? known?.owner ?? name;
    if (known !== undefined && known.owner !== owner) {
      throw new Error(
        `postgres.databases[${name}].owner: found "${owner}"; allowed: "${known.owner}", which owns it already; fix: ask with one owner`,
      );
    }
    this.#databases.set(name, {
      name,
      owner,
      extensions: [...new Set([...(known?.extensions ?? []), ...extensions])].sort(),
      pooled: via === "pooled" || (known?.pooled ?? false),
    });
    const account = this.#args.secrets.account(`postgres/${owner}`, owner);
    this.#accounts.set(owner, account);
    const address = this.#args.topology.connect(consumer, this.#endpoints[via], request.purpose);
    const [consumerKey, perPod] = [partyKey(consumer), request.connections ?? USUAL_CONNECTIONS];
    const demand = { from: consumer, consumer: consumerKey.replace(/^pods\//, ""), database: name, via, perPod };
    this.#demands.set(`${consumerKey} ${name} ${via}`, demand);
    const access = {
      host: address.host,
      port: address.port,
      database: name,
      username: account.user,
      password: account.password,
      sslMode: "require",
      authority: this.#args.secrets.authority(POSTGRES_AUTHORITY),
      address,
    } as const;
    return { ...access, url: (scheme, parameters) => databaseUrl(access, scheme, parameters) };
  }

  /** The account of a monitoring system: statistics of every member and pool, no data. Placeholders. */
  monitor(): { readonly user: string; readonly password: string; readonly authority: string } {
    const { secrets } = this.#args;
    const password = secrets.generated(`postgres/${MONITOR_ROLE}`);
    this.#passwords.set(MONITOR_ROLE, password);
    return { user: MONITOR_ROLE, password, authority: secrets.authority(POSTGRES_AUTHORITY) };
  }

  /** Where the pool is, and what PgBouncer itself needs: whoever uses the one waits for both. */
  get pooled(): { readonly pool: Endpoint; readonly leader: Endpoint } {
    return { pool: this.#endpoints.pooled, leader: this.#endpoints.leader };
  }

  /** Those who ask for more connections than there are. Call it last. @param podsOf pods of a consumer at its most. */
  connectionMistakes(podsOf: (consumer: Party) => number): readonly Mistake[] {
    const databases = this.databases.filter(({ pooled }) => pooled).length;
    return connectionMistakes(
      {
        maxConnections: maxConnections(this.#args),
        reserved: RESERVED_CONNECTIONS,
        members: this.hosts.hosts.length,
        poolPerHost: this.#poolSize * databases,
        poolHosts: this.#args.haproxy.hosts.hosts.length,
        poolMode: this.poolMode,
        poolClients: MAX_CLIENTS,
      },
      [...this.#demands.values()].map(({ from, ...demand }) => ({ ...demand, pods: podsOf(from) })),
    );
  }

  /** Every database that was asked for, by name. */
  get databases(): readonly DatabaseSpec[] {
    return [...this.#databases.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** What must be on a member (PostgreSQL, Patroni, etcd) or on a HAProxy host (PgBouncer). Call it last. */
  fragment(host: HostRef): HostConfigPart {
    const { haproxy } = this.#args;
    const repositories = postgresRepositories(this.#args.image, this.#packages);
    if (this.hosts.hosts.some(({ name }) => name === host.name))
      return { ...repositories, ...memberFragment(this.#member(host)) };
    if (haproxy.hosts.hosts.some(({ name }) => name === host.name)) return { ...repositories, ...this.#pooler(host) };
    throw new Error(
      `host "${host.name}" has no part in PostgreSQL; allowed: ${hostNames([...this.hosts.hosts, ...haproxy.hosts.hosts])}`,
    );
  }

  /** Settings, roles, passwords, databases. */
  clusterJob(): ClusterJob {
    const members = this.hosts.hosts;
    const script = databasesScript({
      members,
      databases: this.databases,
      passwords: this.#passwords,
      accounts: this.#accounts,
      ...(this.#passwords.has(MONITOR_ROLE) ? { monitor: MONITOR_ROLE } : {}),
      settings: clusterSettings({ members, dcs: this.#dcs, timings: this.#timings, size: this.#args }),
    });
    return { makes: "databases", script };
  }

  retireScript(): string | undefined {
    const retired = [...this.#accounts.values()].flatMap((account) => account.retired ?? []);
    return retired.length === 0 ? undefined : retiredRolesScript(this.hosts.hosts, retired.sort());
  }

  /** Replicas one after the other, then the leader, which hands over first. */
  rolling(host: HostRef): RollingRestart {
    return postgresRolling(host, this.hosts.hosts, this.#dcs);
  }

  get #dcs(): PatroniDcs {
    return this.#args.dcs ?? "etcd";
  }

  get #timings(): ReturnType<typeof patroniTimings> {
    return patroniTimings(this.#series);
  }

  get #series(): PatroniSeries {
    return this.#packages.patroni;
  }

  #member(host: HostRef): Parameters<typeof memberFragment>[0] {
    const { secrets, version, addresses, watchdog, memoryGb, cores } = this.#args;
    return {
      host,
      members: this.hosts.hosts,
      version,
      dcs: this.#dcs,
      series: this.#series,
      timings: this.#timings,
      size: { memoryGb, cores },
      clientCidrs: [addresses.networkCidr, addresses.podCidr],
      watchdog: watchdog ?? "off",
      certificate: this.#certificate(host),
      extensions: this.databases.flatMap(({ extensions }) => extensions),
      secrets: {
        replication: this.#password(REPLICATION_ROLE),
        rewind: this.#password(REWIND_ROLE),
        restApi: secrets.generated("postgres/patroni-rest-api"),
        ...(this.#dcs === "raft" ? { raft: secrets.generated("postgres/patroni-raft") } : {}),
      },
    };
  }

  #pooler(host: HostRef): HostConfigPart {
    const pooled = this.databases.filter((database) => database.pooled).map(({ name }) => name);
    return poolerFragment({
      address: host.address,
      mode: this.poolMode,
      databases: pooled,
      poolSize: this.#poolSize,
      certificate: this.#certificate(host),
      password: this.#password(PGBOUNCER_ROLE),
      ...(this.#passwords.has(MONITOR_ROLE) ? { monitorPassword: this.#password(MONITOR_ROLE) } : {}),
    });
  }

  /** Of one database, on one host of PgBouncer. */
  get #poolSize(): number {
    return poolSize({
      maxConnections: maxConnections(this.#args),
      reserved: RESERVED_CONNECTIONS,
      hosts: this.#args.haproxy.hosts.hosts.length,
      databases: this.databases.filter(({ pooled }) => pooled).length,
      mode: this.poolMode,
    });
  }

  /** Clients see the load balancer's address, members each other's. */
  #certificate(host: HostRef): CertificateTexts {
    return this.#args.secrets.certificate({
      id: `postgres/${host.name}`,
      authority: POSTGRES_AUTHORITY,
      commonName: host.name,
      dnsNames: [host.name, "localhost"],
      ipAddresses: [host.address, this.#args.loadBalancer.address, "127.0.0.1"],
    });
  }

  #password(role: string): string {
    const password = this.#passwords.get(role);
    if (password === undefined) throw new Error(`no password is declared for role "${role}"`);
    return password;
  }
}

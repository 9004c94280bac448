import type { HostConfigPart } from "../../machines/hostConfig";
import type { SecretLedger } from "../../secrets/secretLedger";
import type { HostRef, Hosts } from "../../topology/party";
import type { Endpoint, Topology } from "../../topology/topology";
import {
  GALERA_PORTS,
  MARIADB_PORT,
  MONITOR_USER,
  WSREP_STATE_PORT,
  galeraConfig,
  galeraDatabasesScript,
  type GaleraDatabase,
} from "./galeraConfig";
import { galeraRevival } from "./galeraRevival";
import {
  GALERA_BEGIN_FILE,
  GALERA_POSITION_FILE,
  GALERA_STATE_SOCKET,
  GALERA_STATE_UNIT,
  galeraStartScript,
  wsrepStateScript,
} from "./galeraStart";
import { assertNoProblems, quorumProblems } from "../quorum";
import type { ClusterJob, DataService } from "../dataService";
import { galeraRolling } from "./galeraRolling";
import type { RollingRestart } from "../rollingRestart";
import { memberOf } from "../serviceHosts";
import { stateUnits } from "../stateUnits";
import { OS_IMAGES } from "../../machines/osImage";
import { mariadbRepository, type ServiceImage } from "../serviceImage";

const PATHS = {
  config: "/etc/mysql/mariadb.conf.d/90-keybuzz.cnf",
  start: "/usr/local/sbin/keybuzz-galera-start",
  state: "/usr/local/sbin/keybuzz-wsrep-state",
} as const;

/** The machine that a member runs on. */
export interface GaleraMachine {
  readonly image: ServiceImage;
  /** GiB and virtual CPUs of the smallest member. */
  readonly memoryGb: number;
  readonly cores: number;
}

export interface GaleraServiceArgs extends GaleraMachine {
  readonly topology: Topology;
  readonly secrets: SecretLedger;
  /** The members: one, or an odd number from three. */
  readonly hosts: Hosts;
}

/** MariaDB with Galera. Consumers come through ProxySQL, which knows the writer. */
export class GaleraService implements DataService {
  readonly token = "GaleraCluster";
  readonly name = "mariadb";
  readonly hosts: Hosts;
  /** MariaDB on the members: ProxySQL's backend. */
  readonly member: Endpoint;
  /** Where a member says over HTTP whether it is synced. */
  readonly state: Endpoint;
  /** Placeholder. */
  readonly monitorPassword: string;
  readonly #machine: GaleraMachine;
  readonly #databases = new Map<string, GaleraDatabase>();

  constructor({ topology, secrets, hosts, ...machine }: GaleraServiceArgs) {
    assertNoProblems("mariadb", quorumProblems("mariadb.hosts", hosts.hosts, { kind: "majority", voter: "Galera" }));
    this.hosts = hosts;
    this.#machine = machine;
    this.monitorPassword = secrets.generated(`mariadb/${MONITOR_USER}`);
    this.member = topology.endpoint({ id: "mariadb/member", provider: hosts, port: MARIADB_PORT, protocol: "tcp" });
    topology.mesh(
      hosts,
      { id: "mariadb/sst", port: GALERA_PORTS.stateTransfer },
      "Galera copies the data to a new member",
    );
    topology.mesh(hosts, { id: "mariadb/replication", port: GALERA_PORTS.replication }, "Galera replicates");
    topology.mesh(
      hosts,
      { id: "mariadb/replication-udp", port: GALERA_PORTS.replication, protocol: "udp" },
      "Galera replicates",
    );
    this.state = topology.mesh(
      hosts,
      { id: "mariadb/state", port: WSREP_STATE_PORT },
      "A Galera member without data asks whether the others have any",
    );
    topology.mesh(
      hosts,
      { id: "mariadb/ist", port: GALERA_PORTS.incrementalTransfer },
      "Galera brings a member up to date",
    );
  }

  /** Makes a database with its user; who uses it, ProxySQL knows. */
  add(database: GaleraDatabase): void {
    this.#databases.set(database.name, database);
  }

  /** Every database that was asked for, by name. */
  get databases(): readonly GaleraDatabase[] {
    return [...this.#databases.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** One after the other. */
  rolling(): RollingRestart {
    return galeraRolling(this.hosts.hosts);
  }

  clusterJob(): ClusterJob {
    return { makes: "accounts", script: galeraDatabasesScript(this.databases, this.monitorPassword) };
  }

  /** Its accounts are never rotated. */
  retireScript(): undefined {
    return undefined;
  }

  fragment(host: HostRef): HostConfigPart {
    const { image, memoryGb, cores } = this.#machine;
    const member = memberOf("mariadb", this.hosts, host);
    const members = this.hosts.hosts;
    const revival = galeraRevival(members);
    return {
      ...revival,
      ...(OS_IMAGES[image].mariadb.from === "makers" ? { aptRepositories: [mariadbRepository(image)] } : {}),
      packages: ["mariadb-server", "mariadb-client", "mariadb-backup", "galera-4", "socat", "rsync"].map((name) => ({
        name,
      })),
      sysctl: [{ key: "net.ipv4.ip_nonlocal_bind", value: 1 }],
      files: [
        ...(revival.files ?? []),
        { path: PATHS.config, content: galeraConfig({ host: member, members, memoryGb, cores }) },
        {
          path: PATHS.start,
          content: galeraStartScript({ host: member, members }),
          mode: "0755",
          validate: "bash -n %s",
        },
        { path: PATHS.state, content: wsrepStateScript(), mode: "0755", validate: "bash -n %s" },
      ],
      units: [
        {
          name: "mariadb.service",
          // A copy of a whole member takes as long as its data is large.
          dropIns: {
            keybuzz: `[Service]\nEnvironmentFile=-${GALERA_BEGIN_FILE}\nExecStartPre=+${PATHS.start}\nExecStartPost=+/bin/rm -f ${GALERA_POSITION_FILE} ${GALERA_BEGIN_FILE}\nTimeoutStartSec=3600\nRestart=on-failure\n`,
          },
          enabled: true,
          state: "running",
          restartOn: [PATHS.config],
          restart: "inTurn",
          waitsForPeers: members.length > 1,
          // The other members ask it whether this one has data, before it runs.
          after: [GALERA_STATE_SOCKET],
        },
        ...stateUnits({
          name: GALERA_STATE_UNIT,
          address: member.address,
          port: WSREP_STATE_PORT,
          user: "mysql",
          command: PATHS.state,
          says: "Says whether this Galera member is synced",
          answers: "Answers one question about this Galera member",
        }),
      ],
      joined: [
        {
          id: "galera-synced",
          command: 'test "$(mariadb -N -B -e "SHOW STATUS LIKE \'wsrep_local_state_comment\'" | cut -f2)" = Synced',
          // A copy of a whole member takes as long as its data is large.
          attempts: 900,
          remedy:
            "journalctl -u mariadb shows whether this member finds the others; SHOW STATUS LIKE 'wsrep%' shows its state",
        },
      ],
    };
  }
}

import type { SecretLedger } from "../secrets/secretLedger";
import type { Hosts } from "../topology/party";
import type { Endpoint, Topology } from "../topology/topology";
import { assertNoProblems, quorumProblems } from "./quorum";

export const MARIADB_PORT = 3306;
/** Between members only, never on a load balancer (galeracluster.com, Firewall Settings): SST, replication, IST. */
export const GALERA_PORTS = { stateTransfer: 4444, replication: 4567, incrementalTransfer: 4568 } as const;
/** With this account ProxySQL looks at the members; it may only connect and read their status. */
export const MONITOR_USER = "monitor";

export interface GaleraServiceArgs {
  readonly topology: Topology;
  readonly secrets: SecretLedger;
  /** The members: one, or an odd number from three. */
  readonly hosts: Hosts;
}

/** MariaDB with Galera. Consumers come through ProxySQL, which knows the writer. */
export class GaleraService {
  readonly hosts: Hosts;
  /** MariaDB on the members: ProxySQL's backend. */
  readonly member: Endpoint;
  /** Placeholder. */
  readonly monitorPassword: string;

  constructor({ topology, secrets, hosts }: GaleraServiceArgs) {
    assertNoProblems("mariadb", quorumProblems("mariadb.hosts", hosts.hosts, { kind: "majority", voter: "Galera" }));
    this.hosts = hosts;
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
    topology.mesh(
      hosts,
      { id: "mariadb/ist", port: GALERA_PORTS.incrementalTransfer },
      "Galera brings a member up to date",
    );
  }
}

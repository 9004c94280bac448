import { WSREP_STATE_PORT, galeraDatabasesScript } from "../../../components/data/mariadb/galeraConfig";
import type { Bench } from "./bench";
import { eventually, type TestedCluster } from "./faults";
import { LineClient } from "./lineClient";
import { Writer } from "./writer";

const DATABASE = { name: "bench", user: "bench", password: "benchOnly0123456789" } as const;

/** Galera behind the stand-in of ProxySQL: the first synced member takes the writes. */
export class GaleraBench implements TestedCluster {
  constructor(private readonly bench: Bench) {}

  get names(): readonly string[] {
    return this.bench.group("mariadb").map(({ name }) => name);
  }

  /** Makes a consumer's database, as the program would. */
  async prepare(): Promise<void> {
    const { mariadb } = this.bench.plan.services;
    if (mariadb === undefined) throw new Error("no MariaDB");
    await this.bench.run(this.names[0] ?? "", galeraDatabasesScript([DATABASE], mariadb.monitorPassword));
    await this.bench.membersMet("mariadb");
  }

  async leader(askedAt = this.names[0] ?? ""): Promise<string> {
    for (const host of this.bench.group("mariadb")) {
      const url = `http://${host.address}:${WSREP_STATE_PORT}/`;
      const said = await this.bench.fleet
        .inside(askedAt, ["curl", "-s", "-m", "2", "-o", "/dev/null", "-w", "%{http_code}", url], { timeoutMs: 10_000 })
        .catch(() => "");
      if (said === "200") return host.name;
    }
    throw new Error("no member is synced");
  }

  views(): Promise<string> {
    return this.bench.views(
      "mariadb",
      "mariadb -N -B -e \"SHOW STATUS WHERE Variable_name IN ('wsrep_cluster_size', 'wsrep_local_state_comment', 'wsrep_cluster_status')\"; journalctl -u mariadb -o cat --no-pager | tail -n 15",
    );
  }

  async whole(timeoutMs = 150_000): Promise<void> {
    await eventually(async () => {
      for (const name of this.names) {
        const said = await this.inside(
          name,
          "SELECT GROUP_CONCAT(VARIABLE_VALUE ORDER BY VARIABLE_NAME) FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME IN ('WSREP_CLUSTER_SIZE', 'WSREP_LOCAL_STATE', 'WSREP_READY')",
        );
        if (said.trim() !== `${this.names.length},4,ON`) return `${name}: size, state, ready: ${said.trim()}`;
      }
      return undefined;
    }, timeoutMs);
  }

  inside(name: string, sql: string): Promise<string> {
    return this.bench.fleet.inside(name, ["timeout", "8", "mariadb", "-N", "-B"], { input: sql, timeoutMs: 15_000 });
  }

  client(): LineClient {
    const { address } = this.bench.plan.environment.mariadbLoadBalancer ?? { address: "" };
    return new LineClient(
      this.bench.fleet.namespace,
      this.bench.image,
      ["/usr/bin/mariadb", "-h", address, "-u", DATABASE.user, "-N", "-B", "-n", "--connect-timeout=3", DATABASE.name],
      { MYSQL_PWD: DATABASE.password },
    );
  }

  async query(sql: string): Promise<string> {
    const client = this.client();
    try {
      return await client.ask(sql, 20_000);
    } finally {
      client.close();
    }
  }

  async writer(name: string): Promise<Writer> {
    await this.query(`CREATE TABLE ${name} (n BIGINT PRIMARY KEY); SELECT 'made';`);
    return new Writer({
      connect: () => this.client(),
      write: (n) => `INSERT INTO ${name} VALUES (${n}); SELECT ${n};`,
      acknowledged: (n, answer) => answer === String(n),
      patienceMs: 5000,
    });
  }

  async missing(name: string, writer: Writer): Promise<readonly number[]> {
    const said = await this.query(
      `SET SESSION group_concat_max_len = 1000000; SELECT GROUP_CONCAT(n SEPARATOR ' ') FROM ${name};`,
    );
    const there = new Set(said.split(" ").map(Number));
    return writer.acknowledged.map(({ n }) => n).filter((n) => !there.has(n));
  }
}

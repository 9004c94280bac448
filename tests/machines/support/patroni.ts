import { alternatingAccount, type Account } from "../../../components/secrets/account";
import type { Bench } from "./bench";
import { LineClient } from "./lineClient";
import { tryLogin, type RotatedCluster } from "./rotation";
import { Writer, type WriterOptions } from "./writer";

interface Member {
  readonly Member: string;
  readonly Role: string;
  readonly State: string;
}

/** The PostgreSQL cluster of a bench, as its operators and its clients see it. */
export class PatroniCluster implements RotatedCluster {
  readonly #database: { readonly name: string; readonly owner: string };

  constructor(private bench: Bench) {
    const [database] = bench.plan.services.postgres?.databases ?? [];
    if (database === undefined) throw new Error("no consumer has a database");
    this.#database = database;
  }

  get names(): readonly string[] {
    return this.bench.group("postgres").map(({ name }) => name);
  }

  async members(askedAt: string): Promise<readonly Member[]> {
    const text = await this.bench.fleet.inside(
      askedAt,
      ["patronictl", "-c", "/etc/patroni/config.yml", "list", "-f", "json"],
      { timeoutMs: 15_000 },
    );
    return JSON.parse(text) as Member[];
  }

  async leader(askedAt = this.names[0] ?? ""): Promise<string> {
    const leader = (await this.members(askedAt)).find(({ Role }) => Role === "Leader");
    if (leader === undefined) throw new Error("there is no leader");
    return leader.Member;
  }

  /** Waits for one leader, a synchronous standby, and every member running. */
  views(): Promise<string> {
    return this.bench.views(
      "postgres",
      "patronictl -c /etc/patroni/config.yml list; journalctl -u patroni -o cat --no-pager | tail -n 15",
    );
  }

  async whole(timeoutMs = 180_000): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      let last: string;
      try {
        const members = await this.members(this.names[0] ?? "");
        last = JSON.stringify(members);
        const roles = members.map(({ Role }) => Role).sort();
        const running = members.every(({ State }) => State === "running" || State === "streaming");
        if (running && roles.join() === "Leader,Replica,Sync Standby") return;
      } catch (error) {
        last = (error as Error).message;
      }
      if (Date.now() > deadline) throw new Error(`the cluster is not whole after ${timeoutMs} ms: ${last}`);
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }

  adopt(bench: Bench): void {
    this.bench = bench;
  }

  async logIn(bench: Bench): Promise<void> {
    await tryLogin(this.client(5432, this.#login(bench)), "SELECT 'in';", "in");
  }

  /** Id of the secret of the consumer's login. */
  get secretId(): string {
    return `postgres/${this.#database.owner}`;
  }

  #login({ plan, secrets }: Bench): Account {
    const rotation = plan.environment.rotations?.[this.secretId] ?? 0;
    return alternatingAccount(this.#database.owner, rotation, secrets.get(this.secretId) ?? "");
  }

  /** A client at the load balancer's address. */
  client(port = 5432, login = this.#login(this.bench)): LineClient {
    return new LineClient(
      this.bench.fleet.namespace,
      this.bench.image,
      [
        `/usr/lib/postgresql/${this.bench.plan.environment.postgres.version}/bin/psql`,
        "-qAtX",
        "-v",
        "ON_ERROR_STOP=1",
      ],
      {
        PGHOST: this.bench.plan.environment.dataLoadBalancer.address,
        PGPORT: String(port),
        PGDATABASE: this.#database.name,
        PGUSER: login.user,
        PGPASSWORD: login.password,
        PGSSLMODE: "require",
        PGCONNECT_TIMEOUT: "2",
      },
    );
  }

  async query(sql: string, port = 5432): Promise<string> {
    const client = this.client(port);
    try {
      return await client.ask(sql, 20_000);
    } finally {
      client.close();
    }
  }

  /** Inserts into a table of its own through the load balancer. */
  async writer(table: string, options: Partial<WriterOptions> = {}): Promise<Writer> {
    await this.query(`CREATE TABLE ${table} (n bigint); SELECT 'made';`);
    return new Writer({
      connect: () => this.client(),
      write: (n) => `INSERT INTO ${table} VALUES (${n}) RETURNING n;`,
      acknowledged: (n, answer) => answer === String(n),
      // As an application's own timeout: nobody tells it that the machine on the other end is gone.
      patienceMs: 5000,
      ...options,
    });
  }

  /** Numbers that were acknowledged and are not there. */
  async missing(table: string, writer: Writer): Promise<readonly number[]> {
    const there = new Set(
      (await this.query(`SELECT string_agg(n::text, ' ') FROM ${table};`)).split(" ").map((text) => Number(text)),
    );
    return writer.acknowledged.map(({ n }) => n).filter((n) => !there.has(n));
  }
}

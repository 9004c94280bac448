import { SENTINEL_MASTER, SENTINEL_PORT } from "../../../components/data/redis/redisConfig";
import type { Bench } from "./bench";
import { eventually } from "./faults";
import { LineClient } from "./lineClient";
import { tryLogin, type RotatedCluster } from "./rotation";
import { Writer, type WriterOptions } from "./writer";

/** Whose account the suite's clients have, and where it may write. */
const CONSUMER = "chatwoot";
const PLACE = "alfred:";

/** Redis with its Sentinels. */
export class RedisCluster implements RotatedCluster {
  constructor(private bench: Bench) {}

  get names(): readonly string[] {
    return this.bench.group("redis").map(({ name }) => name);
  }

  async leader(askedAt = this.names[0] ?? ""): Promise<string> {
    const ask = ["redis-cli", "-p", String(SENTINEL_PORT), "SENTINEL", "get-master-addr-by-name", SENTINEL_MASTER];
    const [address] = (await this.bench.fleet.inside(askedAt, ask, { timeoutMs: 10_000 })).split("\n");
    const host = this.bench.group("redis").find((one) => one.address === address);
    if (host === undefined) throw new Error(`Sentinel names ${address ?? "nobody"}`);
    return host.name;
  }

  views(): Promise<string> {
    return this.bench.views(
      "redis",
      `redis-cli -p ${SENTINEL_PORT} SENTINEL master ${SENTINEL_MASTER} | paste -d " " - - | grep -E "^(ip|flags|num-)"; REDISCLI_AUTH=${passwordOf(this.bench)} redis-cli INFO replication | head -n 12; journalctl -u redis-sentinel -o cat --no-pager | grep -v "saved on disk" | tail -n 15`,
    );
  }

  async whole(timeoutMs = 90_000): Promise<void> {
    await eventually(async () => {
      const leaders = new Set(await Promise.all(this.names.map((name) => this.leader(name))));
      if (leaders.size !== 1) return `Sentinels name ${[...leaders].join(" and ")}`;
      const [leader = ""] = leaders;
      const said = await this.inside(leader, "INFO replication");
      const online = said.match(/^slave\d+:.*state=online/gm) ?? [];
      return online.length === this.names.length - 1 ? undefined : `${leader}: ${said.slice(0, 300)}`;
    }, timeoutMs);
  }

  /** A command to the member's own Redis, with the members' own account. */
  inside(name: string, command: string): Promise<string> {
    return this.bench.fleet.inside(name, ["sh", "-c", `REDISCLI_AUTH=${passwordOf(this.bench)} redis-cli ${command}`], {
      timeoutMs: 10_000,
    });
  }

  adopt(bench: Bench): void {
    this.bench = bench;
  }

  async logIn(bench: Bench): Promise<void> {
    await tryLogin(this.client(CONSUMER, bench), "PING", "PONG");
  }

  /** Through the load balancer, as a consumer. */
  client(user: string = CONSUMER, { secrets } = this.bench): LineClient {
    const { address } = this.bench.plan.environment.dataLoadBalancer;
    return new LineClient(
      this.bench.fleet.namespace,
      this.bench.image,
      ["/usr/bin/redis-cli", "--no-auth-warning", "--user", user, "-h", address, "-p", "6379"],
      { REDISCLI_AUTH: secrets.get(`redis/${user}`) ?? "" },
    );
  }

  async query(command: string, user: string = CONSUMER): Promise<string> {
    const client = this.client(user);
    try {
      return await client.ask(command, 10_000);
    } finally {
      client.close();
    }
  }

  async writer(name: string, options: Partial<WriterOptions> = {}): Promise<Writer> {
    return new Writer({
      connect: () => this.client(),
      write: (n) => `SADD ${PLACE}${name} ${n}`,
      acknowledged: (_n, answer) => answer === "1",
      patienceMs: 3000,
      ...options,
    });
  }

  newcomer(name: string): Promise<Writer> {
    return this.writer(name, { fresh: true, intervalMs: 100 });
  }

  /** A replica refuses writes; so does a former primary, and one that was restarted until its replicas are back. */
  isWrongMember(answer: string, moved: boolean): boolean {
    return (moved ? /READONLY|NOREPLICAS/ : /READONLY/).test(answer);
  }

  async missing(name: string, writer: Writer): Promise<readonly number[]> {
    const leader = await this.leader();
    const there = new Set((await this.inside(leader, `SMEMBERS ${PLACE}${name}`)).split("\n").map(Number));
    return writer.acknowledged.map(({ n }) => n).filter((n) => !there.has(n));
  }
}

function passwordOf({ secrets }: Bench): string {
  return secrets.get("redis/default") ?? "";
}

// The same configurations on Debian 13, whose daemons are all of another series: each cluster forms, a second run changes
// nothing, and it survives a power cut of its leader and a change that rolls. The rest is asked of Debian 12.
import { realMachinesAvailable } from "@standin/machines/real";
import { Bench, DEBIAN_13, log } from "./support/bench";
import { powerCut, survives, type TestedCluster } from "./support/faults";
import { GaleraBench } from "./support/galera";
import { openPostgres } from "./support/postgresSuite";
import { RabbitCluster } from "./support/rabbit";
import { RedisCluster } from "./support/redis";
import { rolls } from "./support/rollingChange";

const possible = realMachinesAvailable();
if (!possible.ok) log(`skipped: real machines: ${possible.why}`);
const LIMIT_MS = 300_000;

interface Made {
  readonly bench: Bench;
  readonly cluster: TestedCluster;
}

interface Case {
  readonly service: string;
  readonly group: "redis" | "rabbitmq" | "mariadb" | "postgres";
  readonly make: () => Promise<Made>;
  /** What must hold after a power cut. Redis replicates after it has answered. */
  readonly promise: (bench: Bench) => {
    readonly goalMs: number;
    readonly mayLoseMs?: number;
    readonly moves?: boolean;
  };
  /** A setting that needs a restart, and another value of it. */
  readonly change: readonly [from: string, to: string];
}

const CASES: readonly Case[] = [
  {
    service: "Redis",
    group: "redis",
    make: async () => {
      const bench = await Bench.formed(["redis", "haproxy"], DEBIAN_13);
      return { bench, cluster: new RedisCluster(bench) };
    },
    promise: () => ({ goalMs: 15_000, mayLoseMs: 1000 }),
    change: ["repl-backlog-size 64mb", "repl-backlog-size 32mb"],
  },
  {
    service: "RabbitMQ",
    group: "rabbitmq",
    make: async () => {
      const bench = await Bench.formed(["rabbitmq", "haproxy"], DEBIAN_13);
      const cluster = new RabbitCluster(bench);
      await bench.run(cluster.names[0] ?? "", bench.plan.services.rabbitmq?.clusterJob().script ?? "exit 1");
      return { bench, cluster };
    },
    promise: () => ({ goalMs: 10_000, moves: false }),
    change: ["heartbeat = 30", "heartbeat = 25"],
  },
  {
    service: "Galera",
    group: "mariadb",
    make: async () => {
      const bench = await Bench.formed(["mariadb", "proxysql"], DEBIAN_13);
      const cluster = new GaleraBench(bench);
      await cluster.prepare();
      return { bench, cluster };
    },
    promise: () => ({ goalMs: 10_000 }),
    change: ["max_connections = 500", "max_connections = 450"],
  },
  {
    service: "PostgreSQL",
    group: "postgres",
    make: () => openPostgres("etcd", DEBIAN_13),
    // Patroni 4 waits longer than 3.0 before a leader counts as dead.
    promise: ({ plan }) => ({ goalMs: (plan.services.postgres?.failoverBudgetSeconds ?? 0) * 1000 }),
    change: ["shared_buffers: 1024MB", "shared_buffers: 700MB"],
  },
];

(possible.ok ? describe : describe.skip).each(CASES)("$service of Debian 13", ({ service, group, make, ...one }) => {
  let made: Made;

  beforeAll(async () => {
    made = await make();
    await made.bench.membersMet(group);
    await made.cluster.whole();
  }, 900_000);
  afterAll(async () => made?.bench.close(), LIMIT_MS);

  test("a second run of every script changes nothing", async () => made.bench.expectNoChange(), LIMIT_MS);

  test(
    "power cut of the leader",
    async () => {
      const { bench, cluster } = made;
      await survives(cluster, {
        name: `${service} of Debian 13, power cut`,
        ...one.promise(bench),
        ...powerCut(bench),
      });
    },
    LIMIT_MS,
  );

  test(
    "a change rolls",
    async () => {
      const { bench, cluster } = made;
      const [from, to] = one.change;
      const goals = { goalMs: one.promise(bench).goalMs, moves: false };
      const said = await rolls(bench, cluster, { name: `${service} of Debian 13, change`, ...goals, group, from, to });
      // Three turns, and one more for the leader, who comes last.
      expect(said.length).toBeGreaterThanOrEqual(3);
      expect(said.join("\n")).toContain("restarted");
    },
    LIMIT_MS,
  );
});

import { realMachinesAvailable } from "../../rehearsal/machines/real";
import { Bench, log } from "./support/bench";
import { killed, partition, powerCut, survives } from "./support/faults";
import { RabbitCluster } from "./support/rabbit";

const possible = realMachinesAvailable();
if (!possible.ok) log(`skipped: real machines: ${possible.why}`);

/** Writes that go on without the leader's machine show that another leads: asking the broker waits for the dead one. */
const GOAL = { goalMs: 10_000, moves: false } as const;
const LIMIT_MS = 300_000;

(possible.ok ? describe : describe.skip)("RabbitMQ on real machines loses the leader of a queue", () => {
  let bench: Bench;
  let cluster: RabbitCluster;

  beforeAll(async () => {
    bench = await Bench.formed(["rabbitmq", "haproxy"]);
    cluster = new RabbitCluster(bench);
    await bench.run(cluster.names[0] ?? "", bench.plan.services.rabbitmq?.vhostsScript() ?? "");
    await cluster.whole();
  }, 900_000);

  afterAll(async () => bench?.close(), LIMIT_MS);

  test(
    "power cut of the leader; the queue is a quorum queue without being asked for",
    async () => {
      await survives(cluster, { name: "RabbitMQ, power cut", ...GOAL, ...powerCut(bench) });
      expect(await cluster.queueType()).toBe("quorum");
    },
    LIMIT_MS,
  );

  test(
    "kill -9 of the leader's broker",
    async () => survives(cluster, { name: "RabbitMQ, kill -9", ...GOAL, ...killed(bench, "beam.smp") }),
    LIMIT_MS,
  );

  test(
    "a partition isolates the leader: it pauses",
    async () => {
      await survives(cluster, { name: "RabbitMQ, partition", ...GOAL, ...partition(bench, async () => undefined) });
    },
    LIMIT_MS,
  );

  test("a second run of every script changes nothing", async () => bench.expectNoChange(), LIMIT_MS);
});

import { realMachinesAvailable } from "@standin/machines/real";
import { Bench, log } from "./support/bench";
import { eventually, killed, partition, powerCut, replaced, survives } from "./support/faults";
import { RabbitCluster } from "./support/rabbit";
import { rolls } from "./support/rollingChange";
import { rotates } from "./support/rotation";

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
    const { rabbitmq } = bench.plan.services;
    if (rabbitmq === undefined) throw new Error("no RabbitMQ");
    await bench.run(cluster.names[0] ?? "", rabbitmq.clusterJob().script);
    await bench.membersMet("rabbitmq");
    await cluster.whole();
  }, 900_000);

  afterAll(async () => bench?.close(), LIMIT_MS);

  test(
    "its limits on silence are in force, whichever file they come from",
    async () => {
      const limits = "{application:get_env(aten, poll_interval), net_kernel:get_net_ticktime()}.";
      for (const name of cluster.names)
        expect(await bench.run(name, `rabbitmqctl -q eval '${limits}' </dev/null`)).toBe("{{ok,2000},5}\n");
    },
    LIMIT_MS,
  );

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
    "the leader's machine is replaced: the new one is a member again, of the queue as well",
    async () => {
      await survives(cluster, { name: "RabbitMQ, machine replaced", ...GOAL, ...replaced(bench) });
      await bench.membersMet("rabbitmq");
      const whole = /^\S+: (leader|follower)$/;
      await eventually(async () => (await cluster.parts()).find((part) => !whole.test(part)), 60_000);
      expect(await cluster.parts()).toHaveLength(cluster.names.length);
      await bench.expectNoChange();
    },
    LIMIT_MS,
  );

  test(
    "a partition isolates the leader: it confirms no writes",
    async () => {
      let isolated = "";
      await survives(cluster, {
        name: "RabbitMQ, partition",
        ...GOAL,
        ...partition(bench, async (leader) => {
          isolated = leader;
          expect(await cluster.publishWithin(leader, -1)).toBe("");
        }),
      });
      // The very same is confirmed once it is one of three again and listens.
      await eventually(
        async () => ((await cluster.publishWithin(isolated, -2)) === "-2" ? undefined : `${isolated} confirms nothing`),
        60_000,
      );
    },
    LIMIT_MS,
  );

  test(
    "a member whose RabbitMQ does not go on after a pause is started again by itself",
    async () => {
      const member = cluster.names[2] ?? "";
      // As a pause does it: the daemon runs on, RabbitMQ in it does not.
      await bench.run(member, "rabbitmqctl -q stop_app </dev/null");
      await cluster.whole();
    },
    LIMIT_MS,
  );

  test("a second run of every script changes nothing", async () => bench.expectNoChange(), LIMIT_MS);

  test(
    "a change rolls: one member after the other",
    async () => {
      const said = await rolls(bench, cluster, {
        name: "RabbitMQ, rolling change",
        ...GOAL,
        group: "rabbitmq",
        from: "heartbeat = 30",
        to: "heartbeat = 25",
      });
      expect(said.filter((text) => text.includes("rabbitmq-server.service restarted"))).toHaveLength(3);
    },
    LIMIT_MS,
  );

  test(
    "a password rotates: nobody is refused, in the end the old user is gone",
    async () => {
      bench = await rotates(bench, cluster, {
        name: "RabbitMQ, password rotated",
        ids: [cluster.secretId],
        accounts: ({ plan }) => plan.services.rabbitmq?.clusterJob().script,
        retire: ({ plan }) => plan.services.rabbitmq?.retireScript(),
      });
    },
    LIMIT_MS,
  );

  test(
    "rabbitmqctl on any member answers for the whole cluster, queues of other members included",
    async () => {
      await cluster.ask("declare asked_everywhere");
      for (const name of cluster.names) {
        const since = Date.now();
        expect((await cluster.ctl(name, "list_queues", "-p", cluster.vhost, "name")).split("\n")).toContain(
          "asked_everywhere",
        );
        log(`RabbitMQ, list_queues on ${name}: ${((Date.now() - since) / 1000).toFixed(1)} s`);
      }
    },
    LIMIT_MS,
  );
});

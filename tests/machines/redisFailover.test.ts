import { realMachinesAvailable } from "@standin/machines/real";
import { Bench, log } from "./support/bench";
import { killed, partition, powerCut, replaced, survives } from "./support/faults";
import { RedisCluster } from "./support/redis";
import { rolls } from "./support/rollingChange";
import { rotates } from "./support/rotation";

const possible = realMachinesAvailable();
if (!possible.ok) log(`skipped: real machines: ${possible.why}`);

const GOAL_MS = 15_000;
/** Redis replicates after it has answered: what it acknowledged in the last second before a power cut may be gone. */
const PROMISE = { goalMs: GOAL_MS, mayLoseMs: 1000 } as const;

(possible.ok ? describe : describe.skip)("Redis on real machines loses its primary", () => {
  let bench: Bench;
  let cluster: RedisCluster;

  beforeAll(async () => {
    bench = await Bench.formed(["redis", "haproxy"]);
    cluster = new RedisCluster(bench);
    await bench.membersMet("redis");
    await cluster.whole();
  }, 900_000);

  afterAll(async () => bench?.close(), 300_000);

  test("answers through the load balancer, and every script changes nothing when it runs again", async () => {
    expect(await cluster.query("SET greeting hello")).toBe("OK");
    expect(await cluster.query("GET greeting")).toBe("hello");
    await bench.expectNoChange();
  }, 300_000);

  test(
    "power cut of the primary",
    async () => survives(cluster, { name: "Redis, power cut", ...powerCut(bench), ...PROMISE }),
    300_000,
  );

  test(
    "kill -9 of the primary's Redis",
    async () =>
      survives(cluster, {
        name: "Redis, kill -9",
        ...killed(bench, "^/usr/bin/redis-server"),
        ...PROMISE,
        // systemd may be quicker than the Sentinels.
        moves: false,
      }),
    300_000,
  );

  test("the primary's machine is replaced: it is a replica with everything", async () => {
    await survives(cluster, { name: "Redis, machine replaced", ...PROMISE, ...replaced(bench) });
    await bench.expectNoChange();
  }, 300_000);

  test("a partition that isolates the primary: it takes no writes", async () => {
    await survives(cluster, {
      name: "Redis, partition",
      ...partition(bench, async (leader) => {
        // Its replicas count for five seconds more, which Redis counts in whole ones and looks at every second.
        await new Promise((resolve) => setTimeout(resolve, 8500));
        expect(await cluster.inside(leader, "SET split yes")).toContain("NOREPLICAS");
      }),
      ...PROMISE,
    });
    expect(await cluster.query("EXISTS split")).toBe("0");
  }, 300_000);

  test("a change rolls: replicas first, the primary hands over", async () => {
    const before = await cluster.leader();
    const said = await rolls(bench, cluster, {
      name: "Redis, rolling change",
      goalMs: GOAL_MS,
      group: "redis",
      from: "repl-backlog-size 64mb",
      to: "repl-backlog-size 32mb",
    });
    expect(said.slice(0, 3).join("\n")).toContain(`${before} leads: its turn comes last`);
    expect(said.slice(0, 3).filter((text) => text.includes("redis-server.service restarted"))).toHaveLength(2);
    expect(said.slice(3).join("\n")).toContain(`${before} has handed over`);
    expect(said.join("\n").match(/has handed over/g)).toHaveLength(1);
    for (const name of cluster.names)
      expect(await cluster.inside(name, "CONFIG GET repl-backlog-size")).toContain(String(32 * 1024 * 1024));
  }, 300_000);

  test("the password rotates: nobody is refused, in the end the old one is", async () => {
    bench = await rotates(bench, cluster, {
      name: "Redis, password rotated",
      ids: ["redis/default"],
      group: "redis",
      accounts: ({ plan }) => plan.services.redis?.clusterJob()?.script,
      retire: ({ plan }) => plan.services.redis?.retireScript(),
    });
    // Replicas and Sentinels have it too: they find each other anew.
    await bench.run(cluster.names[0] ?? "", "systemctl restart redis-server");
    await cluster.whole();
  }, 300_000);
});

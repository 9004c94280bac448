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

/** As their makers' code says it: Bull, Celery, Sidekiq, Frappe. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  n8n: [
    ...["EVALSHA abc 2 bull:jobs:1 bull:jobs:wait", "BRPOPLPUSH bull:jobs:wait bull:jobs:active 5"],
    ...["PSUBSCRIBE bull:jobs:waiting*", "SUBSCRIBE n8n:n8n.commands", "PUBLISH n8n:n8n.worker-response x"],
    ...["CLIENT SETNAME x", "INFO", "SELECT 2", "SCRIPT LOAD x", "MULTI"],
  ],
  superset: [
    ...["PSUBSCRIBE superset:/3.celery.pidbox", "PSUBSCRIBE superset:/3.celeryev/worker.*"],
    ...["BRPOP superset:celery 1", "WATCH superset:unacked", "EVALSHA abc 1 superset:unacked_mutex"],
    ...["SUBSCRIBE superset:celery-task-meta-1", "SETEX superset_data_1 3 1"],
  ],
  chatwoot: [
    ...["LPUSH queue:default x", "SADD queues default", "ZADD schedule 1 x", "EVALSHA abc 1 retry"],
    ...["HSET chatwoot-worker-1:1:2 a b", "INCRBY stat:processed 1", "SCAN 0", "UNLINK velma:x"],
    ...["SUBSCRIBE _action_cable_internal", "PUBLISH chatwoot_production_action_cable:x y"],
  ],
  erpnext: ["KEYS erpnext|*", "HSET erpnext|x a b", "PUBLISH events x", "SUBSCRIBE rq:pubsub:x", "WATCH rq:job:1"],
};
const REFUSED = [
  ...["ACL LIST", "CONFIG GET requirepass", "REPLICAOF a 1", "DEBUG SLEEP 1", "SHUTDOWN", "MONITOR", "FAILOVER"],
  ...["FLUSHALL", "FLUSHDB", "SWAPDB 0 2", "KEYS *", "SORT bull:x BY superset*", "MIGRATE h 1 k 0 1"],
  ...["CLIENT LIST", "CLIENT KILL x", "CLIENT PAUSE 1", "FUNCTION FLUSH", "SCRIPT FLUSH", "MODULE LIST", "SAVE"],
  ...["GET superset_data_1", "SET queues x", "COPY superset_x bull:x", "MOVE queues 2", "EVAL x 1 superset_x"],
  ...["PSUBSCRIBE *", "PUBLISH superset:x y", "SUBSCRIBE chatwoot_production_action_cable:x"],
];

/** What Redis would answer to an account. */
const dryRun = (cluster: RedisCluster, user: string, command: string): Promise<string> =>
  cluster
    .inside(cluster.names[0] ?? "", `ACL DRYRUN ${user} ${command.replace(/\S+/g, "'$&'")}`)
    .then((said) => said.trim());

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
    expect(await cluster.query("SET alfred:greeting hello")).toBe("OK");
    expect(await cluster.query("GET alfred:greeting")).toBe("hello");
    await bench.expectNoChange();
  }, 300_000);

  test("an account may do what its application does, and nothing with another's data or with Redis itself", async () => {
    for (const [user, commands] of Object.entries(ALLOWED))
      for (const command of commands)
        expect(`${user}: ${command}: ${await dryRun(cluster, user, command)}`).toBe(`${user}: ${command}: OK`);
    for (const command of REFUSED)
      expect(`${command}: ${await dryRun(cluster, "n8n", command)}`).toContain("no permissions");
    expect(await cluster.query("GET superset_data_1", "n8n")).toMatch(/^NOPERM/);
    expect(await cluster.query("SET superset_data_1 mine", "n8n")).toMatch(/^NOPERM/);
    expect(await cluster.query("ACL SETUSER n8n allkeys", "n8n")).toMatch(/^NOPERM/);
    expect(await cluster.query("SET superset_data_1 theirs", "superset")).toBe("OK");
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
        expect(await cluster.inside(leader, "SET alfred:split yes")).toContain("NOREPLICAS");
      }),
      ...PROMISE,
    });
    expect(await cluster.query("EXISTS alfred:split")).toBe("0");
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
      // The members' own, and a consumer's.
      ids: ["redis/default", "redis/chatwoot"],
      group: "redis",
      accounts: ({ plan }) => plan.services.redis?.clusterJob()?.script,
      retire: ({ plan }) => plan.services.redis?.retireScript(),
    });
    // Replicas and Sentinels have it too: they find each other anew.
    await bench.run(cluster.names[0] ?? "", "systemctl restart redis-server");
    await cluster.whole();
  }, 300_000);
});

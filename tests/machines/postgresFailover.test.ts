import { realMachinesAvailable } from "@standin/machines/real";
import { log } from "./support/bench";
import { certificateRotates, passwordRotates } from "./support/postgresRotation";
import {
  configurationRolls,
  haproxyLost,
  leaderIsolated,
  leaderKilled,
  leaderPowerCut,
  leaderReplaced,
  openPostgres,
  rollOutStops,
  silentApiCutsNobody,
  spared,
  type PostgresBench,
} from "./support/postgresSuite";

const possible = realMachinesAvailable();
if (!possible.ok) log(`skipped: real machines: ${possible.why}`);
const LIMIT_MS = 300_000;

(possible.ok ? describe : describe.skip)("PostgreSQL with etcd, on real machines", () => {
  let made: PostgresBench;
  beforeAll(async () => void (made = await openPostgres("etcd")), 900_000);
  afterAll(async () => made?.bench.close(), LIMIT_MS);

  test(
    "answers through the load balancer: leader, replica, pool",
    async () => {
      const { cluster } = made;
      expect(await cluster.query("SELECT pg_is_in_recovery();", 5432)).toBe("f");
      expect(await cluster.query("SELECT pg_is_in_recovery();", 5433)).toBe("t");
      // No application of the local stack goes through the pool: PgBouncer answers, and lets nobody in.
      await expect(cluster.query("SELECT 1;", 6432)).rejects.toThrow(/SASL authentication failed/);
    },
    LIMIT_MS,
  );
  test("a second run of every script changes nothing", async () => made.bench.expectNoChange(), LIMIT_MS);
  test("memory that runs out spares Patroni and the postmaster", async () => spared(made), LIMIT_MS);
  test("an API that is silent for seconds cuts nobody", async () => silentApiCutsNobody(made), LIMIT_MS);
  test("power cut of the leader", async () => leaderPowerCut(made, "etcd"), LIMIT_MS);
  test("kill -9 of the leader's PostgreSQL", async () => leaderKilled(made, "etcd"), LIMIT_MS);
  test("a partition isolates the leader: it takes no writes", async () => leaderIsolated(made, "etcd"), LIMIT_MS);
  test("the leader's machine is replaced: it gets everything back", async () => leaderReplaced(made, "etcd"), LIMIT_MS);
  test("a HAProxy host is lost", async () => haproxyLost(made), LIMIT_MS);
  test("a change rolls: replicas first, the leader hands over", async () => configurationRolls(made), LIMIT_MS);
  test("with a member down a roll-out stops before it touches anything", async () => rollOutStops(made), LIMIT_MS);
  test("a password rotates: nobody is refused", async () => void (made = await passwordRotates(made)), LIMIT_MS);
  test("all certificates rotate at once", async () => void (made = await certificateRotates(made)), LIMIT_MS);
});

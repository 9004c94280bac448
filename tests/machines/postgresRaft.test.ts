import { realMachinesAvailable } from "@standin/machines/real";
import { log } from "./support/bench";
import {
  leaderIsolated,
  leaderKilled,
  leaderPowerCut,
  openPostgres,
  type PostgresBench,
} from "./support/postgresSuite";

const possible = realMachinesAvailable();
if (!possible.ok) log(`skipped: real machines: ${possible.why}`);
const LIMIT_MS = 300_000;

(possible.ok ? describe : describe.skip)("PostgreSQL with Patroni's own Raft, on real machines", () => {
  let made: PostgresBench;
  beforeAll(async () => void (made = await openPostgres("raft")), 900_000);
  afterAll(async () => made?.bench.close(), LIMIT_MS);

  test("power cut of the leader", async () => leaderPowerCut(made, "raft"), LIMIT_MS);
  test("kill -9 of the leader's PostgreSQL", async () => leaderKilled(made, "raft"), LIMIT_MS);
  test("a partition isolates the leader: it takes no writes", async () => leaderIsolated(made, "raft"), LIMIT_MS);
});

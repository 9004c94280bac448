import { realMachinesAvailable } from "@standin/machines/real";
import { Bench, log } from "./support/bench";
import { eventually, killed, partition, powerCut, replaced, survives } from "./support/faults";
import { GaleraBench } from "./support/galera";
import { rolls } from "./support/rollingChange";

const possible = realMachinesAvailable();
if (!possible.ok) log(`skipped: real machines: ${possible.why}`);

const goalMs = 10_000;
const LIMIT_MS = 300_000;

(possible.ok ? describe : describe.skip)("Galera on real machines loses its writer", () => {
  let bench: Bench;
  let cluster: GaleraBench;

  beforeAll(async () => {
    bench = await Bench.formed(["mariadb", "proxysql"]);
    cluster = new GaleraBench(bench);
    await cluster.prepare();
    await cluster.whole();
  }, 900_000);

  afterAll(async () => bench?.close(), LIMIT_MS);

  test("a second run of every script changes nothing", async () => bench.expectNoChange(), LIMIT_MS);

  test(
    "power cut of the writer",
    async () => survives(cluster, { name: "Galera, power cut", goalMs, ...powerCut(bench) }),
    LIMIT_MS,
  );

  test(
    "kill -9 of the writer's MariaDB",
    async () =>
      survives(cluster, { name: "Galera, kill -9", goalMs, ...killed(bench, "^/usr/sbin/mariadbd"), moves: false }),
    LIMIT_MS,
  );

  test(
    "the writer's machine is replaced: it gets everything back",
    async () => {
      await survives(cluster, { name: "Galera, machine replaced", goalMs, ...replaced(bench) });
      await bench.expectNoChange();
    },
    LIMIT_MS,
  );

  test(
    "a partition isolates the writer: it takes no writes",
    async () => {
      await survives(cluster, {
        name: "Galera, partition",
        goalMs,
        ...partition(bench, async (leader) => {
          await new Promise((resolve) => setTimeout(resolve, 6000));
          await expect(cluster.inside(leader, "CREATE TABLE bench.split (n INT)")).rejects.toThrow(/WSREP|prepared/);
        }),
      });
      expect(await cluster.query("SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_NAME = 'split';")).toBe(
        "0",
      );
    },
    LIMIT_MS,
  );

  test(
    "all lose their power at once: the most advanced begins, nobody has to choose",
    async () => {
      await cluster.query(
        "CREATE TABLE kept (n INT PRIMARY KEY); INSERT INTO kept VALUES (1), (2), (3); SELECT 'made';",
      );
      await Promise.all(cluster.names.map((name) => bench.fleet.powerCut(name)));
      const since = Date.now();
      await Promise.all(cluster.names.map((name) => bench.fleet.power(bench.fleet.idOf(name), "on")));
      await cluster.whole();
      log(`Galera, all without power: whole again ${((Date.now() - since) / 1000).toFixed(1)} s after power on`);
      expect(await cluster.query("SELECT COUNT(*) FROM kept;")).toBe("3");
    },
    LIMIT_MS,
  );

  test(
    "two lose their power at once: the third takes no writes alone, and all are one again when they are back",
    async () => {
      const [first = "", second = "", third = ""] = cluster.names;
      await Promise.all([first, second].map((name) => bench.fleet.powerCut(name)));
      await eventually(async () => {
        const status = await cluster.inside(third, "SHOW STATUS LIKE 'wsrep_cluster_status'");
        return status.includes("non-Primary") ? undefined : status;
      }, 30_000);
      const since = Date.now();
      await Promise.all([first, second].map((name) => bench.fleet.power(bench.fleet.idOf(name), "on")));
      await cluster.whole();
      log(
        `Galera, two of three without power: whole again ${((Date.now() - since) / 1000).toFixed(1)} s after power on`,
      );
    },
    LIMIT_MS,
  );

  test(
    "the others do not come back: an operator says who begins, and they join later",
    async () => {
      const [first = "", second = "", third = ""] = cluster.names;
      await Promise.all(cluster.names.map((name) => bench.fleet.powerCut(name)));
      await bench.fleet.power(bench.fleet.idOf(second), "on");
      const waits = "waiting: .* does not answer, .*galera_new_cluster";
      await bench.run(second, `until journalctl -b -u mariadb | grep -q '${waits}'; do sleep 0.2; done`);
      await bench.run(second, "galera_new_cluster");
      expect(await cluster.inside(second, "SELECT COUNT(*) FROM bench.kept")).toBe("3\n");
      await Promise.all([first, third].map((name) => bench.fleet.power(bench.fleet.idOf(name), "on")));
      await cluster.whole();
    },
    LIMIT_MS,
  );

  test(
    "a member that has left the cluster, though its daemon runs, is started again by itself",
    async () => {
      const [, , third = ""] = cluster.names;
      // As after missing transactions that no member had for it.
      await cluster.inside(third, "SET GLOBAL wsrep_cluster_address = ''");
      expect(await cluster.inside(third, "SHOW STATUS LIKE 'wsrep_connected'")).toContain("OFF");
      await cluster.whole();
    },
    LIMIT_MS,
  );

  test(
    "the first member's disk is lost: it joins, and begins no second cluster",
    async () => {
      const [first = ""] = cluster.names;
      const id = await cluster.query("SHOW STATUS LIKE 'wsrep_cluster_state_uuid';");
      // Nobody else runs at the moment when it comes back empty.
      for (const name of cluster.names) await bench.run(name, "systemctl stop mariadb");
      await bench.run(first, "rm -rf /var/lib/mysql && install -d -o mysql -g mysql -m 0755 /var/lib/mysql");
      await bench.run(first, "mariadb-install-db --user=mysql >/dev/null && systemctl start --no-block mariadb");
      await new Promise((resolve) => setTimeout(resolve, 15_000));
      expect(await bench.run(first, "systemctl show --property ActiveState --value mariadb")).toBe("activating\n");
      for (const name of cluster.names.slice(1)) await bench.run(name, "systemctl start --no-block mariadb");
      await cluster.whole();
      expect(await cluster.query("SHOW STATUS LIKE 'wsrep_cluster_state_uuid';")).toBe(id);
    },
    LIMIT_MS,
  );

  test(
    "a change rolls: the member that takes the writes comes last",
    async () => {
      const said = await rolls(bench, cluster, {
        name: "Galera, rolling change",
        goalMs,
        // The first takes the writes again as soon as it is synced.
        moves: false,
        group: "mariadb",
        from: "max_connections = 500",
        to: "max_connections = 450",
      });
      expect(said.map((text) => /(\S+): mariadb.service restarted/.exec(text)?.[1])).toEqual(
        [...cluster.names].reverse(),
      );
      for (const name of cluster.names)
        expect((await cluster.inside(name, "SELECT @@GLOBAL.max_connections")).trim()).toBe("450");
    },
    LIMIT_MS,
  );
});

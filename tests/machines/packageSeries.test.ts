import { readFileSync } from "node:fs";
import { join } from "node:path";
import { installTools, realMachinesAvailable } from "@standin/machines/real";
import { OS_IMAGES } from "../../components/machines/osImage";
import { machineImage } from "../../rehearsal/machineImage";
import { log } from "./support/bench";
import { installedSeries } from "./support/installedSeries";
import { CACHE, NEEDS } from "./support/smallEstate";

const possible = realMachinesAvailable();
if (!possible.ok) log(`skipped: real machines: ${possible.why}`);

(possible.ok ? test : test.skip)(
  "the packages of a real machine are of the series that the table of images says for Debian 12",
  async () => {
    installTools(log);
    const { root } = await machineImage({ cacheDir: CACHE, needs: NEEDS, log });
    const installed = installedSeries(readFileSync(join(root, "var/lib/dpkg/status"), "utf8"));
    const { haproxy, redis, rabbitmq, etcd, mariadb, postgres } = OS_IMAGES["debian-12"];
    const wanted = {
      haproxy,
      "redis-server": redis,
      "rabbitmq-server": rabbitmq,
      "etcd-server": etcd,
      "mariadb-server": mariadb.series,
      patroni: postgres?.patroni,
      pgbouncer: postgres?.pgbouncer,
    };
    expect(Object.fromEntries(Object.keys(wanted).map((name) => [name, installed.get(name)]))).toEqual(wanted);
    expect([...installed.keys()]).toContain(`postgresql-${postgres?.version}`);
  },
  900_000,
);

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { installTools, realMachinesAvailable } from "@standin/machines/real";
import { OS_IMAGES } from "../../components/machines/osImage";
import { fleetNeeds } from "../../rehearsal/fleetNeeds";
import { machineImage } from "../../rehearsal/machineImage";
import { environment as local } from "../../stacks/local";
import { DEBIAN_13, log } from "./support/bench";
import { installedSeries } from "./support/installedSeries";
import { CACHE } from "./support/smallEstate";

const possible = realMachinesAvailable();
if (!possible.ok) log(`skipped: real machines: ${possible.why}`);

(possible.ok ? test : test.skip).each([
  { image: "debian-12", environment: local },
  { image: "debian-13", environment: { ...local, ...DEBIAN_13 } },
] as const)(
  "the packages of a real machine are of the series that the table of images says for $image",
  async ({ image, environment }) => {
    installTools(log);
    const { root } = await machineImage({ cacheDir: CACHE, needs: fleetNeeds(environment), log });
    const installed = installedSeries(readFileSync(join(root, "var/lib/dpkg/status"), "utf8"));
    const { haproxy, redis, rabbitmq, etcd, mariadb, postgres } = OS_IMAGES[image];
    const daemons = {
      haproxy,
      "redis-server": redis.series,
      "rabbitmq-server": rabbitmq.series,
      "etcd-server": etcd,
      "mariadb-server": mariadb.series,
    };
    expect(Object.fromEntries(Object.keys(daemons).map((name) => [name, installed.get(name)]))).toEqual(daemons);
    const least = { patroni: postgres?.patroni, pgbouncer: postgres?.pgbouncer };
    for (const [name, series] of Object.entries(least))
      expect([name, within(installed.get(name), series)]).toEqual([name, true]);
    expect([...installed.keys()]).toContain(`postgresql-${postgres?.version}`);
  },
  900_000,
);

/** "3.0" is that series, "3.2+" it or any later one. */
function within(found: string | undefined, series: string | undefined): boolean {
  const numbers = (text: string | undefined): readonly number[] => (text ?? "").replace("+", "").split(".").map(Number);
  const [[major = 0, minor = 0], [wanted = 0, least = 0]] = [numbers(found), numbers(series)];
  return series?.endsWith("+") === true ? major > wanted || (major === wanted && minor >= least) : found === series;
}

// Prod's and staging's own configurations, for Ubuntu, on Debian 13 guests that meet the makers' archives: PGDG, MariaDB,
// ProxySQL, signed by keys of this run, over https. Debian's own packages are in them, with another version, so the series
// of some daemons differ from the table's; of the names only PostgreSQL's: version 17, which is Debian's. Prod is without
// its monitoring, whose exporters the image has not.
import { realMachinesAvailable, installTools } from "@standin/machines/real";
import { fleetNeeds } from "../../rehearsal/fleetNeeds";
import { machineImage } from "../../rehearsal/machineImage";
import type { Environment } from "../../stacks/environment";
import { environment as local } from "../../stacks/local";
import { environment as prod } from "../../stacks/prod";
import { environment as staging } from "../../stacks/staging";
import type { HostPlan } from "../../components/machines/hostPlan";
import { ForeignArchives, MAKERS } from "./support/archive/foreignArchives";
import { Bench, CACHE, DEBIAN_13, log, plan } from "./support/bench";

const possible = realMachinesAvailable();
if (!possible.ok) log(`skipped: real machines: ${possible.why}`);
const LIMIT_MS = 600_000;

const GROUPS = ["haproxy", "postgres", "mariadb", "proxysql"];
const { monitoring: _, ...PROD } = prod;
const GUESTS = { ...local, ...DEBIAN_13 };
const AUTHORITY = "/usr/local/share/ca-certificates/rehearsal.crt";

interface Met {
  readonly bench: Bench;
  readonly archives: ForeignArchives;
  /** The hosts that install from them, with this run's keys. */
  readonly hosts: readonly HostPlan[];
}

/** Machines as they come: no package of the makers', and no archive that is not there. */
async function meet(estate: Environment): Promise<Met> {
  const change = { postgres: { ...estate.postgres, version: 17 } } as const;
  installTools(log);
  const { root } = await machineImage({ cacheDir: CACHE, needs: fleetNeeds(GUESTS), log });
  const planned = plan({ ...estate, ...change }).hosts.filter(({ group }) => GROUPS.includes(group));
  const archives = await ForeignArchives.open(planned, root);
  let bench: Bench | undefined;
  try {
    bench = await Bench.open(GROUPS, change, { estate, guests: GUESTS, origin: archives.origin });
    const hosts = bench.hosts
      .filter(({ config }) => config.aptRepositories.length > 0)
      .map((one) => archives.withKeys(one));
    const run = bench.run.bind(bench);
    const prepared = hosts.map(({ name, config }) => {
      const foreign = archives.packagesOf(config).join(" ");
      const remove = foreign === "" ? "true" : `dpkg --purge --force-depends ${foreign} 2>/dev/null`;
      return run(
        name,
        `set -e; export DEBIAN_FRONTEND=noninteractive; ${remove}; rm -f /etc/apt/sources.list /etc/apt/sources.list.d/*\n` +
          `cat >${AUTHORITY} <<'END'\n${archives.authority}\nEND\nupdate-ca-certificates >/dev/null 2>&1`,
      );
    });
    await Promise.all(prepared);
    return { bench, archives, hosts };
  } catch (error) {
    await bench?.close();
    archives.close();
    throw error;
  }
}

/** Packages of a host that are the makers'. */
const makers = async (bench: Bench, host: string): Promise<readonly string[]> =>
  (await bench.run(host, "dpkg-query -W -f '${Package} ${Version}\\n'"))
    .split("\n")
    .flatMap((line) => (line.endsWith(MAKERS) ? [line.split(" ")[0] ?? ""] : []));

(possible.ok ? describe : describe.skip)("prod's hosts that install from makers' archives", () => {
  let met: Met;
  const host = (name: string): HostPlan => {
    const found = met.hosts.find((one) => one.name === name);
    if (found === undefined) throw new Error(`no ${name} among ${met.hosts.map((one) => one.name).join(", ")}`);
    return found;
  };
  const applied = async (name: string): Promise<string> => [...(await met.bench.apply([host(name)])).values()].join("");
  /** As if it had never met the archive. */
  const forget = (name: string): Promise<string> =>
    met.bench.run(name, "dpkg --purge pgbouncer 2>/dev/null; rm -f /etc/apt/keyrings/* /etc/apt/sources.list.d/*");

  beforeAll(async () => void (met = await meet(PROD)), 900_000);
  afterAll(async () => {
    await met?.bench.close();
    met?.archives.close();
  }, LIMIT_MS);

  test(
    "all ten get their packages, one of them past a source that an earlier version left without its key",
    async () => {
      expect(met.hosts.map(({ name }) => name)).toHaveLength(10);
      const [source] = host("haproxy-02").config.aptRepositories;
      await met.bench.run(
        "haproxy-02",
        `printf 'Types: deb\\nURIs: ${source?.uri ?? ""}\\nSuites: jammy-pgdg\\nComponents: main\\nSigned-By: /etc/apt/keyrings/keybuzz-pgdg.asc\\n' >/etc/apt/sources.list.d/keybuzz-pgdg.sources`,
      );
      await met.bench.apply(met.hosts);
      expect(await makers(met.bench, "haproxy-02")).toEqual(["pgbouncer"]);
      expect(await makers(met.bench, "db-master-01")).toEqual(["patroni", "postgresql-17", "postgresql-client-17"]);
      expect(await makers(met.bench, "maria-01")).toEqual(expect.arrayContaining(["galera-4", "mariadb-server"]));
      expect(await makers(met.bench, "proxysql-01")).toEqual(["proxysql"]);
    },
    LIMIT_MS,
  );

  test(
    "a second run of every script changes nothing",
    async () => {
      for (const [name, said] of await met.bench.apply(met.hosts))
        expect(`${name}: ${said.trim()}`).toMatch(/: no change$/);
    },
    LIMIT_MS,
  );

  test(
    "another key that the owner shows beside the pinned one does not count",
    async () => {
      const { archives } = met;
      const pinned = archives.pinned.get("pgdg") ?? "";
      const stranger = archives.keys.make("stranger");
      archives.archive("pgdg").showKeys(pinned, stranger);
      archives.archive("pgdg").publish(stranger);
      await forget("haproxy-01");
      await expect(applied("haproxy-01")).rejects.toThrow(
        /step packages: cannot update the package lists: [^]*remedy: /,
      );
      expect(await makers(met.bench, "haproxy-01")).toEqual([]);
      archives.archive("pgdg").publish(pinned);
      await applied("haproxy-01");
      expect(await makers(met.bench, "haproxy-01")).toEqual(["pgbouncer"]);
    },
    LIMIT_MS,
  );

  test(
    "a key past its end is refused, and so is a copy of it; the prolonged one is fetched",
    async () => {
      const { archives } = met;
      const pinned = archives.pinned.get("pgdg") ?? "";
      archives.keys.expire(pinned, "seconds=1");
      await new Promise((resolve) => setTimeout(resolve, 2000));
      archives.archive("pgdg").showKeys(pinned);
      const copy = archives.keys.export([pinned]);
      await met.bench.run("haproxy-01", `cat >/etc/apt/keyrings/keybuzz-pgdg.asc <<'END'\n${copy}\nEND`);
      await expect(applied("haproxy-01")).rejects.toThrow(/has expired, is revoked, or cannot sign; remedy: /);
      archives.keys.expire(pinned, "never");
      archives.archive("pgdg").showKeys(pinned);
      archives.archive("pgdg").publish(pinned);
      expect(await applied("haproxy-01")).toContain("apt key /etc/apt/keyrings/keybuzz-pgdg.asc fetched");
      expect(await applied("haproxy-01")).toMatch(/no change\s*$/);
    },
    LIMIT_MS,
  );

  test(
    "what the makers have comes from them, though the distribution has a later version",
    async () => {
      await forget("haproxy-01");
      // The distribution's own archive, as far as apt can tell.
      await met.bench.run(
        "haproxy-01",
        `set -e; mkdir -p /srv/archive /srv/later/DEBIAN
printf 'Package: pgbouncer\\nVersion: 99.0\\nArchitecture: all\\nMaintainer: nobody <nobody@example.org>\\nDescription: later\\n' >/srv/later/DEBIAN/control
dpkg-deb -Znone --build /srv/later /srv/archive/pgbouncer.deb >/dev/null
{ dpkg-deb --field /srv/archive/pgbouncer.deb; echo "Filename: ./pgbouncer.deb"; echo "Size: $(stat -c %s /srv/archive/pgbouncer.deb)"; echo "SHA256: $(sha256sum </srv/archive/pgbouncer.deb | cut -d' ' -f1)"; } >/srv/archive/Packages
echo 'deb [trusted=yes] file:/srv/archive ./' >/etc/apt/sources.list`,
      );
      await applied("haproxy-01");
      expect(await makers(met.bench, "haproxy-01")).toEqual(["pgbouncer"]);
      await met.bench.run("haproxy-01", "rm /etc/apt/sources.list");
    },
    LIMIT_MS,
  );

  test(
    "a web server whose certificate nobody vouches for gives no key",
    async () => {
      await forget("haproxy-01");
      await met.bench.run("haproxy-01", `mv ${AUTHORITY} /root/ && update-ca-certificates --fresh >/dev/null 2>&1`);
      await expect(applied("haproxy-01")).rejects.toThrow(/cannot fetch https:.*certificate.*remedy: /s);
      await met.bench.run(
        "haproxy-01",
        `mv /root/rehearsal.crt ${AUTHORITY} && update-ca-certificates >/dev/null 2>&1`,
      );
      await applied("haproxy-01");
      expect(await makers(met.bench, "haproxy-01")).toEqual(["pgbouncer"]);
    },
    LIMIT_MS,
  );
});

(possible.ok ? test : test.skip)(
  "staging's hosts that install from PGDG, for Ubuntu 24.04",
  async () => {
    const { bench, archives, hosts } = await meet(staging);
    try {
      await bench.apply(hosts);
      expect(hosts.map(({ name }) => name)).toEqual(["staging-haproxy-01", "staging-db-01"]);
      for (const [name, said] of await bench.apply(hosts)) expect(`${name}: ${said.trim()}`).toMatch(/: no change$/);
      expect(await makers(bench, "staging-db-01")).toEqual(["patroni", "postgresql-17", "postgresql-client-17"]);
    } finally {
      await bench.close();
      archives.close();
    }
  },
  900_000,
);

import { backupReport } from "../../../components/monitoring/backupReport";
import { pendingUpdatesScript } from "../../../components/monitoring/pendingUpdates";
import { pgbouncerMetricsScript } from "../../../components/monitoring/pgbouncerMetrics";
import { reassign } from "../../support/shellHeader";
import { StubbedHost } from "../../support/stubbedHost";

let host: StubbedHost;
beforeEach(() => void (host = new StubbedHost()));
afterEach(() => host.dispose());

describe("PgBouncer's figures", () => {
  const read = () =>
    host.run(reassign(pgbouncerMetricsScript("keybuzz_monitor"), { target: host.path("pgbouncer.prom") }));

  test("are summed for each database, by the names of their columns", () => {
    host.stub(
      "psql",
      `[[ $PGPASSFILE == /etc/keybuzz-monitoring/pgbouncer.pgpass ]] || exit 1
      cat <<'POOLS'
database,user,maxwait,cl_active,cl_waiting,sv_active,sv_idle,sv_used,maxwait_us
chatwoot,chatwoot,0,3,1,2,4,1,500000
chatwoot,chatwoot_b,2,1,0,1,0,0,250000
pgbouncer,pgbouncer,0,1,0,0,0,0,0
POOLS`,
    );
    const { status, error, asked } = read();
    expect({ status, error }).toEqual({ status: 0, error: "" });
    expect(asked).toEqual([
      "psql -X -A -F, --pset footer=off -h 127.0.0.1 -p 6432 -U keybuzz_monitor -d pgbouncer -c SHOW POOLS",
    ]);
    const lines = host
      .read("pgbouncer.prom")
      .split("\n")
      .filter((line) => line.startsWith("keybuzz"));
    expect(lines.slice(0, 4)).toEqual([
      'keybuzz_pgbouncer_active_clients{database="chatwoot"} 4',
      'keybuzz_pgbouncer_waiting_clients{database="chatwoot"} 1',
      'keybuzz_pgbouncer_server_connections{database="chatwoot"} 8',
      'keybuzz_pgbouncer_maxwait_seconds{database="chatwoot"} 2.25',
    ]);
    expect(lines[4]).toMatch(/^keybuzz_pgbouncer_read_timestamp_seconds \d{10}$/);
  });

  test("stay as they were, with their age, when PgBouncer does not answer", () => {
    host.run(`echo before >${host.path("pgbouncer.prom")}`);
    host.stub("psql", "exit 2");
    expect(read().status).toBe(2);
    expect(host.read("pgbouncer.prom")).toBe("before\n");
    expect(host.run(`ls ${host.folder}`).said).not.toMatch(/prom\./);
  });
});

describe("pending updates", () => {
  const read = () =>
    host.run(
      reassign(pendingUpdatesScript(), {
        target: host.path("updates.prom"),
        reboot_required: host.path("reboot-required"),
      }),
    );
  const figures = () =>
    host
      .read("updates.prom")
      .split("\n")
      .filter((line) => /^keybuzz_(pending|reboot)/.test(line));

  beforeEach(() => {
    host.stub("apt-mark", "echo redis-tools");
    host.stub(
      "apt-config",
      `printf 'Unattended-Upgrade::Package-Blacklist "";\nUnattended-Upgrade::Package-Blacklist:: "^redis-server";\n'`,
    );
    host.stub(
      "apt",
      `echo 'WARNING: apt does not have a stable CLI interface.' >&2
      cat <<'LIST'
Listing...
libssl3/jammy-updates,jammy-security 3.0.2-0ubuntu1.18 amd64 [upgradable from: 3.0.2-0ubuntu1.15]
redis-server/jammy-security 6:7.4.6-1 amd64 [upgradable from: 6:7.4.5-1]
redis-tools/jammy 6:7.4.6-1 amd64 [upgradable from: 6:7.4.5-1]
vim/jammy-updates 2:8.2.3995-1ubuntu2.24 amd64 [upgradable from: 2:8.2.3995-1ubuntu2.21]
LIST`,
    );
  });

  test("are those from a security archive, and those that nobody takes: held, or left to people", () => {
    expect(read()).toMatchObject({ status: 0, error: "" });
    expect(figures()).toEqual([
      'keybuzz_pending_updates{kind="kept"} 2',
      'keybuzz_pending_updates{kind="security"} 1',
      "keybuzz_reboot_required 0",
    ]);
  });

  test("are none where nothing waits, and a reboot is said", () => {
    host.stub("apt", "echo Listing...");
    for (const name of ["apt-mark", "apt-config"]) host.stub(name);
    host.run(`touch ${host.path("reboot-required")}`);
    expect(read()).toMatchObject({ status: 0, error: "" });
    expect(figures()).toEqual([
      'keybuzz_pending_updates{kind="kept"} 0',
      'keybuzz_pending_updates{kind="security"} 0',
      "keybuzz_reboot_required 1",
    ]);
  });
});

test("a backup's end is reported in one move", () => {
  const script = reassign(backupReport("postgres"), { report: host.path("backup.prom") });
  expect(host.run(`set -euo pipefail\n${script}`)).toMatchObject({ status: 0, error: "" });
  expect(host.read("backup.prom")).toMatch(
    /^# TYPE keybuzz_backup_last_success_timestamp_seconds gauge\nkeybuzz_backup_last_success_timestamp_seconds\{backup="postgres"\} \d{10}\n$/,
  );
  expect(backupReport("postgres")).toContain("report='/var/lib/prometheus/node-exporter/backup-postgres.prom'");
});

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { galeraRolling, postgresRolling } from "../../../components/data/rollingClusters";
import { turnScript, turns, type RollingRestart, type Turn } from "../../../components/data/rollingRestart";

const HOSTS = [1, 2, 3].map((n) => ({ name: `db-0${n}`, address: `10.0.0.${120 + n}` }));
const [HOST = { name: "", address: "" }] = HOSTS;

describe("the order of turns", () => {
  it("is everybody that follows, then whoever led", () => {
    const rolling = postgresRolling(HOST, HOSTS, "etcd");
    expect(turns(rolling, HOSTS).map(({ host, pass }) => `${host.name} ${pass}`)).toEqual([
      "db-01 followers",
      "db-02 followers",
      "db-03 followers",
      "db-01 leader",
      "db-02 leader",
      "db-03 leader",
    ]);
  });

  it("is one pass, the preferred writer last, where nobody leads", () => {
    expect(turns(galeraRolling(HOSTS), HOSTS).map(({ host, pass }) => `${host.name} ${pass}`)).toEqual([
      "db-03 only",
      "db-02 only",
      "db-01 only",
    ]);
  });
});

describe("one turn, run by bash against a machine of files", () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "keybuzz-turn-"));
    mkdirSync(join(dir, "pending"));
    writeFileSync(join(dir, "systemctl"), `#!/bin/sh\necho "$*" >>${dir}/done\n`, { mode: 0o755 });
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  const rolling = (): RollingRestart => ({
    cluster: "Test",
    units: ["a.service", "b.service"],
    whole: `[[ ! -e ${dir}/broken ]] || { echo "db-03 is away"; return 1; }`,
    leads: `[[ -e ${dir}/leads ]]`,
    handOver: `echo handed >>${dir}/done; rm ${dir}/leads`,
  });
  const file = (name: string): void => writeFileSync(join(dir, name), "");
  const run = (pass: Turn["pass"]) => {
    const script = turnScript(rolling(), { host: HOST, pass }, 1).replaceAll(
      "/var/lib/keybuzz/pending",
      `${dir}/pending`,
    );
    const done = spawnSync("bash", ["-s"], {
      input: script,
      encoding: "utf8",
      env: { PATH: `${dir}:/usr/bin:/bin` },
    });
    let actions = "";
    try {
      actions = readFileSync(join(dir, "done"), "utf8").trim();
    } catch {
      // Nothing was done.
    }
    return { status: done.status, said: done.stdout, error: done.stderr, actions };
  };

  it("touches nothing when no restart is due", () => {
    expect(run("followers")).toEqual({
      status: 0,
      said: "Test: db-01: no restart is due\n",
      error: "",
      actions: "",
    });
  });

  it("restarts what waits, in the order of the units, and no more the second time", () => {
    file("pending/turn:b.service");
    file("pending/turn:a.service");
    expect(run("followers")).toMatchObject({ status: 0, actions: "restart a.service\nrestart b.service" });
    expect(run("followers").said).toContain("no restart is due");
  });

  it("leaves the leader for the second pass, in which it hands over first", () => {
    file("pending/turn:a.service");
    file("leads");
    expect(run("followers")).toMatchObject({ status: 0, actions: "" });
    expect(run("leader")).toMatchObject({ status: 0, actions: "handed\nrestart a.service" });
  });

  it("stops before anything is touched when the cluster is not whole, and says so", () => {
    file("pending/turn:a.service");
    file("broken");
    const { status, error, actions } = run("leader");
    expect(status).toBe(1);
    expect(actions).toBe("");
    expect(error).toMatch(/stops at db-01: before its turn the cluster is not whole: db-03 is away; .*remedy/);
  });
});

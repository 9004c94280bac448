import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { galeraRolling } from "../../../components/data/mariadb/galeraRolling";
import { postgresRolling } from "../../../components/data/postgres/postgresRolling";
import { redisRolling } from "../../../components/data/redis/redisRolling";
import {
  formedScript,
  powerTurn,
  turnScript,
  turns,
  type RollingRestart,
  type Turn,
} from "../../../components/data/rollingRestart";

import { reassign } from "../../support/shellHeader";

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
    functions: `
      whole() { [[ ! -e ${dir}/broken ]] || { echo "db-03 is away"; return 1; }; }
      leads() { [[ -e ${dir}/leads ]]; }
      hand_over() { echo handed >>${dir}/done; rm ${dir}/leads; }
    `,
    hasLeader: true,
  });
  const file = (name: string): void => writeFileSync(join(dir, name), "");
  const run = (pass: Turn["pass"]) => {
    const script = reassign(turnScript(rolling(), { host: HOST, pass }, 1), { pending: `${dir}/pending` });
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

describe("members that have to find each other, asked by bash with a redis-cli of the test", () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "keybuzz-formed-"));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  /** @param others and replicas: what the Sentinel of the last member knows; the others know everybody. */
  const run = (others: number, replicas: number) => {
    const fields = (count: number, lines: string): string =>
      `for ((n = 0; n < ${count}; n++)); do printf '${lines}'; done`;
    const replica = "name\\n10.0.0.9:6379\\nflags\\nslave\\nrole-reported-time\\n1\\nrole-reported\\nslave\\n";
    const redisCli = `#!/bin/bash
last=0
if [[ $* == *"-h 10.0.0.123 "* ]]; then last=1; fi
case "$last $*" in
  "1 "*"SENTINEL sentinels "*) ${fields(others, "name\\nabc\\n")} ;;
  "0 "*"SENTINEL sentinels "*) ${fields(2, "name\\nabc\\n")} ;;
  "1 "*"SENTINEL replicas "*) ${fields(replicas, replica)}; ${fields(2 - replicas, replica.replace(/slave..$/, "master\\n"))} ;;
  "0 "*"SENTINEL replicas "*) ${fields(2, replica)} ;;
  *ckquorum*) echo OK 3 usable Sentinels ;;
  *get-master*) printf '10.0.0.121\\n6379\\n' ;;
  *"INFO replication"*) printf 'slave0:ip=a,state=online\\nslave1:ip=b,state=online\\n' ;;
esac
`;
    writeFileSync(join(dir, "redis-cli"), redisCli, { mode: 0o755 });
    const done = spawnSync("bash", ["-s"], {
      input: formedScript(redisRolling(HOSTS, "secret"), 1),
      encoding: "utf8",
      env: { PATH: `${dir}:/usr/bin:/bin` },
    });
    return { status: done.status, said: done.stdout, error: done.stderr };
  };

  it("is done when every Sentinel knows the others and all replicas", () => {
    expect(run(2, 2)).toEqual({ status: 0, said: "Redis: every member takes part\n", error: "" });
  });

  it.each([
    [0, 2],
    [2, 1],
  ])(
    "fails while one Sentinel knows %d others and %d replicas: it could not replace the primary",
    (others, replicas) => {
      const { status, error } = run(others, replicas);
      expect(status).toBe(1);
      expect(error).toContain(`the Sentinel at 10.0.0.123 knows ${others} others and ${replicas} replicas of 2`);
      expect(error).toMatch(/Redis: 1 s after .* remedy: mend it/);
    },
  );
});

describe("a member around a time without power, run by bash against a machine of files", () => {
  let dir: string;
  beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), "keybuzz-power-"))));
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  const rolling = (): RollingRestart => ({
    cluster: "Test",
    units: ["a.service"],
    functions: `
      whole() { echo asked >>${dir}/done; [[ ! -e ${dir}/broken ]] || { echo "db-03 is away"; return 1; }; }
      leads() { [[ -e ${dir}/leads ]]; }
      hand_over() { echo handed >>${dir}/done; [[ ! -e ${dir}/clings ]] || { echo "nobody wants it"; return 1; }; rm ${dir}/leads; }
    `,
    hasLeader: true,
  });
  const run = (moment: "leave" | "back", members = 3) => {
    const input = reassign(powerTurn(rolling(), HOST, members)[moment], { whole_seconds: 0 });
    const { status, stdout, stderr } = spawnSync("bash", ["-s"], { input, encoding: "utf8" });
    const done = readFileSync(join(dir, "done"), "utf8").trim().split("\n");
    return { status, said: stdout, error: stderr, done };
  };
  const file = (name: string): void => writeFileSync(join(dir, name), "");

  it("leaves a whole cluster, and where it leads, another one leads before", () => {
    expect(run("leave")).toMatchObject({ status: 0, said: "Test: db-01 may be switched off\n", done: ["asked"] });
    file("leads");
    rmSync(join(dir, "done"));
    expect(run("leave")).toMatchObject({ status: 0, done: ["asked", "handed", "asked"] });
  });

  it("is alone and leads: there is nobody to hand over to", () => {
    file("leads");
    expect(run("leave", 1)).toMatchObject({ status: 0, done: ["asked"] });
  });

  it("does not leave one that is not whole, or that nobody else can lead, and says why", () => {
    file("broken");
    const broken = run("leave");
    expect(broken.status).toBe(1);
    expect(broken.error).toContain(
      "Test: db-01 is not switched off: before it is switched off the cluster is not whole: db-03 is away; remedy: ",
    );
    rmSync(join(dir, "broken"));
    file("leads");
    file("clings");
    const clings = run("leave");
    expect(clings.status).toBe(1);
    expect(clings.error).toContain("it cannot hand over: nobody wants it");
  });

  it("is back in a whole cluster, or says who lacks", () => {
    expect(run("back").status).toBe(0);
    file("broken");
    expect(run("back")).toMatchObject({ status: 1, error: expect.stringContaining("db-03 is away") as string });
  });
});

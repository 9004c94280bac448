import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { postgresRolling } from "../../../../components/data/postgres/postgresRolling";
import { reassign } from "../../../support/shellHeader";

const HOST = { name: "db-01", address: "10.0.0.121" };

describe("whether PostgreSQL owes a restart, asked by bash of a Patroni of the test", () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "keybuzz-patroni-"));
    writeFileSync(join(dir, "rounds"), "0");
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  /** @param noticedAfter how many rounds of Patroni begin before it says that a restart is pending. */
  const due = (noticedAfter: number, round = `$(($(date +%s) + n))`) => {
    const curl = `#!/bin/bash
n=$(($(<${dir}/rounds) + 1)); echo $n >${dir}/rounds
pending=
if ((n > ${noticedAfter})); then pending='"pending_restart": true, '; fi
echo "{\${pending}\\"dcs_last_seen\\": ${round}}"
`;
    writeFileSync(join(dir, "curl"), curl, { mode: 0o755 });
    const functions = reassign(postgresRolling(HOST, [HOST], "etcd").functions, { notice_seconds: 1 });
    const done = spawnSync("bash", ["-s"], {
      input: `${functions}\nif due; then echo due; else echo "not due"; fi`,
      encoding: "utf8",
      env: { PATH: `${dir}:/usr/bin:/bin` },
    });
    return { status: done.status, said: done.stdout.trim(), error: done.stderr };
  };

  // A configuration that came a moment ago, to a Patroni that has just started: nothing says so yet.
  it("waits until Patroni has gone round with what it has now", () => {
    expect(due(2)).toEqual({ status: 0, said: "due", error: "" });
    expect(due(1000)).toEqual({ status: 0, said: "not due", error: "" });
  });

  it("says so when Patroni does not go round, and takes it for no answer", () => {
    const { status, said, error } = due(0, "5");
    expect({ status, said }).toEqual({ status: 1, said: "" });
    expect(error).toMatch(/db-01: Patroni has not gone round twice in 1 s.*remedy: see journalctl -u patroni/);
  });
});

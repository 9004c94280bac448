import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GALERA_REVIVAL } from "../../../components/data/galeraRevival";
import { revivalScript } from "../../../components/data/revival";

// GNU's stat, as on the hosts.
const possible = process.platform === "linux";
if (!possible) process.stderr.write("skipped: the script that looks after MariaDB: it needs Linux\n");

(possible ? describe : describe.skip)("the script that looks after MariaDB", () => {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "keybuzz-mariadb-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** @param connected what MariaDB says; undefined: it says nothing. @returns what was asked of systemd. */
  function orders(active: boolean, connected: "ON" | "OFF" | undefined, illSecondsAgo?: number): string {
    const put = (name: string, text: string): void => {
      writeFileSync(join(folder, name), `#!/bin/bash\n${text}\n`);
      chmodSync(join(folder, name), 0o755);
    };
    put("systemctl", `echo "$*" >>${folder}/asked; [[ $1 != is-active ]] || exit ${active ? 0 : 3}`);
    put("mariadb", connected === undefined ? "exit 1" : `printf 'wsrep_connected\\t${connected}\\n'`);
    const since = join(folder, "since");
    if (illSecondsAgo !== undefined) {
      writeFileSync(since, "");
      const at = Date.now() / 1000 - illSecondsAgo;
      utimesSync(since, at, at);
    }
    const done = spawnSync("bash", ["-s"], {
      input: revivalScript(GALERA_REVIVAL, since),
      encoding: "utf8",
      env: { ...process.env, PATH: `${folder}:${process.env["PATH"] ?? ""}` },
    });
    expect({ status: done.status, stderr: done.stderr }).toEqual({ status: 0, stderr: "" });
    const [question, ...rest] = readFileSync(join(folder, "asked"), "utf8").trim().split("\n");
    rmSync(join(folder, "asked"));
    expect(question).toBe("is-active --quiet mariadb.service");
    return rest.join();
  }

  test("starts again what has left its cluster, after a while", () => {
    expect(orders(true, "OFF")).toBe("");
    expect(existsSync(join(folder, "since"))).toBe(true);
    expect(orders(true, "OFF", 60)).toBe("--no-block restart mariadb.service");
    expect(existsSync(join(folder, "since"))).toBe(false);
  });

  test.each([
    ["is connected", true, "ON"],
    ["does not answer", true, undefined],
    ["starts or was stopped", false, "OFF"],
  ] as const)("leaves alone what %s, and forgets", (_what, active, connected) => {
    expect(orders(active, connected, 60)).toBe("");
    expect(existsSync(join(folder, "since"))).toBe(false);
  });
});

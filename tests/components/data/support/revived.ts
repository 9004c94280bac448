import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { reassign } from "../../../support/shellHeader";

/** A host on which a revival's script runs: systemctl and the daemon's own commands are stand-ins. */
export class RevivedHost {
  readonly #folder = mkdtempSync(join(tmpdir(), "keybuzz-revival-"));
  /** The file whose age tells for how long the daemon has been ill. */
  readonly #since = join(this.#folder, "since");

  /** A command of the host. */
  put(name: string, text: string): void {
    const path = join(this.#folder, name);
    writeFileSync(path, `#!/bin/bash\n${text}\n`);
    chmodSync(path, 0o755);
  }

  /** @param active is the daemon running? @returns what was asked of systemctl, in order. */
  run(script: string, active: boolean, illSecondsAgo?: number): readonly string[] {
    const record = join(this.#folder, "asked");
    this.put("systemctl", `echo "$*" >>${record}; [[ $1 != is-active ]] || exit ${active ? 0 : 3}`);
    if (illSecondsAgo !== undefined) {
      writeFileSync(this.#since, "");
      const at = Date.now() / 1000 - illSecondsAgo;
      utimesSync(this.#since, at, at);
    }
    const done = spawnSync("bash", ["-s"], {
      input: reassign(script, { since: this.#since }),
      encoding: "utf8",
      env: { ...process.env, PATH: `${this.#folder}:${process.env["PATH"] ?? ""}` },
    });
    expect({ status: done.status, stderr: done.stderr }).toEqual({ status: 0, stderr: "" });
    const asked = readFileSync(record, "utf8").trim().split("\n");
    rmSync(record);
    return asked;
  }

  /** Does it remember that the daemon is ill? */
  get remembers(): boolean {
    return existsSync(this.#since);
  }

  dispose(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

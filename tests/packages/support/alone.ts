import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const ROOT = join(__dirname, "..", "..", "..");

/**
 * A folder outside of this repository in which packages are installed as npm would: each of this repository's sees
 * what its own package.json names, and nothing else.
 */
export class Alone {
  readonly dir = mkdtempSync(join(tmpdir(), "standin-alone-"));

  /** @param installed packages that a user's own code imports: of this repository ("@standin/common") or the registry. */
  constructor(installed: readonly string[]) {
    for (const one of installed) this.#add(this.dir, one);
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.dir, file), text);
  }

  /** Runs a file there. @returns its standard output. @throws Error with what it said where it fails. */
  run(file: string): string {
    const tsx = createRequire(__filename).resolve("tsx");
    const { status, stdout, stderr } = spawnSync(process.execPath, ["--no-warnings", "--import", tsx, file], {
      cwd: this.dir,
      encoding: "utf8",
      timeout: 100_000,
    });
    if (status !== 0) throw new Error(`${file} ended with ${status}:\n${stdout}\n${stderr}`);
    return stdout;
  }

  dispose(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }

  #install(name: string): void {
    const home = join(this.dir, "packages", name);
    if (existsSync(home)) return;
    cpSync(join(ROOT, "packages", name), home, {
      recursive: true,
      filter: (path) => !path.includes("node_modules"),
    });
    const { dependencies } = JSON.parse(readFileSync(join(home, "package.json"), "utf8")) as {
      readonly dependencies: Readonly<Record<string, string>>;
    };
    for (const dependency of Object.keys(dependencies)) this.#add(home, dependency);
  }

  #add(folder: string, dependency: string): void {
    const place = join(folder, "node_modules", dependency);
    const own = /^@standin\/(.*)/.exec(dependency)?.[1];
    if (own !== undefined) this.#install(own);
    mkdirSync(dirname(place), { recursive: true });
    symlinkSync(own === undefined ? join(ROOT, "node_modules", dependency) : join(this.dir, "packages", own), place);
  }
}

// Programs that check what the program writes for others: Prometheus' rules, Alertmanager's routes, shell, nginx.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { unfinished } from "@standin/common/unfinished";

const CACHE = join(__dirname, "..", ".cache", "checkers");

/** Each with Debian's package that it is in: unpacked into the cache, so that no daemon is installed or started. */
const PACKAGES = {
  promtool: "prometheus",
  amtool: "prometheus-alertmanager",
  shellcheck: "shellcheck",
  nginx: "nginx",
} as const;
const DIRECTORIES = ["usr/bin", "usr/sbin"] as const;

export type Checker = keyof typeof PACKAGES;

const ALL = Object.keys(PACKAGES) as readonly Checker[];

/** The checker's path: on PATH, or from an earlier `npm run test:real`. Nothing is fetched here. */
export function checkerPath(name: Checker): string | undefined {
  // Daemons are where only root looks.
  const env = { ...process.env, PATH: `${process.env["PATH"] ?? ""}:/usr/sbin` };
  const installed = spawnSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8", env }).stdout.trim();
  if (installed !== "") return installed;
  return DIRECTORIES.map((directory) => join(CACHE, PACKAGES[name], directory, name)).find(existsSync);
}

/** Those that must be fetched before they can check. */
export function missingCheckers(): readonly Checker[] {
  return ALL.filter((name) => checkerPath(name) === undefined);
}

/** Why not all of them can be had, in one line; undefined: they are here, or apt can fetch them. */
export function whyNoCheckers(): string | undefined {
  const missing = missingCheckers();
  const has = (command: string): boolean => spawnSync("sh", ["-c", `command -v ${command}`]).status === 0;
  if (missing.length === 0 || (has("apt-get") && has("dpkg-deb"))) return undefined;
  return `${missing.join(", ")}: not on PATH, and this system has no apt to fetch them`;
}

/** Fetches what is missing. @throws Error where apt cannot. */
export function fetchCheckers(log: (line: string) => void): void {
  for (const name of missingCheckers()) {
    const directory = join(CACHE, PACKAGES[name]);
    log(`${name}: apt-get download ${PACKAGES[name]}, unpacked into .cache/checkers`);
    mkdirSync(CACHE, { recursive: true });
    const temporary = unfinished(directory);
    mkdirSync(temporary);
    const run = (command: string, ...args: readonly string[]): void =>
      void execFileSync(command, args, { cwd: temporary, stdio: ["ignore", "ignore", "inherit"] });
    try {
      try {
        run("apt-get", "download", "-qq", PACKAGES[name]);
      } catch (error) {
        // A fresh image has no package lists; only root may fetch them.
        if (process.getuid?.() !== 0) throw error;
        run("apt-get", "update", "-qq");
        run("apt-get", "download", "-qq", PACKAGES[name]);
      }
      const [deb = ""] = readdirSync(temporary).filter((file) => file.endsWith(".deb"));
      run("dpkg-deb", "-x", join(temporary, deb), temporary);
      if (!existsSync(directory)) renameSync(temporary, directory);
    } finally {
      rmSync(temporary, { recursive: true, force: true });
    }
  }
}

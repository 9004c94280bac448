import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { FETCH_CHECKERS } from "../../tools/fetchCheckers";

const CACHE = join(__dirname, "..", "..", ".cache", "checkers");

/** Debian's packages and the checkers in them; unpacked into the cache, so that no daemon is installed or started. */
const PACKAGES = { promtool: "prometheus", amtool: "prometheus-alertmanager", shellcheck: "shellcheck" } as const;

export type Checker = keyof typeof PACKAGES;

/** The checker's path; undefined, with one line that says why, where there is none. */
export function findChecker(name: Checker): string | undefined {
  const installed = spawnSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).stdout.trim();
  if (installed !== "") return installed;
  const directory = join(CACHE, PACKAGES[name]);
  const binary = join(directory, "usr/bin", name);
  if (existsSync(binary)) return binary;
  if (process.env[FETCH_CHECKERS] === undefined || !debianRoot()) {
    process.stderr.write(
      `skipped: what ${name} checks: it is not here (Debian: apt-get install ${PACKAGES[name]}; npm run test:real fetches it)\n`,
    );
    return undefined;
  }
  process.stderr.write(`${name}: apt-get download ${PACKAGES[name]}, unpacked into .cache/checkers, not installed\n`);
  mkdirSync(CACHE, { recursive: true });
  const temporary = mkdtempSync(join(CACHE, "unpack-"));
  const download = (): void => {
    execFileSync("apt-get", ["download", "-qq", PACKAGES[name]], { cwd: temporary, stdio: "ignore" });
  };
  try {
    try {
      download();
    } catch {
      // A fresh image has no package lists.
      execFileSync("apt-get", ["update", "-qq"], { stdio: "ignore" });
      download();
    }
    const [deb = ""] = readdirSync(temporary).filter((file) => file.endsWith(".deb"));
    execFileSync("dpkg-deb", ["-x", join(temporary, deb), temporary]);
    if (!existsSync(directory)) renameSync(temporary, directory);
    return binary;
  } catch (error) {
    process.stderr.write(`skipped: what ${name} checks: it could not be fetched (${String(error)})\n`);
    return undefined;
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

function debianRoot(): boolean {
  const release = existsSync("/etc/os-release") ? readFileSync("/etc/os-release", "utf8") : "";
  return process.getuid?.() === 0 && /^ID(_LIKE)?=.*debian/m.test(release);
}

/** What the checker said, and whether it agrees. */
export function check(binary: string, args: readonly string[]): { readonly ok: boolean; readonly text: string } {
  const { status, stdout, stderr } = spawnSync(binary, [...args], { encoding: "utf8" });
  return { ok: status === 0, text: `${stdout}${stderr}` };
}

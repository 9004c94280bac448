// Where a test run, or a comparison of two commits, puts what is temporary: one folder, so that nothing of a run that was
// cut off stays.
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import type { Socket } from "node:net";
import { join } from "node:path";
import { isRunning } from "@standin/common/processes";

const NAME = /^keybuzz-test-(\d+)-/;
/** A fleet's own process takes its machines apart when their test has died (packages/machines/src/real/warden.ts). */
const TIDY_MS = 30_000;

/** Is it the name of a run's folder? */
export function isScratch(name: string): boolean {
  return NAME.test(name);
}

/** Makes a run's folder, and removes those of runs that were killed. @param base where; default: the system's. */
export function openScratch(base = tmpdir()): string {
  for (const name of readdirSync(base)) {
    const [, pid] = NAME.exec(name) ?? [];
    if (pid !== undefined && !isRunning(Number(pid)) && !hasMounts(join(base, name))) remove(join(base, name));
  }
  return mkdtempSync(join(base, `keybuzz-test-${process.pid}-`));
}

/**
 * Has this process' folders removed when it is gone, however it went: another process waits for that, and for nothing
 * else. Called before there is a folder, so that none is ever without its guard.
 *
 * @param base where; default: the system's.
 */
export function guardScratch(base = tmpdir()): void {
  const script = join(__dirname, "scratchGuard.ts");
  const guard = spawn(process.execPath, ["--import", "tsx", script, base, String(process.pid)], {
    // It is told by the end of its input; a folder of its own would be in the one that it removes.
    stdio: ["pipe", "ignore", "ignore"],
    env: { ...process.env, TMPDIR: base, TSX_DISABLE_CACHE: "1" },
    cwd: join(__dirname, ".."),
    detached: true,
  });
  // Without it the folder is left to the next run.
  guard.on("error", () => undefined);
  guard.unref();
  (guard.stdin as Socket | null)?.unref();
}

/** The folders that a process made. @param base where. */
export function scratchOf(base: string, pid: string): readonly string[] {
  const names = readdirSync(base).filter((name) => NAME.exec(name)?.[1] === pid);
  return names.map((name) => join(base, name));
}

/**
 * Removes a run's folder with all that is in it, once no file system is mounted there any more.
 *
 * @param patienceMs how long others may take to end theirs; then the folder is left to the next run.
 */
export async function closeScratch(dir: string, patienceMs = TIDY_MS): Promise<void> {
  const deadline = Date.now() + patienceMs;
  while (hasMounts(dir) || !remove(dir)) {
    if (Date.now() > deadline) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** @returns false where others write or delete there at the same time, or it is somebody else's. */
function remove(dir: string): boolean {
  try {
    rmSync(dir, { recursive: true, force: true });
    return true;
  } catch {
    return false;
  }
}

/** What is deleted below a mount may be anybody's. Only Linux has machines that mount. */
function hasMounts(dir: string): boolean {
  try {
    return readFileSync("/proc/self/mounts", "utf8").includes(` ${dir}/`);
  } catch {
    return false;
  }
}

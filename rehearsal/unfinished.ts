import { readdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";

const MARK = ".building-";

/**
 * Where this process builds what is to lie at `path` in the end, so that it is there whole or not at all. What a
 * process that was killed has left beside it is removed. @returns a path that does not exist yet, on the same disk.
 */
export function unfinished(path: string): string {
  const [folder, start] = [dirname(path), `${basename(path)}${MARK}`];
  for (const name of readdirSync(folder)) {
    // An image's log lies beside it and stays: it tells what went wrong.
    const pid = Number(name.startsWith(start) ? name.slice(start.length) : Number.NaN);
    if (Number.isInteger(pid) && !isAlive(pid)) rmSync(join(folder, name), { recursive: true, force: true });
  }
  return join(folder, `${start}${process.pid}`);
}

function isAlive(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process is alive, too.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

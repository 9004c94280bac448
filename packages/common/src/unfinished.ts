import { readdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { isRunning } from "./processes";

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
    const isOver = Number.isInteger(pid) && (pid === process.pid || !isRunning(pid));
    if (isOver) rmSync(join(folder, name), { recursive: true, force: true });
  }
  return join(folder, `${start}${process.pid}`);
}

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

const ROOT = join(__dirname, "..", "..");
const CACHE = join(ROOT, ".cache", "emitted");
const DAY_MS = 86_400_000;
const LIMIT_MS = 180_000;

/** A program that prints something which takes seconds. */
export interface Made {
  /** A file of tools/, and its arguments. */
  readonly command: readonly [tool: string, ...args: string[]];
  /** For its standard input. */
  readonly input: string;
  /** Files and folders that it is made from. */
  readonly sources: readonly string[];
}

/** What it prints: run by one process for all test files, and kept under the checksum of everything that it is made from. */
export function madeOnce(made: Made): string {
  const file = join(CACHE, `${checksum(made)}.json`);
  const lock = `${file}.lock`;
  mkdirSync(CACHE, { recursive: true });
  const started = Date.now();
  while (!existsSync(file)) {
    if (take(lock)) {
      try {
        if (!existsSync(file)) make(made, file);
      } finally {
        rmSync(lock, { force: true });
      }
    } else if (Date.now() - started > LIMIT_MS) {
      throw new Error(`${lock}: somebody else has been making this for three minutes; delete the file`);
    } else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
  }
  return readFileSync(file, "utf8");
}

function checksum({ command, input, sources }: Made): string {
  const hash = createHash("sha256").update(JSON.stringify([command, input]));
  const add = (path: string): void => {
    if (statSync(path).isDirectory()) for (const name of readdirSync(path).sort()) add(join(path, name));
    else hash.update(path.slice(ROOT.length)).update(readFileSync(path));
  };
  for (const source of sources) add(join(ROOT, source));
  return hash.digest("hex").slice(0, 24);
}

function take(lock: string): boolean {
  try {
    closeSync(openSync(lock, "wx"));
    return true;
  } catch {
    // Left by somebody who was killed.
    if (existsSync(lock) && Date.now() - statSync(lock).mtimeMs > LIMIT_MS) rmSync(lock, { force: true });
    return false;
  }
}

function make({ command, input }: Made, file: string): void {
  for (const name of readdirSync(CACHE)) {
    const path = join(CACHE, name);
    if (Date.now() - statSync(path).mtimeMs > DAY_MS) rmSync(path, { force: true });
  }
  const done = spawnSync(process.execPath, ["--import", "tsx", ...command], {
    cwd: ROOT,
    input,
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  if (done.status !== 0) throw new Error(`${command.join(" ")} failed:\n${done.stderr}`);
  writeFileSync(`${file}.${process.pid}`, done.stdout);
  renameSync(`${file}.${process.pid}`, file);
}

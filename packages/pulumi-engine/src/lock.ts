import { randomUUID } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { isRunning, processStart } from "@standin/common/processes";
import { EngineError } from "./errors";

/** Content of the lock file. */
export interface LockHolder {
  readonly pid: number;
  readonly host: string;
  /** ISO 8601. */
  readonly since: string;
  /** Start time of the process as the kernel counts it; tells a reused pid. Absent where there is no /proc. */
  readonly started?: string;
}

function isAlive(holder: LockHolder): boolean {
  if (holder.host !== hostname()) return true;
  if (!isRunning(holder.pid)) return false;
  return holder.started === undefined || holder.started === processStart(holder.pid);
}

const lockFile = (stateFile: string): string => `${stateFile}.lock`;

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

function readLock(stateFile: string): LockHolder | undefined {
  try {
    return JSON.parse(readFileSync(lockFile(stateFile), "utf8")) as LockHolder;
  } catch {
    return undefined;
  }
}

/** The living engine that holds the lock of a state, if any. */
export function lockHolder(stateFile: string): LockHolder | undefined {
  const holder = readLock(stateFile);
  return holder !== undefined && isAlive(holder) ? holder : undefined;
}

/**
 * Takes the lock of a state; the lock of a dead process is taken over.
 * @param onTakeover receives one line about it.
 * @returns the function that gives the lock back.
 * @throws EngineError "locked" naming process and file.
 */
export function takeLock(stateFile: string, onTakeover: (line: string) => void): () => void {
  const file = lockFile(stateFile);
  mkdirSync(dirname(file), { recursive: true });
  const started = processStart(process.pid);
  const own: LockHolder = {
    pid: process.pid,
    host: hostname(),
    since: new Date().toISOString(),
    ...(started === undefined ? {} : { started }),
  };
  const draft = `${file}.new-${process.pid}-${randomUUID()}`;
  for (let attempt = 0; attempt < 5; attempt++) {
    try {
      // A link appears with its content; a file opened for writing would be seen empty for a moment.
      writeFileSync(draft, JSON.stringify(own), { mode: 0o600 });
      linkSync(draft, file);
      return () => {
        rmSync(file, { force: true });
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    } finally {
      rmSync(draft, { force: true });
    }
    const found = readText(file);
    const holder = readLock(stateFile);
    if (holder !== undefined && isAlive(holder)) {
      throw new EngineError(
        "locked",
        `${stateFile}: process ${holder.pid} on ${holder.host} has been working on this stack since ${holder.since}. Wait for it or stop it; if there is no such process, remove ${file}.`,
      );
    }
    // Of several engines that find the same stale lock, the rename succeeds for one.
    const stale = `${file}.stale-${process.pid}`;
    try {
      renameSync(file, stale);
    } catch {
      continue;
    }
    if (readFileSync(stale, "utf8") !== (found ?? "")) {
      // Another engine was faster, and this is its lock.
      renameSync(stale, file);
      continue;
    }
    rmSync(stale, { force: true });
    onTakeover(`${stateFile}: took over the lock of process ${holder?.pid ?? "unknown"}, which is no longer there.`);
  }
  throw new EngineError("locked", `${stateFile}: another engine takes the lock ${file} again and again; wait for it.`);
}

import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { FINGERPRINT_KEY, NotComparableError, readEmitted, type EmittedEstate } from "../diff/model/emitted";
import { closeScratch, guardScratch, openScratch } from "./scratch";

const EMITTER = "tools/emitEstate.ts";
const LOCK = "package-lock.json";
/** Prod takes five seconds. */
const EMIT_LIMIT_MS = 300_000;
/** Fifty times prod. */
const MOST_BYTES = 2 ** 27;
/** What a program may see of its surroundings: no token, no password of a stack, no cloud's configuration. */
const SEEN = ["PATH", "HOME", "TMPDIR", "TEMP", "TMP", "LANG", "SYSTEMROOT", "NODE_COMPILE_CACHE"];

/** A commit of this repository. */
export interface Commit {
  readonly sha: string;
  /** For people: "main (3f2a9c1)". */
  readonly name: string;
}

function git(root: string, ...args: readonly string[]): string | undefined {
  const done = spawnSync("git", args, { cwd: root, encoding: "utf8" });
  if (done.error !== undefined) throw new NotComparableError(`git cannot be started: ${done.error.message}`);
  return done.status === 0 ? done.stdout.trim() : undefined;
}

/**
 * Where the present branch began: what it has in common with `ref`, so that what others did since is no part of the
 * comparison.
 *
 * @throws NotComparableError where there is no such commit
 */
export function baseCommit(root: string, ref: string): Commit {
  // Never an option of git's.
  const found = ref.startsWith("-") ? undefined : git(root, "rev-parse", "--verify", "--quiet", `${ref}^{commit}`);
  if (found === undefined)
    throw new NotComparableError(
      `--base ${ref} is no commit that this clone has: fetch it (git fetch origin), or name a branch, a tag or a commit`,
    );
  const shared = git(root, "merge-base", found, "HEAD") ?? found;
  const began = shared === found ? "" : `, where this branch left ${ref}`;
  return { sha: shared, name: `${shared === found ? `${ref} ` : ""}(${shared.slice(0, 9)}${began})`.trim() };
}

/** What lies in the working folder. */
export function headCommit(root: string): string {
  const sha = git(root, "rev-parse", "HEAD")?.slice(0, 9) ?? "no commit";
  const changed = git(root, "status", "--porcelain") !== "";
  return `the working folder (${sha}${changed ? " and what is not committed" : ""})`;
}

/**
 * Lays a commit's files out in a temporary folder, with packages of its own, and hands that to `work`; it goes
 * afterwards, however this process ends.
 *
 * @throws NotComparableError where the commit has no such stack, or cannot be asked
 */
export async function withBase<T>(
  root: string,
  { sha, name }: Commit,
  stack: string,
  work: (dir: string) => Promise<T>,
): Promise<T> {
  guardScratch();
  const scratch = openScratch();
  const dir = join(scratch, "base");
  mkdirSync(dir);
  try {
    unpack(root, sha, dir);
    const lacks = (path: string): boolean => !existsSync(join(dir, path));
    if (lacks(LOCK)) throw new NotComparableError(`the base ${name} has no ${LOCK}: its packages cannot be installed`);
    const files = [`stacks/${stack}.ts`, `Pulumi.${stack}.yaml`].filter(lacks);
    if (files.length > 0)
      throw new NotComparableError(
        `the base ${name} has no stack ${stack} (no ${files.join(", no ")}): all of it is new`,
      );
    if (lacks(EMITTER))
      throw new NotComparableError(`the base ${name} is older than this comparison (no ${EMITTER}): take a later one`);
    packagesFor(root, dir, name);
    return await work(dir);
  } finally {
    await closeScratch(scratch);
  }
}

function unpack(root: string, sha: string, dir: string): void {
  const file = `${dir}.tar`;
  const run = (command: string, ...args: readonly string[]): void => {
    const done = spawnSync(command, args, { cwd: root, encoding: "utf8" });
    const why = done.error?.message ?? done.stderr.trim();
    if (done.status !== 0) throw new NotComparableError(`${sha} cannot be laid out in ${dir} (${command}): ${why}`);
  };
  try {
    run("git", "archive", "--format=tar", `--output=${file}`, sha);
    run("tar", "-xf", file, "-C", dir);
  } finally {
    rmSync(file, { force: true });
  }
}

/** Packages from the same lock file are those that are here; the repository's own are each commit's. */
function packagesFor(root: string, dir: string, name: string): void {
  const same = readFileSync(join(root, LOCK)).equals(readFileSync(join(dir, LOCK)));
  if (!same) {
    process.stderr.write(`Installing the packages of the base ${name}: its ${LOCK} is another one ...\n`);
    const options = {
      cwd: dir,
      stdio: ["ignore", 2, 2] as ["ignore", number, number],
      shell: process.platform === "win32",
    };
    const done = spawnSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], options);
    if (done.status !== 0)
      throw new NotComparableError(`the packages of the base ${name} cannot be installed (npm ci, above)`);
    return;
  }
  const [from, to] = [root, dir].map((one) => join(one, "node_modules")) as [string, string];
  const link = (target: string, path: string): void => symlinkSync(target, path, "junction");
  mkdirSync(to);
  for (const entry of readdirSync(from)) {
    if (entry === ".cache") continue;
    if (!entry.startsWith("@")) link(join(from, entry), join(to, entry));
    else {
      mkdirSync(join(to, entry));
      for (const one of readdirSync(join(from, entry))) {
        const own = join(dir, "packages", one);
        link(entry === "@standin" && existsSync(own) ? own : join(from, entry, one), join(to, entry, one));
      }
    }
  }
}

/**
 * What a copy of the program registers.
 *
 * @param key of the fingerprints of secrets
 * @param resized servers that are there with another type: how they get theirs is registered, too. Default: none
 * @throws NotComparableError with the program's own words
 */
export function emit(
  dir: string,
  stack: string,
  key: string,
  name: string,
  resized: readonly string[] = [],
): Promise<EmittedEstate> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([one]) => SEEN.includes(one.toUpperCase())));
  const child = spawn(
    process.execPath,
    ["--import", "tsx", EMITTER, "--stack", stack, ...resized.flatMap((one) => ["--resized", one])],
    {
      cwd: dir,
      stdio: ["ignore", "pipe", "pipe"],
      timeout: EMIT_LIMIT_MS,
      env: { ...env, [FINGERPRINT_KEY]: key },
    },
  );
  const out: Buffer[] = [];
  let [bytes, said] = [0, ""];
  child.stdout.on("data", (part: Buffer) => {
    bytes += part.length;
    if (bytes > MOST_BYTES) child.kill("SIGKILL");
    else out.push(part);
  });
  child.stderr.on("data", (part: Buffer) => (said = `${said}${part.toString()}`.slice(0, 20_000)));
  return new Promise((resolve, reject) => {
    const refuse = (why: string): void => reject(new NotComparableError(`${name} ${why}`));
    child.once("error", ({ message }) => refuse(`cannot be asked: ${message}`));
    child.once("close", (code, signal) => {
      if (bytes > MOST_BYTES) refuse(`registers more than can be compared (${MOST_BYTES / 2 ** 20} MiB)`);
      else if (signal !== null) refuse(`was not done after ${EMIT_LIMIT_MS / 1000} s`);
      else if (code !== 0) refuse(`does not stand:\n${said.trim()}`);
      else
        try {
          resolve(readEmitted(Buffer.concat(out).toString("utf8"), name));
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
    });
  });
}

import { spawnSync } from "node:child_process";
import { accessSync, constants, mkdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join, sep } from "node:path";

/** Long enough for an installed CLI on a busy machine, short enough for a launcher that downloads in vain. */
const DETECTION_MS = 3000;
/** How long a failed launcher is not tried again: offline, each try may cost the whole limit. */
const MEMORY_MS = 60 * 60 * 1000;
const EXECUTABLE = process.platform === "win32" ? "pulumi.cmd" : "pulumi";

export type PulumiCli =
  | { readonly found: true; readonly version: string; readonly path: string }
  | { readonly found: false; readonly why: string };

export interface DetectionOptions {
  /** Default: this process's. */
  readonly env?: NodeJS.ProcessEnv;
  /** File that remembers a launcher that could not download. Default: none, every call tries anew. */
  readonly memory?: string;
  /** Milliseconds for one `pulumi version`. Default 3000. */
  readonly limitMs?: number;
}

interface Memory {
  readonly path: string;
  readonly changed: number;
  readonly at: number;
  readonly why: string;
}

/**
 * Is the official CLI on PATH, and does it run? An installed one comes before the npm package's launcher, which
 * `npm run` puts first on PATH and which counts only once it has its binary.
 */
export function findPulumi(options: DetectionOptions = {}): PulumiCli {
  const env = options.env ?? process.env;
  const candidates = onPath(env);
  let why = "no pulumi on PATH";
  for (const path of candidates) {
    const remembered = isLauncher(path) ? recall(options.memory, path) : undefined;
    if (remembered !== undefined) {
      why = remembered;
      continue;
    }
    const found = ask(path, env, options.limitMs ?? DETECTION_MS);
    if (found.found) {
      if (options.memory !== undefined) rmSync(options.memory, { force: true });
      return found;
    }
    why = found.why;
    if (isLauncher(path)) remember(options.memory, path, why);
  }
  return { found: false, why };
}

/** Every pulumi on PATH, launchers last. */
function onPath(env: NodeJS.ProcessEnv): readonly string[] {
  const all = (env["PATH"] ?? "")
    .split(delimiter)
    .filter((dir) => dir !== "")
    .map((dir) => join(dir, EXECUTABLE))
    .filter(isExecutable);
  const unique = [...new Set(all)];
  return [...unique.filter((path) => !isLauncher(path)), ...unique.filter(isLauncher)];
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function isLauncher(path: string): boolean {
  return path.includes(`${sep}node_modules${sep}`) || realpathSync(path).includes(`${sep}node_modules${sep}`);
}

function ask(path: string, env: NodeJS.ProcessEnv, limitMs: number): PulumiCli {
  const result = spawnSync(path, ["version"], {
    env: { ...env, PULUMI_SKIP_UPDATE_CHECK: "true" },
    timeout: limitMs,
    killSignal: "SIGKILL",
    encoding: "utf8",
    shell: process.platform === "win32",
  });
  const version = /^v?\d+\.\d+\.\d+\S*$/m.exec(result.stdout ?? "")?.[0];
  if (result.status === 0 && version !== undefined) return { found: true, version, path };
  if (isLauncher(path))
    return { found: false, why: "the npm package's pulumi has no binary yet; `npx pulumi version` downloads it" };
  return {
    found: false,
    why:
      (result.error as NodeJS.ErrnoException | undefined)?.code === "ETIMEDOUT"
        ? `${path} did not answer within ${limitMs / 1000} s`
        : `${path} cannot run`,
  };
}

function recall(file: string | undefined, path: string): string | undefined {
  if (file === undefined) return undefined;
  try {
    const memory = JSON.parse(readFileSync(file, "utf8")) as Partial<Memory>;
    const fresh = Math.abs(Date.now() - (memory.at ?? 0)) < MEMORY_MS;
    return fresh && memory.path === path && memory.changed === statSync(path).mtimeMs ? memory.why : undefined;
  } catch {
    // None, or not readable: asking again is always right.
    return undefined;
  }
}

function remember(file: string | undefined, path: string, why: string): void {
  if (file === undefined) return;
  const memory: Memory = { path, changed: statSync(path).mtimeMs, at: Date.now(), why };
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, JSON.stringify(memory));
}

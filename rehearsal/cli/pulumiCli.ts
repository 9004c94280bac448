import { spawnSync } from "node:child_process";
import { accessSync, constants, readFileSync, realpathSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join, sep } from "node:path";
import { z } from "zod";

/** Long enough for an installed CLI on a busy machine. */
const LIMIT_MS = 3000;
/** It measures the folder of every plugin there is, to say how large each is. */
const PLUGINS_LIMIT_MS = 10_000;
const WINDOWS = process.platform === "win32";
const NAMES = WINDOWS ? ["pulumi.exe", "pulumi.cmd"] : ["pulumi"];

export type PulumiCli =
  | { readonly found: true; readonly version: string; readonly path: string }
  | { readonly found: false; readonly why: string };

/** A provider's plugin, as the CLI names it. */
export interface Plugin {
  readonly name: string;
  readonly version: string;
}

export interface Asking {
  /** Default: this process's. */
  readonly env?: NodeJS.ProcessEnv;
  /** Milliseconds for one answer. Default: 3000 for the version, 10,000 for the plugins. */
  readonly limitMs?: number;
}

/**
 * Is the official CLI on PATH, and does it run? An installed one comes before the npm package's launcher, which
 * `npm run` puts first on PATH. The launcher itself is never run, because without its binary it downloads a script and
 * runs that: it counts when the binary is there, which is asked instead.
 */
export function findPulumi({ env = process.env, limitMs = LIMIT_MS }: Asking = {}): PulumiCli {
  let why: string | undefined;
  for (const candidate of onPath(env)) {
    const path = isLauncher(candidate) ? downloadedBinary(candidate, env) : candidate;
    const cli: PulumiCli =
      path === undefined
        ? { found: false, why: "the npm package's pulumi has no binary yet (`npx pulumi version` downloads it)" }
        : askVersion(path, env, limitMs);
    if (cli.found) return cli;
    why ??= cli.why;
  }
  return { found: false, why: why ?? "no pulumi on PATH" };
}

const pluginList = z.array(z.object({ name: z.string(), kind: z.string(), version: z.string() }));

/** Those of the plugins that the CLI would download first; all of them where it does not say which it has. */
export function missingPlugins(
  path: string,
  needed: readonly Plugin[],
  { env = process.env, limitMs = PLUGINS_LIMIT_MS }: Asking = {},
): readonly Plugin[] {
  const listed = pluginList.safeParse(parsed(ask(path, ["plugin", "ls", "--json"], env, limitMs).stdout));
  const there = listed.success ? listed.data.filter(({ kind }) => kind === "resource") : [];
  return needed.filter(({ name, version }) => !there.some((one) => one.name === name && one.version === version));
}

const providerPackage = z.object({
  pulumi: z.object({ resource: z.literal(true), name: z.string(), version: z.string() }),
});

/** The plugins that a program's own dependencies stand for. @param root its folder. */
export function neededPlugins(root: string): readonly Plugin[] {
  const read = (file: string): unknown => parsed(readFileSync(file, "utf8"));
  const { dependencies } = z
    .object({ dependencies: z.record(z.string(), z.string()) })
    .parse(read(join(root, "package.json")));
  return Object.keys(dependencies)
    .filter((name) => name.startsWith("@pulumi/"))
    .flatMap((name) => {
      const provider = providerPackage.safeParse(read(join(root, "node_modules", name, "package.json")));
      return provider.success ? [{ name: provider.data.pulumi.name, version: provider.data.pulumi.version }] : [];
    });
}

/** Every pulumi on PATH, launchers last. */
function onPath(env: NodeJS.ProcessEnv): readonly string[] {
  const all = (env["PATH"] ?? "")
    .split(delimiter)
    .filter((dir) => dir !== "")
    .flatMap((dir) => NAMES.map((name) => join(dir, name)))
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
  return [path, realpathSync(path)].some((one) => one.includes(`${sep}node_modules${sep}`));
}

/** Where the launcher keeps its binary (lib/cache.js of the package), if it has one. */
function downloadedBinary(launcher: string, env: NodeJS.ProcessEnv): string | undefined {
  // A link to the package's script; on Windows a file of its own beside the packages.
  const folder = WINDOWS ? join(dirname(launcher), "..", "pulumi") : dirname(realpathSync(launcher));
  const version = env["PULUMI_VERSION"] ?? versionIn(join(folder, "package.json"));
  if (version === undefined) return undefined;
  const home = env["PULUMI_HOME"] ?? join(homedir(), ".pulumi");
  const binary = join(home, "versions", version, "bin", WINDOWS ? "pulumi.exe" : "pulumi");
  return isExecutable(binary) ? binary : undefined;
}

function versionIn(file: string): string | undefined {
  try {
    return z.object({ version: z.string() }).parse(parsed(readFileSync(file, "utf8"))).version;
  } catch {
    return undefined;
  }
}

function askVersion(path: string, env: NodeJS.ProcessEnv, limitMs: number): PulumiCli {
  const { status, stdout, late } = ask(path, ["version"], env, limitMs);
  const version = /^v?\d+\.\d+\.\d+\S*$/m.exec(stdout)?.[0];
  if (status === 0 && version !== undefined) return { found: true, version, path };
  return { found: false, why: late ? `${path} did not answer within ${limitMs / 1000} s` : `${path} cannot run` };
}

function ask(
  path: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  limitMs: number,
): { readonly status: number | null; readonly stdout: string; readonly late: boolean } {
  const result = spawnSync(path, [...args], {
    env: { ...env, PULUMI_SKIP_UPDATE_CHECK: "true" },
    timeout: limitMs,
    killSignal: "SIGKILL",
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const late = (result.error as NodeJS.ErrnoException | undefined)?.code === "ETIMEDOUT";
  return { status: result.status, stdout: result.stdout ?? "", late };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

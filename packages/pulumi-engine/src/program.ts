import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parse } from "yaml";
import { z } from "zod";
import { EngineError, messageOf } from "./errors";

const projectFile = z.object({
  name: z.string(),
  runtime: z.union([
    z.string(),
    z.object({ name: z.string(), options: z.object({ nodeargs: z.string().optional() }).nullish() }),
  ]),
  main: z.string().optional(),
  requiredPulumiVersion: z.string().optional(),
  config: z.record(z.string(), z.unknown()).nullish(),
});

/** What the CLI takes for a setting's whole declaration; anything else in its place is the value itself. */
const declaration = z.object({ default: z.unknown(), value: z.unknown() }).partial();

/** What the engine needs of Pulumi.yaml. */
export interface Project {
  readonly name: string;
  /** Path of the program, relative to the project's directory; "." when Pulumi.yaml names none. */
  readonly main: string;
  /** Node's own arguments in the CLI's language host. Only a plain start takes them. */
  readonly nodeArgs: readonly string[];
  /** The range that the CLI's version must be in; undefined: any. */
  readonly requiredPulumiVersion: string | undefined;
  /** Values and defaults of the project's own `config`, by full key, as Pulumi keeps them: a stack's own come before. */
  readonly config: { readonly [key: string]: string };
}

/** As the CLI makes a stack's setting of a project's (pkg/workspace/config.go). */
function settings(name: string, config: { readonly [key: string]: unknown }): { readonly [key: string]: string } {
  const entries = Object.entries(config).flatMap(([key, declared]): [string, string][] => {
    const { success, data } = declaration.safeParse(declared);
    const value = success ? (data.value ?? data.default) : declared;
    if (value === undefined || value === null) return [];
    // Strings as they are; numbers, booleans and lists are their own JSON.
    const text = typeof value === "string" ? value : JSON.stringify(value);
    return [[key.includes(":") ? key : `${name}:${key}`, text]];
  });
  return Object.fromEntries(entries);
}

/** Reads Pulumi.yaml. @throws EngineError "project" naming the file and what is wrong. */
export function readProject(projectDir: string): Project {
  const file = join(projectDir, "Pulumi.yaml");
  const refuse = (why: string): EngineError => new EngineError("project", `${file}: ${why}`);
  if (!existsSync(file)) throw refuse("there is no such file; name the directory of a Pulumi project.");
  let content: unknown;
  try {
    content = parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw refuse(`cannot be read: ${messageOf(error)}`);
  }
  const result = projectFile.safeParse(content);
  if (!result.success) throw refuse(result.error.issues.map((i) => `${i.path.join(".")}: ${i.message}`).join("; "));
  const runtime = typeof result.data.runtime === "string" ? result.data.runtime : result.data.runtime.name;
  if (runtime !== "nodejs") throw refuse(`runtime is "${runtime}"; the embedded engine runs "nodejs" only.`);
  const { name, main = ".", requiredPulumiVersion, config } = result.data;
  const nodeArgs = typeof result.data.runtime === "string" ? "" : (result.data.runtime.options?.nodeargs ?? "");
  return {
    name,
    main,
    nodeArgs: nodeArgs.split(/\s+/).filter((word) => word !== ""),
    requiredPulumiVersion,
    config: settings(name, config ?? {}),
  };
}

/**
 * prepared: with the engine's own tsx, and with what makes a start quicker (preload.ts). plain: as the CLI's language
 * host does it, with what the project's own folder has and Pulumi.yaml says.
 */
export type ProgramStart = "prepared" | "plain";

/** How to run the program. */
export interface ProgramOptions {
  readonly projectDir: string;
  readonly project: Project;
  readonly stack: string;
  /** host:port of the gRPC services. */
  readonly address: string;
  readonly preview: boolean;
  readonly start: ProgramStart;
  readonly parallel: number;
  readonly config: { readonly [key: string]: string };
  readonly secretConfigKeys: readonly string[];
  readonly env: { readonly [key: string]: string | undefined };
  readonly args: readonly string[];
  /** One line that the program wrote itself (console.log, console.error). */
  onLine(stream: "stdout" | "stderr", line: string): void;
}

/** The running program. */
export interface RunningProgram {
  /** Exit code, or null when it was killed. */
  readonly exited: Promise<number | null>;
  /** Ends it and whatever it has started. */
  kill(): void;
}

// Compiled code of the SDKs, kept between runs: saves about 0.3 s of each start.
const compileCache = (): string =>
  process.env["NODE_COMPILE_CACHE"] ??
  join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "standin-engine");

/** The exit code by which the SDK says that it has reported the error already (cmd/run/index.js). */
export const EXIT_REPORTED = 32;

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // Gone already.
  }
}

/**
 * Starts the unmodified program under the SDK's own entry point, TypeScript loaded through tsx (no type check).
 * It runs in a process group of its own, so that Ctrl-C reaches the engine alone, and ends by itself when the
 * engine's end of a pipe closes, however the engine died (preload.ts).
 */
export function startProgram(options: ProgramOptions): RunningProgram {
  const { project, projectDir } = options;
  const flags = [
    ...(options.start === "plain"
      ? [...project.nodeArgs, require.resolve("@pulumi/pulumi/cmd/run", { paths: [projectDir] })]
      : [
          ...["--require", require.resolve("tsx/cjs"), "--require", require.resolve("./preload.ts")],
          "--no-warnings",
          require.resolve("@pulumi/pulumi/cmd/run"),
        ]),
    ...["--monitor", options.address, "--engine", options.address],
    ...["--project", project.name, "--stack", options.stack, "--organization", "organization"],
    ...["--root-directory", projectDir, "--pwd", projectDir],
    ...["--parallel", String(options.parallel)],
    ...(options.preview ? ["--dry-run"] : []),
    project.main,
    ...options.args,
  ];
  const child = spawn(process.execPath, flags, {
    cwd: projectDir,
    detached: true,
    stdio: ["ignore", "pipe", "pipe", "pipe"],
    env: {
      ...process.env,
      NODE_COMPILE_CACHE: compileCache(),
      ...options.env,
      PULUMI_NODEJS_TYPESCRIPT: "false",
      PULUMI_CONFIG: JSON.stringify(options.config),
      PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(options.secretConfigKeys),
    },
  });
  for (const [name, stream] of [["stdout", child.stdout] as const, ["stderr", child.stderr] as const]) {
    if (stream !== null) createInterface({ input: stream }).on("line", (line) => options.onLine(name, line));
  }
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    // "close" comes after the last line of both streams.
    child.once("close", (code) => {
      killGroup(child);
      resolve(code);
    });
  });
  return { exited, kill: () => killGroup(child) };
}

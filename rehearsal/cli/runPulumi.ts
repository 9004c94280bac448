import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Operation, ResourceResult, Summary } from "../engine/events";
import type { Options } from "./options";
import type { Progress } from "./progress";
import type { RunReport } from "./report";
import type { Stops } from "./runEmbedded";
import { ROOT, type Session } from "./session";

/** How the CLI's step names map to ours; steps that only belong to a replacement are left out. */
const OPERATIONS: Readonly<Record<string, Operation>> = {
  create: "create",
  update: "update",
  replace: "replace",
  delete: "delete",
  same: "same",
  read: "read",
  import: "import",
  refresh: "refresh",
};

interface StepMetadata {
  readonly op: string;
  readonly urn: string;
  readonly type: string;
  readonly old?: { readonly inputs?: Record<string, unknown>; readonly id?: string; readonly parent?: string } | null;
  readonly new?: { readonly inputs?: Record<string, unknown>; readonly id?: string; readonly parent?: string } | null;
  readonly detailedDiff?: Readonly<Record<string, unknown>> | null;
}

/** One line of `pulumi ... --json --event-log` (pulumi/pulumi sdk/go/common/apitype/events.go). */
interface CliEvent {
  readonly resourcePreEvent?: { readonly metadata: StepMetadata };
  readonly resOutputsEvent?: { readonly metadata: StepMetadata };
  readonly resOpFailedEvent?: { readonly metadata: StepMetadata };
  readonly diagnosticEvent?: { readonly severity: string; readonly message: string; readonly urn?: string };
}

function pulumi(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  onLine: (line: string) => void,
  signal?: AbortSignal,
): Promise<{ code: number; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn("pulumi", [...args, "--non-interactive"], {
      cwd: ROOT,
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const interrupt = (): void => void child.kill("SIGINT");
    signal?.addEventListener("abort", interrupt, { once: true });
    let stderr = "";
    createInterface({ input: child.stdout }).on("line", onLine);
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    child.once("error", reject);
    child.once("close", (code) => {
      signal?.removeEventListener("abort", interrupt);
      resolve({ code: code ?? 1, stderr });
    });
  });
}

/** Runs the program with the official CLI and its providers, its state in the rehearsal's folder. */
export async function runPulumi(
  command: "up" | "preview" | "destroy",
  options: Options,
  session: Session,
  progress: Progress,
  stops: Stops,
): Promise<RunReport> {
  const started = performance.now();
  const backend = join(session.dir, "pulumi");
  mkdirSync(backend, { recursive: true, mode: 0o700 });
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    ...session.env,
    PULUMI_BACKEND_URL: `file://${backend}`,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    // The configuration of a rehearsal stays in its folder, not in the project's Pulumi.<stack>.yaml.
  };
  const configFile = join(session.dir, `Pulumi.${options.stack}.yaml`);
  const where = ["--stack", options.stack];
  const must = async (args: readonly string[]): Promise<void> => {
    const { code, stderr } = await pulumi(args, env, () => undefined);
    if (code !== 0) throw new Error(`pulumi ${args[0]} ${args[1] ?? ""} failed: ${stderr.trim()}`);
  };
  await must(["stack", "select", "--create", options.stack]);
  const settings = Object.entries(session.config).flatMap(([key, value]) => [
    session.secretConfigKeys.includes(key) ? "--secret" : "--plaintext",
    `${key}=${value}`,
  ]);
  await must(["config", "set-all", ...where, "--config-file", configFile, ...settings]);

  const resources = new Map<string, ResourceResult>();
  const failures: string[] = [];
  const onLine = (line: string): void => {
    const event = parseEvent(line);
    if (event === undefined) return;
    take(event, resources, progress);
    if (event.diagnosticEvent?.severity === "error") failures.push(event.diagnosticEvent.message);
  };
  const flags = command === "preview" ? ["--json"] : ["--yes", "--json", "--skip-preview"];
  const { code, stderr } = await pulumi(
    [command, ...where, "--config-file", configFile, ...flags],
    { ...env, PULUMI_ENABLE_STREAMING_JSON_PREVIEW: "true" },
    onLine,
    stops.signal,
  );
  if (code !== 0 && failures.length === 0) progress.line(stderr.trim());
  const outputs = code === 0 && command === "up" ? await readOutputs(where, env) : {};
  const list = [...resources.values()].sort((a, b) => (a.urn < b.urn ? -1 : 1));
  const summary: Summary = { create: 0, update: 0, replace: 0, delete: 0, same: 0 };
  for (const { op } of list) if (op in summary) summary[op as keyof Summary] += 1;
  return {
    ok: code === 0,
    engine: "Pulumi CLI",
    command,
    stack: options.stack,
    summary,
    resources: list,
    outputs,
    durationMs: performance.now() - started,
  };
}

async function readOutputs(where: readonly string[], env: NodeJS.ProcessEnv): Promise<Record<string, unknown>> {
  const lines: string[] = [];
  await pulumi(["stack", "output", "--json", ...where], env, (line) => lines.push(line));
  return JSON.parse(lines.join("\n") || "{}") as Record<string, unknown>;
}

function parseEvent(line: string): CliEvent | undefined {
  try {
    return JSON.parse(line) as CliEvent;
  } catch {
    return undefined;
  }
}

function take(event: CliEvent, resources: Map<string, ResourceResult>, progress: Progress): void {
  const begun = event.resourcePreEvent?.metadata;
  const failed = event.resOpFailedEvent?.metadata;
  const step = begun ?? failed;
  if (event.diagnosticEvent !== undefined && event.diagnosticEvent.severity !== "debug") {
    progress.line(event.diagnosticEvent.message.trim());
  }
  if (step === undefined) return;
  const op = OPERATIONS[step.op];
  if (op === undefined || step.type.startsWith("pulumi:providers:")) return;
  const state = step.new ?? step.old;
  const before = step.old?.inputs ?? {};
  const after = step.new?.inputs ?? {};
  const error = failed === undefined ? {} : { error: "see the messages above" };
  resources.set(step.urn, {
    urn: step.urn,
    type: step.type,
    name: step.urn.split("::").slice(3).join("::"),
    op,
    status: failed === undefined ? "done" : "failed",
    id: state?.id ?? "",
    parent: state?.parent ?? "",
    inputs: state?.inputs ?? {},
    dependencies: [],
    protect: false,
    retainOnDelete: false,
    deletedWith: "",
    diff: Object.keys(step.detailedDiff ?? {}).map((path) => ({
      path,
      before: at(before, path),
      after: at(after, path),
    })),
    ...error,
  });
  if (begun !== undefined && op !== "same") progress.line(`${op} ${step.urn.split("::").slice(2).join(" ")}`);
}

function at(value: unknown, path: string): unknown {
  return path
    .split(/[.[\]"]+/)
    .filter((key) => key !== "")
    .reduce<unknown>(
      (inner, key) =>
        typeof inner === "object" && inner !== null ? (inner as Record<string, unknown>)[key] : undefined,
      value,
    );
}

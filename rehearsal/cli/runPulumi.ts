import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Verdict } from "../estate";
import type { Options } from "./options";
import type { Progress } from "./progress";
import { parseCliEvent } from "./pulumi/cliEvents";
import { CliResults } from "./pulumi/cliResults";
import { preparePulumiStack, type PulumiStack } from "./pulumi/pulumiStack";
import { runPulumiProcess } from "./pulumi/pulumiProcess";
import type { PulumiCli } from "./pulumiCli";
import type { RunReport } from "./report";
import type { Stops } from "./stops";
import { ROOT, type Session } from "./session";

/**
 * Runs the program with the official CLI and its providers, state and configuration in the rehearsal's folder.
 * An `up` and a `destroy` begin with the CLI's own preview, so that what it refuses is refused before anything happens.
 * With `targets` (URNs), only these are touched. The policy pack judges it there: what the verifier refuses never gets past the preview.
 */
export async function runPulumi(
  cli: Extract<PulumiCli, { readonly found: true }>,
  command: "up" | "preview" | "destroy",
  options: Options,
  session: Session,
  progress: Progress,
  stops: Stops,
  targets: readonly string[] = [],
): Promise<RunReport> {
  const started = performance.now();
  const stack = await preparePulumiStack(cli.path, options.stack, session);
  const results = new CliResults(command, (event) => progress.onEvent(event));
  const rest: string[] = [];
  const parallel = options.parallel === undefined ? [] : ["--parallel", String(options.parallel)];
  const confirm = command === "preview" ? [] : ["--yes"];
  const persistence = options.continueOnError && command !== "preview" ? ["--continue-on-error"] : [];
  const sames = command === "destroy" ? [] : ["--show-sames"];
  // Some resources are not the estate: only the whole can be judged.
  const judged = command !== "destroy" && targets.length === 0;
  const policy = judged ? ["--policy-pack", join(ROOT, "policy")] : [];
  const verdictFile = join(session.dir, "pulumi", "verdict.json");
  rmSync(verdictFile, { force: true });
  const { code } = await runPulumiProcess({
    path: cli.path,
    args: [
      command,
      ...stack.where,
      "--config-file",
      stack.configFile,
      "--json",
      ...confirm,
      ...sames,
      ...parallel,
      ...persistence,
      ...policy,
      ...targets.flatMap((urn) => ["--target", urn]),
    ],
    cwd: ROOT,
    // Without it a preview's JSON is one document at the end: no progress.
    env: { ...stack.env, PULUMI_ENABLE_STREAMING_JSON_PREVIEW: "true", KEYBUZZ_VERDICT_FILE: verdictFile },
    onLine: (line) => {
      const event = parseCliEvent(line);
      if (event !== undefined) results.take(event);
    },
    onErrorLine: (line) => rest.push(line),
    interrupt: stops.signal,
    giveUp: stops.cancelSignal,
  });
  const ok = code === 0;
  const resources = results.resources();
  const told = results.errors();
  const isExplained = told.length > 0 || resources.some(({ status }) => status === "failed");
  return {
    ok,
    engine: `Pulumi CLI ${cli.version}`,
    command,
    stack: options.stack,
    summary: results.summary(),
    resources,
    // Before its engine starts, the CLI explains itself on standard error only.
    errors: ok ? [] : isExplained ? told : [rest.join("\n").trim() || `pulumi ${command} ended with exit code ${code}`],
    outputs: ok && command === "up" ? await readOutputs(cli.path, stack) : {},
    durationMs: performance.now() - started,
    // Absent where the run ended before the pack was asked.
    ...(existsSync(verdictFile) ? { verdict: JSON.parse(readFileSync(verdictFile, "utf8")) as Verdict } : {}),
  };
}

async function readOutputs(path: string, stack: PulumiStack): Promise<Record<string, unknown>> {
  const args = ["stack", "output", "--json", ...stack.where];
  const { stdout } = await runPulumiProcess({ path, args, cwd: ROOT, env: stack.env });
  return JSON.parse(stdout === "" ? "{}" : stdout) as Record<string, unknown>;
}

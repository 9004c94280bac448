// `npm run rehearse`: the whole estate against a cloud on this machine. See docs/rehearsal.md.
import { writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { knownStacks } from "../stacks/loadEnvironment";
import { EngineError } from "./engine";
import { checkConsent, protectedUrns } from "./cli/consent";
import { forget, leftInCloud } from "./cli/leftovers";
import { listed } from "./cli/names";
import { parseOptions, UsageError, USAGE, type Options } from "./cli/options";
import { lineProgress, type Progress } from "./cli/progress";
import { findPulumi } from "./cli/pulumiCli";
import { jsonReport, textReport, type RunReport } from "./cli/report";
import { runEmbedded, type Stops } from "./cli/runEmbedded";
import { runPulumi } from "./cli/runPulumi";
import { announce, openSession, rehearsalRoot, type Session } from "./cli/session";
import { printStatus } from "./cli/status";
import { treeProgress } from "./cli/treeProgress";
import { LocalCloudError } from "./localCloud";

const DONE = 0;
const FAILED = 1;
const BAD_INPUT = 2;

type Runner = (
  command: "up" | "preview" | "destroy",
  options: Options,
  session: Session,
  progress: Progress,
  stops: Stops,
  targets?: readonly string[],
) => Promise<RunReport>;

/** npm passes a terminal's Ctrl-C on to processes that have had it already: two this close are one. */
const SAME_SIGNAL_MS = 500;

/** First Ctrl-C: begin nothing new. Second: give up what is under way. Third: the default, which ends the process. */
function stopsOnSignal(log: (line: string) => void): Stops & { readonly ended: Promise<void>; release(): void } {
  const stop = new AbortController();
  const cancel = new AbortController();
  let onEnd = (): void => undefined;
  const ended = new Promise<void>((resolve) => (onEnd = resolve));
  let last = -Infinity;
  const handler = (): void => {
    onEnd();
    const since = performance.now() - last;
    last = performance.now();
    if (since < SAME_SIGNAL_MS) return;
    if (!stop.signal.aborted) {
      log("Ctrl-C: what is under way is finished first, and kept. Press Ctrl-C again to give it up.");
      stop.abort();
    } else {
      cancel.abort();
      process.removeListener("SIGINT", handler);
      process.removeListener("SIGTERM", handler);
    }
  };
  process.on("SIGINT", handler);
  process.on("SIGTERM", handler);
  const release = (): void => {
    process.removeListener("SIGINT", handler);
    process.removeListener("SIGTERM", handler);
  };
  return { signal: stop.signal, cancelSignal: cancel.signal, ended, release };
}

/** The official CLI where it is wanted and there; the embedded engine otherwise, with one line that says why. */
function chooseRunner(
  options: Options,
  log: (line: string) => void,
): { readonly run: Runner; readonly options: Options } {
  if (options.engine === "embedded") return { run: runEmbedded, options };
  // Who asks for the CLI by name has perhaps just mended it.
  const memory = options.engine === "auto" ? { memory: join(rehearsalRoot(), "pulumi-cli.json") } : {};
  const cli = findPulumi(memory);
  if (cli.found) {
    // The one that was found, not the npm launcher that npm puts before it.
    process.env["PATH"] = [dirname(cli.path), process.env["PATH"] ?? ""].join(delimiter);
    log(`Using the official Pulumi CLI ${cli.version} with a real Kubernetes API.`);
    return { run: runPulumi, options: { ...options, kubernetes: "real" } };
  }
  if (options.engine === "pulumi")
    throw new UsageError([
      `--engine pulumi is not possible: ${cli.why}; install it from pulumi.com, or leave --engine out`,
    ]);
  log(`Using the embedded engine (${cli.why}).`);
  return { run: runEmbedded, options };
}

/** What other programs need to reach the cloud: the Pulumi CLI, hcloud and kubectl read these variables. */
function clientEnv(session: Session): Record<string, string> {
  const kubeconfig = join(session.dir, "kubeconfig");
  writeFileSync(kubeconfig, session.own?.kubernetes.kubeconfig ?? "", { mode: 0o600 });
  return { ...session.env, KUBECONFIG: kubeconfig, PULUMI_BACKEND_URL: `file://${join(session.dir, "pulumi")}` };
}

async function keepCloud(options: Options, progress: Progress): Promise<number> {
  const stops = stopsOnSignal(() => undefined);
  const session = await openSession(options, (line) => progress.line(line));
  const withdraw = announce(session);
  try {
    const env = clientEnv(session);
    if (options.json)
      process.stdout.write(`${JSON.stringify({ stack: options.stack, dir: session.dir, env }, null, 2)}\n`);
    else
      process.stdout.write(
        `${Object.entries(env)
          .map(([name, value]) => `export ${name}='${value}'`)
          .join("\n")}\n`,
      );
    progress.line(
      `\nThe local cloud of ${options.stack} is up; every rehearsal of ${options.stack} in another terminal uses it.\n` +
        `With the lines above, hcloud, kubectl and pulumi reach it too. Ctrl-C ends it; what it holds stays in ${session.dir}.`,
    );
    await stops.ended;
    return DONE;
  } finally {
    withdraw();
    stops.release();
    await session.close();
  }
}

async function run(options: Options, progress: Progress): Promise<number> {
  const { command } = options;
  if (command === "cloud") return keepCloud(options, progress);
  if (command === "status") return printStatus(options, process.stdout);
  checkConsent(options.stack, options.consent);
  const chosen = chooseRunner(options, (line) => progress.line(line));
  const stops = stopsOnSignal((line) => progress.line(line));
  let session: Session | undefined;
  try {
    session = await openSession(chosen.options, (line) => progress.line(line));
    if (command === "destroy") await liftProtection(chosen, session, progress, stops);
    const report = await chosen.run(command, chosen.options, session, progress, stops);
    progress.close();
    process.stdout.write(`${options.json ? jsonReport(report) : textReport(report)}\n`);
    const left = command === "destroy" && report.ok ? await leftOver(session) : undefined;
    await session.close();
    if (left !== undefined) return finishDestroy(session.dir, left, (line) => progress.line(line));
    return report.ok ? DONE : FAILED;
  } finally {
    stops.release();
    progress.close();
    await session?.close();
  }
}

/** As in production: the protection goes first, by a run of the program that names what may go. */
async function liftProtection(
  { run, options }: { readonly run: Runner; readonly options: Options },
  session: Session,
  progress: Progress,
  stops: Stops,
): Promise<void> {
  if (options.consent.length === 0) return;
  const embedded = run === runEmbedded;
  const guarded = protectedUrns(session.dir);
  // Nothing is up, or nothing is protected: an up would only create what is about to be deleted.
  if (embedded && guarded.length === 0) return;
  progress.line(`Lifting the protection of ${options.consent.join(", ")} ...`);
  const lifted = await run("up", options, session, progress, stops, embedded ? guarded : undefined);
  if (!lifted.ok) progress.line("Not everything could be lifted; going on with what there is.");
}

/** What a destroy has left; undefined where another process has the cloud, and where the state still has something. */
async function leftOver(session: Session): Promise<readonly string[] | undefined> {
  return session.own === undefined ? undefined : leftInCloud(session.own);
}

/** Says that nothing is left and forgets the stack; or what is left, which is a failure. */
function finishDestroy(dir: string, left: readonly string[], log: (line: string) => void): number {
  if (left.length > 0) {
    log(`LEFT in the local cloud, and in no state: ${listed(left)}. Delete ${dir} to begin anew.`);
    return FAILED;
  }
  forget(dir);
  log("Nothing is left in the local cloud.");
  return DONE;
}

async function main(argv: readonly string[]): Promise<number> {
  if (argv.includes("--help") || argv.includes("-h")) {
    process.stdout.write(USAGE);
    return DONE;
  }
  const options = parseOptions(argv, knownStacks());
  // Standard output belongs to the result; progress goes to standard error.
  const progress = process.stderr.isTTY ? treeProgress(process.stderr) : lineProgress(process.stderr);
  try {
    return await run(options, progress);
  } finally {
    progress.close();
  }
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    const known = error instanceof UsageError || error instanceof EngineError || error instanceof LocalCloudError;
    process.stderr.write(
      `${known || !(error instanceof Error) ? String(error instanceof Error ? error.message : error) : (error.stack ?? error.message)}\n`,
    );
    process.exitCode = error instanceof UsageError ? BAD_INPUT : FAILED;
  },
);

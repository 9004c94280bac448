// `npm run rehearse`: the whole estate against a cloud on this machine. See docs/rehearsal.md.
import { knownStacks } from "../stacks/loadEnvironment";
import { EngineError } from "./engine";
import { parseOptions, UsageError, USAGE, type Options } from "./cli/options";
import { lineProgress, treeProgress, type Progress } from "./cli/progress";
import { findPulumi } from "./cli/pulumiCli";
import { jsonReport, textReport, type RunReport } from "./cli/report";
import { runEmbedded, type Stops } from "./cli/runEmbedded";
import { runPulumi } from "./cli/runPulumi";
import { announce, openSession, type Session } from "./cli/session";
import { printStatus } from "./cli/status";
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
) => Promise<RunReport>;

/** First Ctrl-C: begin nothing new. Second: give up what is under way. Third: the default, which ends the process. */
function stopsOnSignal(log: (line: string) => void): Stops & { readonly ended: Promise<void>; release(): void } {
  const stop = new AbortController();
  const cancel = new AbortController();
  let onEnd = (): void => undefined;
  const ended = new Promise<void>((resolve) => (onEnd = resolve));
  const handler = (): void => {
    onEnd();
    if (!stop.signal.aborted) {
      log("Stopping: waiting for what is under way. Press Ctrl-C again to give it up.");
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
  const cli = findPulumi();
  if (cli.found) {
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

async function keepCloud(options: Options, progress: Progress): Promise<number> {
  const stops = stopsOnSignal((line) => progress.line(line));
  const session = await openSession(options, (line) => progress.line(line));
  const withdraw = announce(session);
  try {
    const lines = Object.entries(session.env).map(([name, value]) => `export ${name}='${value}'`);
    process.stdout.write(`${lines.join("\n")}\n`);
    progress.line(`The local cloud of ${options.stack} is up; Ctrl-C ends it. What it holds stays in ${session.dir}.`);
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
  const chosen = chooseRunner(options, (line) => progress.line(line));
  const stops = stopsOnSignal((line) => progress.line(line));
  const session = await openSession(chosen.options, (line) => progress.line(line));
  let report: RunReport;
  try {
    if (command === "destroy" && options.consent.length > 0) {
      // As in production: the protection goes first, by a run of the program that names what may go.
      progress.line(`Lifting the protection of ${options.consent.join(", ")}.`);
      const lifted = await chosen.run("up", chosen.options, session, progress, stops);
      if (!lifted.ok) progress.line("Not everything could be lifted; going on with what there is.");
    }
    report = await chosen.run(command, chosen.options, session, progress, stops);
  } finally {
    stops.release();
    progress.close();
    await session.close();
  }
  process.stdout.write(`${options.json ? jsonReport(report) : textReport(report)}\n`);
  return report.ok ? DONE : FAILED;
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

import { delimiter, dirname } from "node:path";
import { delegateZone } from "./delegate";
import { checkConsent, protectedUrns } from "./consent";
import { chooseEngine } from "./chooseEngine";
import { engineOfState, refuseOtherEngine, type EngineName } from "./engineOfState";
import { DONE, FAILED } from "./exitCodes";
import { keepCloud } from "./keepCloud";
import { liftProtection } from "./liftProtection";
import { forget, leftInCloud } from "./leftovers";
import { LocalCloudError } from "../localCloudError";
import { listed } from "./names";
import type { Command, Options, SettledOptions } from "./options";
import { rehearsalDir } from "./paths";
import type { Progress } from "./progress";
import { checkpointResources } from "./pulumi/checkpoint";
import { jsonReport, textReport, type RunReport } from "./report";
import { runEmbedded, type RunCommand } from "./runEmbedded";
import { runPulumi } from "./runPulumi";
import { keptKubernetes, openSession, type Session } from "./session";
import { stopsOnSignal, type Stops } from "./stops";
import { thisMachine } from "./thisMachine";

type Runner = (
  command: RunCommand,
  options: Options,
  session: Session,
  progress: Progress,
  stops: Stops,
  targets?: readonly string[],
) => Promise<RunReport>;

/** The engine that this machine allows and the options ask for, with one line that says why. */
function chooseRunner(
  options: Options,
  log: (line: string) => void,
): { readonly engine: EngineName; readonly run: Runner; readonly options: SettledOptions } {
  const dir = rehearsalDir(options.stack, options.machines);
  // Real programs have no other clock than the machine's.
  const engine = options.later === undefined ? options.engine : "embedded";
  const wanted = { ...options, engine, kept: keptKubernetes(dir) };
  const { cli, kubernetes, lines } = chooseEngine(wanted, engineOfState(options.stack, dir), thisMachine());
  for (const line of lines) log(line);
  const chosen = { ...options, kubernetes };
  if (cli === undefined) return { engine: "embedded", run: runEmbedded, options: chosen };
  // The one that was found, not the npm launcher that npm puts before it.
  process.env["PATH"] = [dirname(cli.path), process.env["PATH"] ?? ""].join(delimiter);
  return {
    engine: "pulumi",
    run: async (task, ...run) => {
      if (task === "refresh")
        throw new LocalCloudError(
          `${options.stack} was brought up by the Pulumi CLI, which asks the cloud by itself: npm run rehearse -- cloud --stack ${options.stack}, and in another terminal pulumi refresh; nothing was done.`,
        );
      return runPulumi(cli, task, ...run);
    },
    options: chosen,
  };
}

/** Everything but status: what needs the local cloud. The exit code. */
export async function execute(
  command: Exclude<Command, "status">,
  options: Options,
  progress: Progress,
): Promise<number> {
  if (command === "cloud") return keepCloud(options, progress);
  if (command === "delegate") return delegateZone(options, progress);
  checkConsent(options.stack, options.consent);
  const chosen = chooseRunner(options, (line) => progress.line(line));
  refuseOtherEngine(chosen.engine, options);
  const stops = stopsOnSignal((line) => progress.line(line));
  let session: Session | undefined;
  try {
    session = await openSession(chosen.options, (line) => progress.line(line));
    if (command === "destroy") await lift(chosen, session, progress, stops);
    const report = await chosen.run(command, chosen.options, session, progress, stops);
    progress.close();
    const shown = { all: options.all, colours: hasColours(process.stdout) };
    process.stdout.write(`${options.json ? jsonReport(report, shown) : textReport(report, shown)}\n`);
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

/** https://no-color.org: set, and not empty. */
function hasColours(stream: NodeJS.WriteStream): boolean {
  return stream.isTTY && (process.env["NO_COLOR"] ?? "") === "";
}

/** As in production: the protection goes first, by a run of the program that names what may go. */
async function lift(
  { engine, run, options }: { readonly engine: EngineName; readonly run: Runner; readonly options: Options },
  session: Session,
  progress: Progress,
  stops: Stops,
): Promise<void> {
  if (options.consent.length === 0) return;
  const guarded =
    engine === "embedded"
      ? protectedUrns(session.dir)
      : checkpointResources(options.stack, session.dir).flatMap(({ urn, protect }) => (protect === true ? [urn] : []));
  // Nothing is up, or nothing is protected: an up would only create what is about to be deleted.
  if (guarded.length === 0) return;
  await liftProtection(options, () => run("up", options, session, progress, stops, guarded), progress);
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

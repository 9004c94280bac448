import { DEFAULT_PARALLEL, type EngineOptions, type EngineResult } from "./engineOptions";
import { EngineError } from "./errors";
import type { Diagnostic, EngineEvent, Summary } from "./events";
import { takeLock } from "./lock";
import { readProject } from "./program";
import { PULUMI_VERSION, versionProblem } from "./pulumiVersion";
import { runSession, type Session } from "./session";
import { State } from "./state";

/** Asks whoever approves; the refused result, undefined when nobody objects. */
function disapproved({ options, onEvent }: Session, planned: EngineResult): EngineResult | undefined {
  if (options.targets !== undefined) return undefined;
  const reasons = options.approve?.(planned.resources) ?? [];
  if (reasons.length === 0) return undefined;
  const diagnostics = reasons.map((message): Diagnostic => ({ severity: "error", message }));
  for (const diagnostic of diagnostics) onEvent({ kind: "diagnostic", diagnostic });
  return { ...planned, ok: false, diagnostics: [...planned.diagnostics, ...diagnostics] };
}

const NOTHING_DONE: Summary = { create: 0, update: 0, replace: 0, delete: 0, same: 0 };

/**
 * Protected resources are refused all at once and before anything happens; only a preview knows all of them, and only
 * a preview can be judged before anything happens.
 * @returns the result when an up must not begin.
 */
async function refusal(session: Session): Promise<EngineResult | undefined> {
  const { options, projectName: project, onEvent } = session;
  const open = (): Promise<State> =>
    State.open({
      file: options.stateFile,
      project,
      stack: options.stack,
      passphrase: options.passphrase,
      readOnly: true,
    });
  const state = await open();
  const isGuarded = state.entries().some((e) => e.protect && !e.condemned);
  const isJudged = options.approve !== undefined && options.targets === undefined;
  if (!isGuarded && !isJudged) return undefined;
  // A preview needs to know what is there: an interrupted run is cleared up first.
  if (state.pendings().length > 0) {
    const recovered = await runSession({ ...session, recoverOnly: true });
    if (!recovered.ok) return recovered;
  }
  const planned = await runSession({ ...session, preview: true, onEvent: () => undefined, notices: [] });
  if (planned.ok) {
    const refused = disapproved(session, planned);
    return refused === undefined ? undefined : { ...refused, summary: NOTHING_DONE, resources: [], outputs: {} };
  }
  for (const diagnostic of planned.diagnostics) onEvent({ kind: "diagnostic", diagnostic });
  onEvent({ kind: "summary", summary: planned.summary, ok: false, durationMs: planned.durationMs });
  return planned;
}

/**
 * Runs a Pulumi program, unmodified, against providers in this process.
 * Failures of the program and of steps are in the result; nothing is lost of what was done.
 * @throws EngineError when nothing could begin: bad options, no project, state damaged, newer, another stack's,
 * locked, or of another passphrase. Nothing has been touched then.
 */
export async function runEngine(options: EngineOptions): Promise<EngineResult> {
  const parallel = options.parallel ?? DEFAULT_PARALLEL;
  if (!Number.isInteger(parallel) || parallel < 1)
    throw new EngineError("options", `parallel: ${parallel} is no whole number from 1 on`);
  if (!/^[A-Za-z0-9_.-]+$/.test(options.stack)) {
    throw new EngineError(
      "options",
      `stack: "${options.stack}" is no stack name; use letters, digits, "-", "_" and "."`,
    );
  }
  if (options.passphrase === "")
    throw new EngineError("options", "passphrase: is empty; secrets in the state need one");
  const project = readProject(options.projectDir);
  const outdated = versionProblem(project.requiredPulumiVersion, PULUMI_VERSION);
  if (outdated !== undefined)
    throw new EngineError(
      "project",
      `Pulumi.yaml in ${options.projectDir}: ${outdated} (the embedded engine's). Use a Pulumi CLI that does.`,
    );
  const onEvent = (event: EngineEvent): void => options.onEvent?.(event);
  const config = { ...project.config, ...options.config };
  const base = { options: { ...options, config }, project, projectName: options.project ?? project.name, onEvent };
  if (options.command === "preview") {
    const session: Session = { ...base, preview: true, notices: [] };
    const planned = await runSession(session);
    return (planned.ok ? disapproved(session, planned) : undefined) ?? planned;
  }

  const notices: string[] = [];
  const release = takeLock(options.stateFile, (line) => notices.push(line));
  try {
    const session: Session = { ...base, preview: false, notices };
    const refused = options.command === "up" ? await refusal(session) : undefined;
    return refused ?? (await runSession(session));
  } finally {
    release();
  }
}

import { deleteEntries, leftovers } from "./deletions";
import { destroy } from "./destroy";
import { EngineError, messageOf } from "./errors";
import type { Diagnostic, EngineEvent, ResourceResult, Summary } from "./events";
import { startHost } from "./host";
import { takeLock } from "./lock";
import { EXIT_REPORTED, readProject, startProgram } from "./program";
import type { Project, RunningProgram } from "./program";
import type { ProviderFactory } from "./provider";
import { ProviderRegistry } from "./providerRegistry";
import { recover } from "./recovery";
import { refresh } from "./refresh";
import { stackOutputs } from "./register";
import { Run } from "./run";
import { SecretMasker } from "./secrets";
import { State } from "./state";
import type { PropertyMap } from "./values";
import { secret, toMaskedMap, toPlainMap } from "./values";

/** What to do, with which program, state and providers. */
export interface EngineOptions {
  readonly command: "preview" | "up" | "destroy" | "refresh";
  /** Directory of Pulumi.yaml. */
  readonly projectDir: string;
  /** Default: the name in Pulumi.yaml. */
  readonly project?: string;
  readonly stack: string;
  /** Stack configuration, keys with their namespace ("hcloud:token"), values as Pulumi keeps them (objects as JSON). */
  readonly config: { readonly [key: string]: string };
  /** Keys of `config` whose values are secret. */
  readonly secretConfigKeys: readonly string[];
  readonly stateFile: string;
  /** Encrypts the secrets in the state; must stay the same. */
  readonly passphrase: string;
  /** By package name. */
  readonly providers: { readonly [packageName: string]: ProviderFactory };
  /** Provider calls at once. Default: 16. */
  readonly parallel?: number;
  /** Further environment variables for the program. */
  readonly env?: { readonly [key: string]: string };
  /** URNs to touch, "*" for any text; providers and components are always registered. Default: all. */
  readonly targets?: readonly string[];
  onEvent?(event: EngineEvent): void;
  /** First abort: begin nothing new, wait for what runs, keep the state. */
  readonly signal?: AbortSignal;
  /** Second signal: also tell the running provider calls to give up. */
  readonly cancelSignal?: AbortSignal;
  /** destroy: the operator's explicit consent to delete protected resources. Default: false. */
  readonly removeProtected?: boolean;
  /**
   * Judges what is planned, before an up touches anything and at the end of a preview: reasons to refuse it, or none.
   * Asked with the results of a preview of all resources; not asked when there are targets. Default: all is approved.
   */
  approve?(planned: readonly ResourceResult[]): readonly string[];
  /** Arguments for the program. */
  readonly programArgs?: readonly string[];
}

/** What a run did, or (preview) would do. */
export interface EngineResult {
  /** False after any error, refusal or stop. */
  readonly ok: boolean;
  readonly summary: Summary;
  readonly resources: readonly ResourceResult[];
  /** Stack outputs, secrets as "[secret]". */
  readonly outputs: { readonly [name: string]: unknown };
  /** Stack outputs in the clear, for what must use them (a kubeconfig); a function, so that printing a result cannot show them. */
  secretOutputs(): { readonly [name: string]: unknown };
  readonly diagnostics: readonly Diagnostic[];
  readonly durationMs: number;
}

// More than cores: provider calls wait for the network, not for the processor.
const DEFAULT_PARALLEL = 16;

async function runProgram(
  run: Run,
  options: EngineOptions,
  project: Project,
  onStart: (program: RunningProgram) => void,
): Promise<void> {
  const { config, secretConfigKeys } = options;
  const host = await startHost({ run, config, secretConfigKeys });
  try {
    const program = startProgram({
      projectDir: options.projectDir,
      project,
      stack: options.stack,
      address: host.address,
      preview: run.preview,
      parallel: run.options.parallel,
      config,
      secretConfigKeys,
      env: options.env ?? {},
      args: options.programArgs ?? [],
      onLine: (_stream, line) => {
        run.diagnose("info", line);
      },
    });
    onStart(program);
    let code: number | null;
    try {
      code = await program.exited;
    } finally {
      program.kill();
    }
    // Steps that the program did not wait for are waited for here.
    await run.scheduler.idle();
    if (code !== 0 && !run.scheduler.stopped) {
      if (code !== EXIT_REPORTED && !run.failed)
        run.diagnose("error", `the program ended with ${code === null ? "a signal" : `exit code ${code}`}`);
      run.failed = true;
    }
  } finally {
    host.close();
  }
}

function watchSignals(run: Run, options: EngineOptions, program: () => RunningProgram | undefined): () => void {
  const onStop = (): void => {
    run.diagnose("warning", "stopping: nothing new begins; waiting for the steps under way");
    run.failed = true;
    run.scheduler.stop();
    void run.scheduler.idle().then(() => program()?.kill());
  };
  const onCancel = (): void => {
    if (!run.scheduler.stopped) onStop();
    run.diagnose("warning", "cancelling the steps under way");
    run.scheduler.cancel();
  };
  const watch = (signal: AbortSignal | undefined, action: () => void): (() => void) => {
    if (signal?.aborted === true) action();
    else signal?.addEventListener("abort", action, { once: true });
    return () => signal?.removeEventListener("abort", action);
  };
  const ends = [watch(options.signal, onStop), watch(options.cancelSignal, onCancel)];
  return () => {
    for (const end of ends) end();
  };
}

async function work(run: Run, { options, project, recoverOnly }: Session): Promise<void> {
  let program: RunningProgram | undefined;
  const unwatch = watchSignals(run, options, () => program);
  try {
    await recover(run);
    if (recoverOnly === true) return;
    const removeProtected = options.removeProtected ?? false;
    if (options.command === "destroy") await destroy(run, { removeProtected });
    else if (options.command === "refresh") await refresh(run);
    else {
      await runProgram(run, options, project, (started) => (program = started));
      // What a failed program has not registered is not what it no longer wants.
      if (!run.failed || run.onlyRefused) await deleteEntries(run, leftovers(run), { removeProtected: false });
    }
  } catch (error) {
    run.diagnose("error", messageOf(error));
  } finally {
    unwatch();
    program?.kill();
  }
}

interface Session {
  readonly options: EngineOptions;
  readonly project: Project;
  readonly projectName: string;
  readonly preview: boolean;
  readonly onEvent: (event: EngineEvent) => void;
  readonly notices: readonly string[];
  /** Only clear up after an interrupted run. */
  readonly recoverOnly?: boolean;
}

async function runSession(session: Session): Promise<EngineResult> {
  const { options, projectName, preview, onEvent, notices } = session;
  const started = performance.now();
  const { stateFile: file, stack, passphrase, config, secretConfigKeys } = options;
  const state = await State.open({ file, project: projectName, stack, passphrase, readOnly: preview });
  const masker = new SecretMasker();
  for (const key of secretConfigKeys) masker.learn(secret(config[key] ?? ""));
  for (const entry of state.entries()) for (const map of [entry.inputs, entry.outputs]) masker.learn(map);
  const providers = new ProviderRegistry({
    project: projectName,
    stack,
    factories: options.providers,
    config,
    secretConfigKeys,
    state,
  });
  const parallel = options.parallel ?? DEFAULT_PARALLEL;
  const run = new Run({
    project: projectName,
    stack,
    preview,
    parallel,
    targets: options.targets,
    state,
    providers,
    masker,
    onEvent,
  });
  let outputs: PropertyMap;
  try {
    for (const notice of notices) run.diagnose("info", notice);
    await work(run, session);
    outputs = stackOutputs(run);
  } finally {
    await providers.close();
    await state.close();
  }
  const durationMs = performance.now() - started;
  const summary = run.summary();
  if (session.recoverOnly !== true || run.failed) onEvent({ kind: "summary", summary, ok: !run.failed, durationMs });
  return {
    ok: !run.failed,
    summary,
    resources: run.resources(),
    outputs: toMaskedMap(outputs),
    secretOutputs: () => toPlainMap(outputs),
    diagnostics: run.diagnostics,
    durationMs,
  };
}

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
  const onEvent = (event: EngineEvent): void => options.onEvent?.(event);
  const base = { options, project, projectName: options.project ?? project.name, onEvent };
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

import { deleteEntries, leftovers } from "./deletions";
import { destroy } from "./destroy";
import { DEFAULT_PARALLEL, type EngineOptions, type EngineResult } from "./engineOptions";
import { messageOf } from "./errors";
import type { EngineEvent } from "./events";
import { startHost } from "./host";
import { EXIT_REPORTED, startProgram, type Project } from "./program";
import { ProviderRegistry } from "./providerRegistry";
import { recover } from "./recovery";
import { refresh } from "./refresh";
import { stackOutputs } from "./register";
import { Run } from "./run";
import { SecretMasker } from "./secrets";
import { State } from "./state";
import { secret, toMaskedMap, toPlainMap, type PropertyMap } from "./values";

async function runProgram(run: Run, options: EngineOptions, project: Project): Promise<void> {
  const { config, secretConfigKeys } = options;
  const host = await startHost({ run, config, secretConfigKeys });
  try {
    const program = startProgram({
      projectDir: options.projectDir,
      project,
      stack: options.stack,
      address: host.address,
      preview: run.preview,
      start: options.start ?? "prepared",
      parallel: run.options.parallel,
      config,
      secretConfigKeys,
      env: options.env ?? {},
      args: options.programArgs ?? [],
      onLine: (_stream, line) => {
        run.diagnose("info", line);
      },
    });
    // Nothing new begins after a stop: when the steps under way have ended, there is nothing left to wait for.
    void run.scheduler.halted.then(() => run.scheduler.idle()).then(() => program.kill());
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

function watchSignals(run: Run, options: EngineOptions): () => void {
  const onStop = (): void => {
    run.diagnose("warning", "stopping: nothing new begins; waiting for the steps under way");
    run.failed = true;
    run.scheduler.stop();
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
  const unwatch = watchSignals(run, options);
  try {
    await recover(run);
    if (recoverOnly === true) return;
    const removeProtected = options.removeProtected ?? false;
    if (options.command === "destroy") await destroy(run, { removeProtected });
    else if (options.command === "refresh") await refresh(run);
    else {
      await runProgram(run, options, project);
      // What a failed program has not registered is not what it no longer wants.
      if (!run.failed || run.onlyRefused) await deleteEntries(run, leftovers(run), { removeProtected: false });
    }
  } catch (error) {
    run.diagnose("error", messageOf(error));
  } finally {
    unwatch();
  }
}

/** One pass over a stack: a preview, or the run itself. */
export interface Session {
  readonly options: EngineOptions;
  readonly project: Project;
  readonly projectName: string;
  readonly preview: boolean;
  readonly onEvent: (event: EngineEvent) => void;
  readonly notices: readonly string[];
  /** Only clear up after an interrupted run. */
  readonly recoverOnly?: boolean;
}

export async function runSession(session: Session): Promise<EngineResult> {
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
    continueOnError: options.continueOnError ?? false,
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

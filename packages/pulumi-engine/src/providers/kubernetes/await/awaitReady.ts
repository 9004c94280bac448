import { at, type JsonObject } from "@standin/kubernetes-api/wire/json";
import { KubeError, pause, type KubeClient } from "@standin/kubernetes-api/wire/kubeClient";
import type { KindToken } from "../typeToken";
import { judgeOf, hasPods } from "./judges";
import type { Judge, Judgement } from "./judgement";
import { podProblems } from "./podProblems";

/** The object exists, but did not become what was asked for. */
export class NotReadyError extends Error {
  constructor(
    message: string,
    /** As it was seen last. */
    readonly live: JsonObject,
  ) {
    super(message);
    this.name = "NotReadyError";
  }
}

export interface AwaitOptions {
  readonly client: KubeClient;
  readonly token: KindToken;
  readonly path: string;
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal;
  /** From the annotation pulumi.com/waitFor; takes the place of the kind's own rule. */
  readonly judge?: Judge;
  log(message: string): void;
}

const firstPauseMs = 40;
const longestPauseMs = 1000;

/**
 * Polls the object until it is ready.
 * @returns the object as it is then
 * @throws NotReadyError when it fails, vanishes or is not ready in time, with the reason and that of its pods;
 * the signal's reason when it is aborted
 */
export async function awaitReady(applied: JsonObject, options: AwaitOptions): Promise<JsonObject> {
  const judge = options.judge ?? judgeOf(options.token);
  if (judge === undefined) return applied;
  const end = Date.now() + options.timeoutSeconds * 1000;
  let live = applied;
  let said = "";
  for (let delay = firstPauseMs; ; delay = Math.min(longestPauseMs, delay * 1.5)) {
    const verdict = await judge(live, options);
    if (verdict.state === "ready") return live;
    if (verdict.state === "failed") throw new NotReadyError(await explained(verdict, live, options), live);
    if (Date.now() + delay > end)
      throw new NotReadyError(
        `not ready within ${options.timeoutSeconds} s: ${await explained(verdict, live, options)}`,
        live,
      );
    if (verdict.why !== said) options.log(verdict.why);
    said = verdict.why;
    await pause(delay, options.signal);
    const next = await options.client.get(options.path, options.signal);
    if (next !== undefined) live = next;
    // A finished Job with ttlSecondsAfterFinished removes itself.
    else if (options.token.kind === "Job" && at(live, "spec", "ttlSecondsAfterFinished") !== undefined) return live;
    else throw new NotReadyError("it was deleted by someone else while it was awaited", live);
  }
}

async function explained(
  verdict: Extract<Judgement, { why: string }>,
  live: JsonObject,
  options: AwaitOptions,
): Promise<string> {
  if (!hasPods(options.token)) return verdict.why;
  const problems = await podProblems(live, options).catch((error: unknown) => {
    if (error instanceof KubeError) return [];
    throw error;
  });
  return [verdict.why, ...problems].join("\n  ");
}

import type { ResourceResult } from "@standin/pulumi-engine/events";
import type { StateResources } from "@standin/pulumi-engine/stateResources";
import { changeVerdictOf, NotJudgeableError, RUNS_FROM, verdictOf, type ChangeVerdict, type Verdict } from "../estate";
import { plannedChange } from "./plannedChange";
import { graphOf } from "./plannedGraph";

/** What a run begins with. */
export interface Beginning {
  readonly stack: string;
  /** Undefined: nothing is there yet. */
  readonly state: StateResources | undefined;
  /** Names that people gave up for this run. */
  readonly consent: readonly string[];
}

/** Judges a run's plan, the way to it, and what it has done in the end. */
export class Judge {
  #verdict: Verdict | undefined;
  #change: ChangeVerdict | undefined;
  #unjudged: string | undefined;

  constructor(private readonly beginning: Beginning) {}

  /** Of the last resources that were judged. */
  get verdict(): Verdict | undefined {
    return this.#verdict;
  }

  /** Of the way from what is there; undefined where there is nothing, or it could not be judged. */
  get change(): ChangeVerdict | undefined {
    return this.#change;
  }

  /** Why the way could not be judged. */
  get unjudged(): string | undefined {
    return this.#unjudged;
  }

  /** Reasons to refuse a plan: its end, or the way there; none when both are proved. */
  plan(resources: readonly ResourceResult[]): readonly string[] {
    const reasons = this.judge(resources);
    this.#judgeWay(resources);
    const harms = this.#change?.harms ?? [];
    return harms.length === 0
      ? reasons
      : [
          ...reasons,
          `The judge of changes refuses this: ${harms.length} finding(s), see what is unsafe on the way below. Nothing was applied.`,
        ];
  }

  /** Reasons to refuse what is registered in the end; none when it is proved. */
  judge(resources: readonly ResourceResult[]): readonly string[] {
    this.#verdict = verdictOf(graphOf(resources));
    const { ok, findings } = this.#verdict;
    if (ok) return [];
    return [`The verifier refuses this: ${findings.length} finding(s), see the verdict below. Nothing was applied.`];
  }

  #judgeWay(resources: readonly ResourceResult[]): void {
    const { stack, state, consent } = this.beginning;
    // Nobody uses what is not there yet.
    if (state === undefined || state.resources.length === 0) return;
    try {
      const runsFrom = process.env[RUNS_FROM];
      const planned = plannedChange(state, resources, consent);
      this.#change = changeVerdictOf(runsFrom === undefined ? planned : { ...planned, runsFrom }, stack);
    } catch (error) {
      if (!(error instanceof NotJudgeableError)) throw error;
      // An up that was cut off before the estate was whole: only going on mends that.
      this.#unjudged = `The way was not judged: ${error.message}.`;
    }
  }
}

import type { ResourceResult } from "@standin/pulumi-engine/events";
import { verdictOf, type EmittedGraph, type Verdict } from "../estate";

/** What a run registered, as the verifier reads it: what the resources say of themselves, nothing planned anew. */
export function graphOf(resources: readonly ResourceResult[]): EmittedGraph {
  return {
    resources: resources
      .filter(({ op }) => op !== "delete" && op !== "read")
      .map((one) => (one.outputs === undefined ? one : { ...one, inputs: { ...one.inputs, ...one.outputs } })),
  };
}

/** Judges a run's plan and what it has done in the end. */
export class Judge {
  #verdict: Verdict | undefined;

  /** Of the last resources that were judged. */
  get verdict(): Verdict | undefined {
    return this.#verdict;
  }

  /** Reasons to refuse; none when it is proved. */
  judge(resources: readonly ResourceResult[]): readonly string[] {
    this.#verdict = verdictOf(graphOf(resources));
    const { ok, findings } = this.#verdict;
    if (ok) return [];
    return [`The verifier refuses this: ${findings.length} finding(s), see the verdict below. Nothing was applied.`];
  }
}

import type { Finding } from "../finding";
import type { EmittedGraph } from "../read/graph";
import { verify } from "../verify";
import type { Mutation } from "./mutation";
import { mutations } from "./mutationList";

/** At least so many of the mutations with an effect must be caught. */
export const REQUIRED_SHARE = 0.98;

export interface MutationResult {
  readonly caught: readonly Mutation[];
  readonly missed: readonly Mutation[];
  /** Without effect on any packet, each with its reason. */
  readonly harmless: readonly Mutation[];
}

/** Applies mutations, one at a time, and asks the verifier about each. Default: all that there are. */
export function runMutations(graph: EmittedGraph, chosen: readonly Mutation[] = mutations(graph)): MutationResult {
  const before = keys(verify(graph).findings);
  const caught: Mutation[] = [];
  const missed: Mutation[] = [];
  const harmless: Mutation[] = [];
  for (const mutation of chosen) {
    const changed = mutation.edit(graph);
    if (JSON.stringify(changed) === JSON.stringify(graph)) throw new Error(`${mutation.name} changed nothing`);
    const found = verify(changed).findings.some((finding) => !before.has(key(finding)));
    if (found) caught.push(mutation);
    else if (mutation.harmless === undefined) missed.push(mutation);
    else harmless.push(mutation);
  }
  return { caught, missed, harmless };
}

/** `count` of them, the same ones for the same seed; every kind of mutation at least once where `count` allows it. */
export function sample(all: readonly Mutation[], count: number, seed: number): readonly Mutation[] {
  let state = seed >>> 0;
  // Numerical Recipes' linear congruential generator: enough to pick, and the same everywhere.
  const random = (): number => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
  const shuffled = all
    .map((mutation) => ({ mutation, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ mutation }) => mutation);
  const seen = new Set<string>();
  const ofEachKind = shuffled.filter(({ kind }) => !seen.has(kind) && seen.add(kind));
  return [...ofEachKind, ...shuffled.filter((mutation) => !ofEachKind.includes(mutation))].slice(0, count);
}

/** Of the mutations with an effect, how many were caught: 0 to 1. */
export function shareCaught({ caught, missed }: MutationResult): number {
  return caught.length / Math.max(caught.length + missed.length, 1);
}

function keys(findings: readonly Finding[]): ReadonlySet<string> {
  return new Set(findings.map(key));
}

function key({ question, subject, at, rule, value }: Finding): string {
  return [question, subject, at, rule, value].join("|");
}

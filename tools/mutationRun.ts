import type { Finding } from "../components/topology/verifier/finding";
import type { EmittedGraph } from "../components/topology/verifier/graph";
import { verify } from "../components/topology/verifier/verify";
import { mutations, type Mutation } from "./mutationList";

export interface MutationResult {
  readonly caught: readonly Mutation[];
  readonly missed: readonly Mutation[];
  /** Without effect on any packet, each with its reason. */
  readonly harmless: readonly Mutation[];
}

/** Applies the mutations that `choose` picks by number, one at a time, and asks the verifier about each. */
export function runMutations(graph: EmittedGraph, choose: (index: number) => boolean): MutationResult {
  const before = keys(verify(graph).findings);
  const caught: Mutation[] = [];
  const missed: Mutation[] = [];
  const harmless: Mutation[] = [];
  for (const mutation of mutations(graph).filter((_, index) => choose(index))) {
    const changed = mutation.edit(graph);
    if (JSON.stringify(changed) === JSON.stringify(graph)) throw new Error(`${mutation.name} changed nothing`);
    const found = verify(changed).findings.some((finding) => !before.has(key(finding)));
    if (found) caught.push(mutation);
    else if (mutation.harmless === undefined) missed.push(mutation);
    else harmless.push(mutation);
  }
  return { caught, missed, harmless };
}

function keys(findings: readonly Finding[]): ReadonlySet<string> {
  return new Set(findings.map(key));
}

function key({ question, subject, at, rule, value }: Finding): string {
  return [question, subject, at, rule, value].join("|");
}

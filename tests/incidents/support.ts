import type { Finding } from "../../verifier/finding";
import type { EmittedGraph } from "../../verifier/read/graph";
import { verify } from "../../verifier/verify";
import type { Edit } from "../../verifier/mutations/graphEdits";

/** What the verifier finds once these things were done to an estate, one after the other. */
export function findingsAfter(graph: EmittedGraph, ...edits: readonly Edit[]): readonly Finding[] {
  const after = edits.reduce((changed, edit) => {
    const next = edit(changed);
    if (JSON.stringify(next) === JSON.stringify(changed)) throw new Error("an edit changed nothing");
    return next;
  }, graph);
  return verify(after).findings;
}

/** Exactly one finding fits; all findings are shown where none or several do. */
export function only(findings: readonly Finding[], wanted: Partial<Finding>): Finding {
  const fitting = findings.filter((one) =>
    Object.entries(wanted).every(([key, value]) => one[key as keyof Finding] === value),
  );
  const [found] = fitting;
  if (found === undefined || fitting.length > 1)
    throw new Error(
      `${fitting.length} findings fit ${JSON.stringify(wanted)} among ${JSON.stringify(findings, null, 1)}`,
    );
  return found;
}

export const hostsNamed = (graph: EmittedGraph, pattern: RegExp): readonly string[] =>
  graph.resources
    .filter(({ type, name }) => type === "keybuzz:machines:Host" && pattern.test(name))
    .map(({ name }) => name);

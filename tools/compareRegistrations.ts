import { diff } from "jest-diff";
import type { Registration } from "./registrations";

/** What an `up` would make of a graph where the other one is deployed. */
export interface Comparison {
  readonly added: readonly Registration[];
  /** What the alias of another one names is not among them. */
  readonly removed: readonly Registration[];
  readonly changed: readonly { readonly before: Registration; readonly after: Registration }[];
}

export function compareRegistrations(before: readonly Registration[], after: readonly Registration[]): Comparison {
  const old = new Map(before.map((one) => [one.urn, one]));
  /** What stands for it in the other graph: itself, or what an alias of it names. */
  const predecessor = (one: Registration): Registration | undefined =>
    [one.urn, ...one.aliases].flatMap((urn) => old.get(urn) ?? [])[0];
  const kept = after.flatMap((one) => {
    const known = predecessor(one);
    return known === undefined ? [] : [{ before: known, after: one }];
  });
  const continued = new Set(kept.map((pair) => pair.before.urn));
  return {
    added: after.filter((one) => predecessor(one) === undefined),
    removed: before.filter(({ urn }) => !continued.has(urn)),
    changed: kept.filter((pair) => JSON.stringify(pair.before) !== JSON.stringify(pair.after)),
  };
}

/** For people: a line for each that is new or gone, and of each that changed the lines that differ. */
export function textComparison({ added, removed, changed }: Comparison): string {
  const line = (sign: string, { urn, protect }: Registration): string =>
    `${sign} ${urn}${protect ? "  (protected)" : ""}`;
  const options = { expand: false, contextLines: 1, omitAnnotationLines: true };
  return [
    ...removed.map((one) => line("-", one)),
    ...added.map((one) => line("+", one)),
    ...changed.map(({ before, after }) => `~ ${after.urn}\n${diff(before, after, options) ?? ""}`),
    `${added.length} added, ${removed.length} removed, ${changed.length} changed`,
  ].join("\n");
}

import type { Difference } from "./diff";
import { diffProperties } from "./diff";
import type { Goal } from "./goal";
import { formatPath, parsePath, touchesAny } from "./propertyPath";
import type { PropertyPath } from "./propertyPath";
import type { Provider, ResourceContext } from "./provider";
import type { Entry } from "./stateFormat";
import type { PropertyMap } from "./values";
import { equal, toPlainMap } from "./values";

/** What has to happen to a resource that exists. */
export interface Decision {
  readonly op: "same" | "update" | "replace";
  readonly differences: readonly Difference[];
  /** Paths, or reasons in words, that call for the replacement. */
  readonly replaceKeys: readonly string[];
  readonly deleteBeforeReplace: boolean;
}

function isBelow(path: PropertyPath, top: PropertyPath): boolean {
  return top.length <= path.length && top.every((part, i) => part === "*" || String(part) === String(path[i]));
}

function union(a: readonly Difference[], b: readonly Difference[]): Difference[] {
  const seen = new Set(a.map((d) => formatPath(d.path)));
  return [...a, ...b.filter((d) => !seen.has(formatPath(d.path)))];
}

/** What of the goal bears on the decision. */
export type DecisionGoal = Pick<
  Goal,
  "replaceOnChanges" | "replacementTrigger" | "replaceWith" | "deletedWith" | "deleteBeforeReplace"
>;

/**
 * Compares what is with what shall be.
 * @param inputs the checked new inputs.
 * @param replaced URNs that are replaced in this run, for replaceWith and deletedWith.
 */
export async function decide(
  ctx: ResourceContext,
  provider: Provider,
  old: Entry,
  goal: DecisionGoal,
  inputs: PropertyMap,
  replaced: ReadonlySet<string>,
): Promise<Decision> {
  const found = union(
    diffProperties(old.inputs, inputs),
    old.attempted === undefined ? [] : diffProperties(old.attempted, inputs),
  );
  const reasons: string[] = [];
  if (
    goal.replacementTrigger !== undefined &&
    old.replacementTrigger !== undefined &&
    !equal(goal.replacementTrigger, old.replacementTrigger, true)
  ) {
    reasons.push("replacementTrigger");
  }
  if (goal.replaceWith.some((urn) => replaced.has(urn))) reasons.push("replaceWith");
  if (goal.deletedWith !== "" && replaced.has(goal.deletedWith)) reasons.push("deletedWith");

  const verdict =
    found.length === 0
      ? { replaceKeys: [] }
      : await provider.diff(
          ctx,
          { id: old.id, inputs: toPlainMap(old.inputs), outputs: toPlainMap(old.outputs) },
          toPlainMap(inputs),
          found.map((d) => formatPath(d.path)),
        );
  const ignored = (verdict.ignore ?? []).map(parsePath);
  const differences = found.filter((d) => !ignored.some((top) => isBelow(d.path, top)));
  if (differences.length > 0) {
    reasons.push(...verdict.replaceKeys);
    const forced = differences.filter((d) => touchesAny(goal.replaceOnChanges, d.path)).map((d) => formatPath(d.path));
    reasons.push(...forced.filter((path) => !reasons.includes(path)));
  }
  const op =
    reasons.length > 0 ? "replace" : differences.length > 0 || old.incomplete !== undefined ? "update" : "same";
  return {
    op,
    differences,
    replaceKeys: reasons,
    deleteBeforeReplace: goal.deleteBeforeReplace ?? verdict.deleteBeforeReplace ?? false,
  };
}

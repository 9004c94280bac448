import type { Difference } from "./diff";
import { diffProperties } from "./diff";
import type { Goal } from "./goal";
import { parsePath, touches, touchesAny } from "./propertyPath";
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

/** What of the goal bears on the decision. */
export type DecisionGoal = Pick<
  Goal,
  "ignoreChanges" | "replaceOnChanges" | "replacementTrigger" | "replaceWith" | "deletedWith" | "deleteBeforeReplace"
>;

/**
 * Compares what is with what shall be: the provider says what counts.
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

  const verdict = await provider.diff(
    ctx,
    { id: old.id, inputs: toPlainMap(old.inputs), outputs: toPlainMap(old.outputs) },
    toPlainMap(inputs),
  );
  const changes = verdict.changes
    .map((change) => ({ ...change, at: parsePath(change.path) }))
    .filter(({ at }) => !touchesAny(goal.ignoreChanges, at));
  const replacing = changes.filter((change) => change.replace || touchesAny(goal.replaceOnChanges, change.at));
  reasons.push(...replacing.map(({ path }) => path));
  const op = reasons.length > 0 ? "replace" : changes.length > 0 || old.incomplete !== undefined ? "update" : "same";
  return {
    op,
    differences: differencesOf(
      old,
      inputs,
      changes.map(({ at }) => at),
    ),
    replaceKeys: reasons,
    deleteBeforeReplace: goal.deleteBeforeReplace ?? verdict.deleteBeforeReplace ?? false,
  };
}

/** What is shown of the changes: where the inputs differ; else what is there now, beside what is wanted. */
function differencesOf(old: Entry, inputs: PropertyMap, changed: readonly PropertyPath[]): Difference[] {
  const shown = diffProperties(old.inputs, inputs).filter(({ path }) => changed.some((at) => touches(at, path)));
  const drifted = changed
    .map((at) => String(at[0]))
    .filter(
      (key, i, keys) =>
        keys.indexOf(key) === i && inputs[key] !== undefined && !shown.some(({ path }) => path[0] === key),
    )
    .flatMap((key) => diffProperties({ [key]: old.outputs[key] ?? null }, { [key]: inputs[key] ?? null }));
  return [...shown, ...drifted];
}

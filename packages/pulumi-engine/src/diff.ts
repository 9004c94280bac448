import { UNKNOWN } from "./provider";
import type { Properties, PropertyChange } from "./provider";
import { formatPath } from "./propertyPath";
import type { PropertyPath } from "./propertyPath";
import type { EngineValue, PropertyMap } from "./values";
import { equal, isList, isMap, MASK, Secret, toMasked } from "./values";

/** One difference, at the deepest path where both sides stop being maps or lists. */
export interface Difference {
  readonly path: PropertyPath;
  /** undefined: was not there. */
  readonly before: EngineValue | undefined;
  /** undefined: is no longer there. */
  readonly after: EngineValue | undefined;
  /** Either side is, or lies under, a secret. */
  readonly secret: boolean;
}

/** A difference that may be shown: secrets and unknowns masked. `before` or `after` is absent where there is none. */
export interface ShownDifference {
  readonly path: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

function walk(
  path: PropertyPath,
  before: EngineValue | undefined,
  after: EngineValue | undefined,
  secret: boolean,
  out: Difference[],
): void {
  if (before instanceof Secret || after instanceof Secret) {
    walk(
      path,
      before instanceof Secret ? before.value : before,
      after instanceof Secret ? after.value : after,
      true,
      out,
    );
    return;
  }
  if (isMap(before) && isMap(after)) {
    // Sorted: the wire does not keep the order of keys.
    for (const key of [...new Set([...Object.keys(before), ...Object.keys(after)])].sort())
      walk([...path, key], before[key], after[key], secret, out);
    return;
  }
  if (isList(before) && isList(after)) {
    for (let i = 0; i < Math.max(before.length, after.length); i++)
      walk([...path, i], before[i], after[i], secret, out);
    return;
  }
  // Two unknowns may differ, so they count as a change.
  if (!equal(before, after, true) || after === UNKNOWN) out.push({ path, before, after, secret });
}

/** Field by field; a secret marker alone is no difference. Paths come out in alphabetical order. */
export function diffProperties(before: PropertyMap, after: PropertyMap): Difference[] {
  const out: Difference[] = [];
  walk([], before, after, false, out);
  return out;
}

/** What changes for a provider that goes by the inputs alone. @param replaces by path */
export function inputChanges(
  before: Properties,
  after: Properties,
  replaces: (path: string) => boolean,
): PropertyChange[] {
  return diffProperties(before, after).map(({ path, before: old, after: now }) => {
    const text = formatPath(path);
    return {
      path: text,
      kind: old === undefined ? "add" : now === undefined ? "delete" : "update",
      replace: replaces(text),
    };
  });
}

/** For results and events. */
export function show(difference: Difference): ShownDifference {
  const side = (value: EngineValue): unknown => (difference.secret ? MASK : toMasked(value));
  return {
    path: formatPath(difference.path),
    ...(difference.before === undefined ? {} : { before: side(difference.before) }),
    ...(difference.after === undefined ? {} : { after: side(difference.after) }),
  };
}

import { formatPath, type PropertyPath } from "../propertyPath";
import { UNKNOWN, type Properties, type PropertyChange, type Value } from "../provider";
import { isAbsent, isMap, isZero, type Property, type PropertyShape, type Table } from "./property";

type Kind = PropertyChange["kind"];

/** Which of Terraform's two kits a resource type is made with; they plan differently. */
export type Kit = "sdk" | "framework";

/**
 * Compares what the state says with what the inputs say, as the bridge and Terraform's kits do. What is not given and
 * the provider decides stays as it is.
 */
export function plannedChanges(kit: Kit, table: Table, state: Properties, inputs: Properties): PropertyChange[] {
  const found = tableChanges(table, state, inputs, [], false);
  if (kit === "sdk") return found.map(({ path, kind }) => change(table, path, kind));
  // The framework tells top-level names only, and takes for changed what it will not know until afterwards.
  const keys = new Set(found.map(({ path }) => String(path[0])));
  if (keys.size > 0)
    for (const [key, { unsettled }] of Object.entries(table))
      if (unsettled === true && isAbsent(inputs[key])) keys.add(key);
  return [...keys].map((key) =>
    change(table, [key], found.find(({ path }) => path.length === 1 && path[0] === key)?.kind ?? "update"),
  );
}

const change = (table: Table, path: PropertyPath, kind: Kind): PropertyChange => ({
  path: formatPath(path),
  kind,
  replace: table[String(path[0])]?.replace === true,
});

interface Found {
  readonly path: PropertyPath;
  readonly kind: Kind;
}

/** @param anew a set's element that is new as a whole: what the provider decides of it is not known. */
function tableChanges(table: Table, state: Properties, inputs: Properties, path: PropertyPath, anew: boolean): Found[] {
  return Object.entries(table).flatMap(([key, property]) => {
    const before: Value | undefined = state[key];
    const after: Value | undefined = inputs[key];
    const own = [...path, key];
    if (!isAbsent(after) && !property.output) return valueChanges(property, before, after, own);
    if (property.default === undefined && (property.computed || property.autonamed))
      return anew ? [{ path: own, kind: "update" as const }] : [];
    return absentChanges(property, before, own);
  });
}

/** No longer given: the default counts, or nothing. */
function absentChanges(property: Property, before: Value | undefined, path: PropertyPath): Found[] {
  if (property.default !== undefined) return valueChanges(property, before, property.default, path);
  if (isZero(before)) return [];
  if (isMap(before) && typeof property.shape === "object" && "map" in property.shape)
    return Object.keys(before).map((key) => ({ path: [...path, key], kind: "delete" }));
  return [{ path, kind: "delete" }];
}

function valueChanges(property: Property, before: Value | undefined, after: Value, path: PropertyPath): Found[] {
  const { shape } = property;
  const kind: Kind = isAbsent(before) ? "add" : "update";
  if (after === UNKNOWN) return [{ path, kind }];
  if (typeof shape === "string") return sameScalar(property, before, after) ? [] : [{ path, kind }];
  if (isZero(before) && isZero(after)) return [];
  if ("object" in shape) {
    if (isAbsent(before)) return [{ path, kind }];
    return tableChanges(shape.object, before as Properties, after as Properties, path, false);
  }
  if ("map" in shape) return mapChanges(property, shape.map, (before ?? {}) as Properties, after as Properties, path);
  const [olds, news] = [(before ?? []) as readonly Value[], after as readonly Value[]];
  return (shape.isSet ? setChanges : listChanges)({ ...property, shape: shape.list }, olds, news, path);
}

function sameScalar({ same, kept }: Property, before: Value | undefined, after: Value): boolean {
  if (typeof before === "string" && typeof after === "string")
    return before === after || before === kept?.(after) || same?.(before, after) === true;
  return before === after || (isZero(before) && isZero(after)) || isSameNumber(before, after);
}

/** Ids are strings among the outputs, numbers among the inputs. */
const isSameNumber = (a: Value | undefined, b: Value | undefined): boolean =>
  (typeof a === "number" || typeof b === "number") &&
  (typeof a === "string" || typeof b === "string") &&
  Number(a) === Number(b);

function mapChanges(
  property: Property,
  shape: PropertyShape,
  olds: Properties,
  news: Properties,
  path: PropertyPath,
): Found[] {
  return [...new Set([...Object.keys(olds), ...Object.keys(news)])].sort().flatMap((key) => {
    const after = news[key];
    if (after === undefined) return [{ path: [...path, key], kind: "delete" as const }];
    if (olds[key] === undefined) return [{ path: [...path, key], kind: "add" as const }];
    return valueChanges({ ...property, shape }, olds[key], after, [...path, key]);
  });
}

function listChanges(item: Property, olds: readonly Value[], news: readonly Value[], path: PropertyPath): Found[] {
  return Array.from({ length: Math.max(olds.length, news.length) }, (_, index) => index).flatMap((index): Found[] => {
    const after = news[index];
    if (after === undefined) return [{ path: [...path, index], kind: "delete" }];
    if (index >= olds.length) return [{ path: [...path, index], kind: "add" }];
    return valueChanges(item, olds[index], after, [...path, index]);
  });
}

/** Elements that are on both sides are no change, wherever they are; the others are told by their place. */
function setChanges(item: Property, olds: readonly Value[], news: readonly Value[], path: PropertyPath): Found[] {
  const isSame = (before: Value, after: Value): boolean => valueChanges(item, before, after, []).length === 0;
  const gone = new Set(olds.keys());
  const added = new Set(news.keys());
  for (const [index, after] of news.entries()) {
    const at = [...gone].find((one) => isSame(olds[one] as Value, after));
    if (at === undefined) continue;
    gone.delete(at);
    added.delete(index);
  }
  return [...new Set([...gone, ...added])]
    .sort((a, b) => a - b)
    .flatMap((index): Found[] => {
      const own = [...path, index];
      if (!added.has(index)) return [{ path: own, kind: "delete" }];
      if (!gone.has(index)) return [{ path: own, kind: "add" }];
      const [before, after] = [olds[index] as Value, news[index] as Value];
      const inner = typeof item.shape === "object" && "object" in item.shape ? item.shape.object : undefined;
      return inner === undefined || after === UNKNOWN
        ? [{ path: own, kind: "update" }]
        : tableChanges(inner, before as Properties, after as Properties, own, true);
    });
}

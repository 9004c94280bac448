import { UNKNOWN, type Properties, type Value } from "../provider";
import { plannedChanges, type Kit } from "./diff";
import { hasUnknown, isAbsent, isMap, type Property, type PropertyShape, type Table } from "./property";

/**
 * The outputs as far as the inputs and what was before tell them; UNKNOWN for what only the provider can say.
 * @param state undefined: before a create.
 */
export function plannedOutputs(kit: Kit, table: Table, inputs: Properties, state: Properties | undefined): Properties {
  const changed = new Set(
    (state === undefined ? [] : plannedChanges(kit, table, state, inputs)).map(({ path }) => /^[^.[]+/.exec(path)?.[0]),
  );
  const plan = (key: string, property: Property): Value => {
    const given = inputs[key];
    const before = state?.[key];
    if (!isAbsent(given) && !property.output)
      return before !== undefined && isSet(property.shape) && !changed.has(key) ? before : planned(property, given);
    if (property.default !== undefined) return property.default;
    if (!property.computed) return null;
    return state === undefined || (changed.size > 0 && property.unsettled === true) ? UNKNOWN : (before ?? null);
  };
  const entries = Object.entries(table).map(([key, property]): [string, Value] => [key, plan(key, property)]);
  return Object.fromEntries(kit === "sdk" ? entries : entries.filter(([, value]) => value !== null));
}

const isSet = (shape: PropertyShape): boolean => typeof shape === "object" && "list" in shape && shape.isSet;

/** As the state will have it: with its hashes, and with what a set's new block gets from the provider. */
function planned(property: Property, value: Value): Value {
  const { shape, kept } = property;
  if (typeof value === "string") return kept?.(value) ?? value;
  if (typeof shape !== "object") return value;
  if ("list" in shape && Array.isArray(value)) {
    const { list, isSet: anew } = shape;
    return (value as readonly Value[]).map((one) => {
      const item = planned({ ...property, shape: list }, one);
      return anew && isMap(item) && typeof list === "object" && "object" in list
        ? { ...unknownsOf(list.object), ...item }
        : item;
    });
  }
  if (!("object" in shape) || !isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => {
      const inner = shape.object[key];
      return [key, inner === undefined ? one : planned(inner, one)];
    }),
  );
}

const unknownsOf = (table: Table): Properties =>
  Object.fromEntries(Object.entries(table).flatMap(([key, { computed }]) => (computed ? [[key, UNKNOWN]] : [])));

/** The outputs of a resource: what was seen of it, and what is known where nothing was. */
export function finalOutputs(kit: Kit, table: Table, known: Properties, seen: Properties): Properties {
  const entries = Object.entries(table).flatMap(([key, { shape }]): [string, Value][] => {
    const value = seen[key] ?? known[key];
    if (isAbsent(value) || value === UNKNOWN) return kit === "sdk" ? [[key, null]] : [];
    return [[key, kit === "sdk" ? whole(shape, value) : value]];
  });
  return Object.fromEntries(entries);
}

/**
 * The outputs after a create or update: the older kit takes a set that was wholly known beforehand for what it is now,
 * whatever is seen.
 */
export function appliedOutputs(kit: Kit, table: Table, plan: Properties, seen: Properties): Properties {
  const isFixed = (key: string, value: Value): boolean =>
    kit === "sdk" && isSet(table[key]?.shape ?? "string") && !isAbsent(value) && !hasUnknown(value);
  const fixed = Object.entries(plan).filter(([key, value]) => isFixed(key, value));
  return finalOutputs(kit, table, plan, { ...seen, ...Object.fromEntries(fixed) });
}

/** Blocks of the older kit have all of their properties, those that nobody has given as well. */
function whole(shape: PropertyShape, value: Value): Value {
  if (typeof shape === "string" || "map" in shape) return value;
  if ("list" in shape) return (value as readonly Value[]).map((one) => whole(shape.list, one));
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(shape.object).map(([key, inner]) => {
      const own = value[key];
      return [key, isAbsent(own) || own === UNKNOWN ? zeroOf(inner.shape) : whole(inner.shape, own)];
    }),
  );
}

function zeroOf(shape: PropertyShape): Value {
  if (shape === "string") return "";
  if (shape === "boolean") return false;
  if (shape === "integer" || shape === "number") return 0;
  return "list" in shape ? [] : "map" in shape ? {} : null;
}

/** The inputs of a resource that was read: those that were given, but for what has become different since. */
export function readInputs(
  kit: Kit,
  table: Table,
  last: { readonly inputs: Properties; readonly outputs: Properties },
  now: Properties,
): Properties {
  const entries = Object.entries(last.inputs).map(([key, before]): [string, Value] => {
    const property = table[key];
    const seen = now[key];
    if (property === undefined || seen === undefined || isSame(kit, key, property, last.outputs[key], seen))
      return [key, before];
    return [key, project(property.shape, before, seen)];
  });
  return Object.fromEntries(entries.filter(([, value]) => value !== null));
}

const isSame = (kit: Kit, key: string, property: Property, before: Value | undefined, now: Value): boolean =>
  before !== undefined &&
  plannedChanges(kit, { [key]: { ...property, output: false } }, { [key]: before }, { [key]: now }).length === 0;

/** Of blocks, only what had been given before. */
function project(shape: PropertyShape, before: Value | undefined, now: Value): Value {
  if (typeof shape === "string" || "map" in shape) return now;
  if ("list" in shape) {
    const olds = Array.isArray(before) ? (before as readonly Value[]) : [];
    return Array.isArray(now)
      ? (now as readonly Value[]).map((one, index) => project(shape.list, olds[index], one))
      : now;
  }
  if (!isMap(before) || !isMap(now)) return now;
  return Object.fromEntries(
    Object.entries(shape.object).flatMap(([key, inner]) => {
      const own = now[key];
      return before[key] === undefined || isAbsent(own) ? [] : [[key, project(inner.shape, before[key], own)]];
    }),
  );
}

/** What a resource that only its id is known of has for inputs. */
export const importedInputs = (table: Table, outputs: Properties): Properties =>
  Object.fromEntries(
    Object.entries(table).flatMap(([key, { output }]) => {
      const value = outputs[key];
      return output || isAbsent(value) ? [] : [[key, value]];
    }),
  );

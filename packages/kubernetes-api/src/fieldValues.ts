import { clone, isObject, type Json, type JsonObject } from "./wire/json";
import { separator, type FieldSet } from "./fieldSet";
import { itemKey, topologyOf, type FieldPath } from "./wire/listTopology";
import type { ResourceType } from "./wire/resourceType";

/** Lays an applied configuration over the live object: maps and keyed lists merge, all else is replaced. */
export function mergeApplied(type: ResourceType, live: JsonObject, config: JsonObject): JsonObject {
  const merge = (before: Json | undefined, wanted: Json, path: FieldPath): Json => {
    const topology = topologyOf(type, path, wanted);
    if (isObject(wanted) && isObject(before) && topology.type === "granular") {
      const merged: JsonObject = { ...before };
      for (const [name, value] of Object.entries(wanted)) merged[name] = merge(before[name], value, [...path, name]);
      return merged;
    }
    if (Array.isArray(wanted) && Array.isArray(before) && topology.type === "map") {
      const old = new Map(before.map((item) => [itemKey(topology, item), item]));
      const mine = new Set(wanted.map((item) => itemKey(topology, item)));
      return [
        ...wanted.map((item) => mergeItem(old.get(itemKey(topology, item)), item, path)),
        ...before.filter((item) => !mine.has(itemKey(topology, item))),
      ];
    }
    if (Array.isArray(wanted) && Array.isArray(before) && topology.type === "set") {
      const mine = new Set(wanted.map((item) => JSON.stringify(item)));
      return [...wanted, ...before.filter((item) => !mine.has(JSON.stringify(item)))];
    }
    return clone(wanted);
  };
  const mergeItem = (before: Json | undefined, wanted: Json, path: FieldPath): Json => {
    if (!isObject(before) || !isObject(wanted)) return clone(wanted);
    const merged: JsonObject = { ...before };
    for (const [name, value] of Object.entries(wanted)) merged[name] = merge(before[name], value, [...path, name]);
    return merged;
  };
  return merge(live, config, []) as JsonObject;
}

/** The value at a path of managed fields; undefined where there is none. */
export function valueAt(type: ResourceType, object: JsonObject, fieldPath: string): Json | undefined {
  let current: Json | undefined = object;
  let path: FieldPath = [];
  for (const element of fieldPath.split(separator)) {
    if (element === "." || current === undefined) return current;
    if (element.startsWith("f:")) {
      current = isObject(current) ? current[element.slice(2)] : undefined;
      path = [...path, element.slice(2)];
    } else current = Array.isArray(current) ? current[itemIndex(type, current, path, element)] : undefined;
  }
  return current;
}

function itemIndex(type: ResourceType, list: readonly Json[], path: FieldPath, element: string): number {
  if (element.startsWith("v:")) return list.findIndex((item) => JSON.stringify(item) === element.slice(2));
  const topology = topologyOf(type, path, [...list]);
  return topology.type === "map" ? list.findIndex((item) => itemKey(topology, item) === element) : -1;
}

/**
 * Removes the fields a manager has given up. A list item goes when nobody holds any part of it;
 * maps and lists that become empty by it go, too. Returns a new object.
 */
export function removeFields(type: ResourceType, object: JsonObject, gone: FieldSet, held: FieldSet): JsonObject {
  const result = clone(object);
  const isHeld = (path: string): boolean =>
    held.has(path) || [...held].some((other) => other.startsWith(path + separator));
  const removeIn = (value: Json, elements: readonly string[], path: FieldPath, prefix: string): boolean => {
    const [element = "", ...rest] = elements;
    const here = prefix === "" ? element : prefix + separator + element;
    if (element.startsWith("f:") && isObject(value)) {
      const name = element.slice(2);
      const child = value[name];
      if (child === undefined) return false;
      const drop = rest.length === 0 ? !isHeld(here) : removeIn(child, rest, [...path, name], here);
      if (drop) delete value[name];
      return drop && Object.keys(value).length === 0;
    }
    if (!Array.isArray(value)) return false;
    const index = itemIndex(type, value, path, element);
    const item = value[index];
    if (item === undefined) return false;
    const whole = rest.length === 0 || rest[0] === ".";
    const drop = whole ? !isHeld(here) : removeIn(item, rest, path, here);
    if (drop) value.splice(index, 1);
    return drop && value.length === 0;
  };
  // Items before their fields: once the item is gone there is nothing below it to look for.
  for (const path of [...gone].sort((a, b) => a.split(separator).length - b.split(separator).length))
    removeIn(result, path.split(separator), [], "");
  return result;
}

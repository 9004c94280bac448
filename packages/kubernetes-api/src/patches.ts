import { clone, isObject, type Json, type JsonObject } from "./wire/json";
import { itemKey, topologyOf, type FieldPath } from "./wire/listTopology";
import type { ResourceType } from "./wire/resourceType";

/** RFC 7386. */
export function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return clone(patch);
  const result: JsonObject = isObject(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name];
    else result[name] = mergePatch(result[name], value);
  }
  return result;
}

/**
 * The part of strategic merge that clients of ours send: as a merge patch, but keyed lists merge by their
 * key and honour `$patch: delete`. The directives $setElementOrder and $retainKeys are ignored.
 */
export function strategicMergePatch(type: ResourceType, target: JsonObject, patch: JsonObject): JsonObject {
  const merge = (before: Json | undefined, wanted: Json, path: FieldPath): Json => {
    if (isObject(wanted)) {
      if (wanted.$patch === "replace") return withoutDirectives(wanted);
      const result: JsonObject = isObject(before) ? { ...before } : {};
      for (const [name, value] of Object.entries(withoutDirectives(wanted))) {
        if (value === null) delete result[name];
        else result[name] = merge(result[name], value, [...path, name]);
      }
      return result;
    }
    const topology = topologyOf(type, path, wanted);
    if (!Array.isArray(wanted) || !Array.isArray(before) || topology.type !== "map") return clone(wanted);
    const items = new Map(before.map((item) => [itemKey(topology, item), item]));
    for (const item of wanted) {
      const key = itemKey(topology, item);
      if (isObject(item) && item.$patch === "delete") items.delete(key);
      else items.set(key, merge(items.get(key), item, path));
    }
    return [...items.values()];
  };
  return merge(target, patch, []) as JsonObject;
}

function withoutDirectives(value: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([name]) => !name.startsWith("$")));
}

import { isObject, type Json, type JsonObject } from "./wire/json";
import { itemKey, topologyOf, type FieldPath } from "./wire/listTopology";
import type { ResourceType } from "./wire/resourceType";

/**
 * A set of owned fields. Each member is a path of managedFields' own elements (f:name, k:{...}, v:..., and
 * "." for a list item as such), joined by a separator that no element can contain.
 */
export type FieldSet = Set<string>;
export const separator = "\u001f";

/** The fields that a configuration states. `skip` names top-level paths nobody owns. */
export function fieldSetOf(type: ResourceType, config: JsonObject): FieldSet {
  const set: FieldSet = new Set();
  const walk = (value: Json, path: FieldPath, elements: readonly string[]): void => {
    const topology = topologyOf(type, path, value);
    if (isObject(value) && topology.type === "granular" && Object.keys(value).length > 0) {
      for (const [name, child] of Object.entries(value)) {
        if (!unowned(path, name)) walk(child, [...path, name], [...elements, `f:${name}`]);
      }
    } else if (Array.isArray(value) && topology.type === "map") {
      for (const item of value) {
        const key = [...elements, itemKey(topology, item)];
        set.add([...key, "."].join(separator));
        for (const [name, child] of Object.entries(isObject(item) ? item : {}))
          walk(child, [...path, name], [...key, `f:${name}`]);
      }
    } else if (Array.isArray(value) && topology.type === "set") {
      for (const item of value) set.add([...elements, `v:${JSON.stringify(item)}`].join(separator));
    } else if (elements.length > 0) set.add(elements.join(separator));
  };
  walk(config, [], []);
  return set;
}

// What identifies the object, and what only the server writes.
const serverMetadata = new Set([
  "name",
  "namespace",
  "uid",
  "resourceVersion",
  "generation",
  "creationTimestamp",
  "deletionTimestamp",
  "managedFields",
  "selfLink",
]);

function unowned(path: FieldPath, name: string): boolean {
  if (path.length === 0) return name === "apiVersion" || name === "kind" || name === "status";
  return path.length === 1 && path[0] === "metadata" && serverMetadata.has(name);
}

/** metadata.managedFields[].fieldsV1 */
export function toFieldsV1(set: FieldSet): JsonObject {
  const root: JsonObject = {};
  for (const path of [...set].sort()) {
    let current = root;
    for (const element of path.split(separator)) {
      const next = current[element];
      if (isObject(next)) current = next;
      else current = current[element] = {};
    }
  }
  return root;
}

export function fromFieldsV1(fields: JsonObject): FieldSet {
  const set: FieldSet = new Set();
  const walk = (value: JsonObject, elements: readonly string[]): void => {
    const entries = Object.entries(value);
    if (entries.length === 0 && elements.length > 0) set.add(elements.join(separator));
    for (const [element, child] of entries) if (isObject(child)) walk(child, [...elements, element]);
  };
  walk(fields, []);
  return set;
}

/** ".spec.template.spec.containers[name="web"].image", as conflicts name a field. */
export function readable(path: string): string {
  return path
    .split(separator)
    .map((element) => {
      if (element === ".") return "";
      if (element.startsWith("f:")) return `.${element.slice(2)}`;
      if (element.startsWith("v:")) return `[=${element.slice(2)}]`;
      const keys = Object.entries(JSON.parse(element.slice(2)) as JsonObject);
      return `[${keys.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(",")}]`;
    })
    .join("");
}

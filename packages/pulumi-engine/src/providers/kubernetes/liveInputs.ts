import { asText, isObject, objectAt, type Json, type JsonObject } from "@standin/kubernetes-api/wire/json";
import { itemKey, topologyOf, type FieldPath } from "@standin/kubernetes-api/wire/listTopology";
import type { ResourceType } from "@standin/kubernetes-api/wire/resourceType";
import { quantity } from "@standin/kubernetes-api/wire/quantity";

const serverMetadata = [
  "uid",
  "resourceVersion",
  "generation",
  "creationTimestamp",
  "deletionTimestamp",
  "managedFields",
  "selfLink",
];
const quantityParents = new Set(["limits", "requests", "hard", "capacity"]);

/** Inputs for an adopted object: all that a manifest could state. */
export function importedInputs(live: JsonObject): JsonObject {
  const { status: _, ...rest } = live;
  const metadata = Object.fromEntries(
    Object.entries(objectAt(live, "metadata")).filter(([name]) => !serverMetadata.includes(name)),
  );
  return { ...rest, metadata };
}

/**
 * The inputs as the cluster has them now: every stated field with its live value (absent where it is gone),
 * nothing that the server or others added.
 */
export function refreshedInputs(type: ResourceType, inputs: JsonObject, live: JsonObject): JsonObject {
  const refresh = (stated: Json, actual: Json, path: FieldPath): Json => {
    if (isObject(stated) && isObject(actual)) {
      const result: JsonObject = {};
      for (const [name, value] of Object.entries(stated)) {
        const now = actual[name];
        // An empty map or list and an absent one are the same to the server.
        if (now !== undefined) result[name] = refresh(value, now, [...path, name]);
        else if (isEmpty(value) || value === null || name.startsWith("__")) result[name] = value;
      }
      return result;
    }
    if (Array.isArray(stated) && Array.isArray(actual)) return refreshList(stated, actual, path);
    if (quantityParents.has(path.at(-2) ?? "") || path.at(-1) === "storage")
      return quantity(stated) === quantity(actual) ? stated : actual;
    return actual;
  };
  const refreshList = (stated: Json[], actual: Json[], path: FieldPath): Json => {
    const topology = topologyOf(type, path, stated);
    if (topology.type === "map") {
      const now = new Map(actual.map((item) => [itemKey(topology, item), item]));
      return stated.flatMap((item) => {
        const found = now.get(itemKey(topology, item));
        return found === undefined ? [] : [refresh(item, found, path)];
      });
    }
    return stated.length === actual.length
      ? stated.map((item, index) => refresh(item, actual[index] ?? null, path))
      : actual;
  };
  const { stringData, ...rest } = inputs;
  const result = refresh(rest, live, []) as JsonObject;
  if (isObject(stringData)) result.stringData = refreshedText(stringData, objectAt(live, "data"));
  return result;
}

const isEmpty = (value: Json): boolean =>
  (Array.isArray(value) && value.length === 0) || (isObject(value) && Object.values(value).every(isEmpty));

function refreshedText(stringData: JsonObject, data: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.keys(stringData)
      .filter((name) => data[name] !== undefined)
      .map((name) => [name, Buffer.from(asText(data[name]), "base64").toString("utf8")]),
  );
}

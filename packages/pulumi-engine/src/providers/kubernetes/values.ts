import { isObject, type Json, type JsonObject } from "@standin/kubernetes-api/wire/json";
import { UNKNOWN, type Properties, type Value } from "../../provider";

const isMap = (value: Value): value is { readonly [key: string]: Value } =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export function hasUnknown(value: Value | undefined): boolean {
  if (value === undefined) return false;
  if (value === UNKNOWN) return true;
  if (Array.isArray(value)) return value.some((item: Value) => hasUnknown(item));
  return isMap(value) && Object.values(value).some(hasUnknown);
}

/** The value as JSON; unknowns become `placeholder`. */
export function toJson(value: Value, placeholder: Json = null): Json {
  if (typeof value === "symbol") return structuredClone(placeholder);
  if (Array.isArray(value)) return value.map((item: Value) => toJson(item, placeholder));
  if (isMap(value))
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toJson(item, placeholder)]));
  return value as Json;
}

export function toJsonObject(properties: Properties): JsonObject {
  const value = toJson(properties);
  return isObject(value) ? value : {};
}

/** The value at a path of names, UNKNOWN where it or a parent is unknown, undefined where it is absent. */
export function valueAt(value: Value | undefined, ...path: readonly string[]): Value | undefined {
  let current = value;
  for (const step of path) {
    if (current === UNKNOWN) return UNKNOWN;
    if (current === undefined || !isMap(current)) return undefined;
    current = current[step];
  }
  return current;
}

/** The map at a path; empty where there is none or it is unknown. */
export function mapAt(value: Value | undefined, ...path: readonly string[]): Properties {
  const found = valueAt(value, ...path);
  return found !== undefined && isMap(found) ? found : {};
}

/** Paths (spec.containers[0].image) of everything unknown. */
export function unknownPaths(value: Value, path = ""): string[] {
  if (value === UNKNOWN) return [path];
  if (Array.isArray(value)) return value.flatMap((item: Value, index) => unknownPaths(item, `${path}[${index}]`));
  if (!isMap(value)) return [];
  return Object.entries(value).flatMap(([key, item]) => unknownPaths(item, path === "" ? key : `${path}.${key}`));
}

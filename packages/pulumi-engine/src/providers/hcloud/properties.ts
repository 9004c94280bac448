import { UNKNOWN, type CheckFailure, type Properties, type Value } from "../../provider";

/** The shape of a property, as the real provider's schema has it. */
export type Shape =
  | "string"
  | "integer"
  | "boolean"
  | { readonly map: "string" }
  | { readonly list: Shape }
  /** A list whose order means nothing. */
  | { readonly set: Shape }
  | { readonly object: PropertyTable };

export interface Property {
  readonly shape: Shape;
  readonly required?: boolean;
  /** A change replaces the resource. */
  readonly replace?: boolean;
  readonly oneOf?: readonly string[];
  /** For integers: smallest and largest value allowed. */
  readonly between?: readonly [number, number];
  /**
   * Filled in when absent, as the real provider's check does: it does so with everything but false, 0 and ""
   * (pulumi/pulumi-terraform-bridge#2618), which therefore are no defaults here.
   */
  readonly default?: Value;
}

export type PropertyTable = Readonly<Record<string, Property>>;

/**
 * A checked property as part of an id, a path or a message.
 * @throws Error for what is not a string, number or boolean: better than a request for "undefined".
 */
export function scalar(value: Value | undefined): string {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return String(value);
  throw new Error(`a string or number is needed here, found ${value === undefined ? "nothing" : nameOf(value)}`);
}

/** Shorthands for tables. */
export const text = (more: Omit<Property, "shape"> = {}): Property => ({ shape: "string", ...more });
export const integer = (more: Omit<Property, "shape"> = {}): Property => ({ shape: "integer", ...more });
export const flag = (more: Omit<Property, "shape"> = {}): Property => ({ shape: "boolean", ...more });
export const strings: Shape = { set: "string" };
export const integers: Shape = { set: "integer" };
export const labels: Property = { shape: { map: "string" } };
export const required = { required: true } as const;
export const fixed = { replace: true } as const;

interface Checked {
  readonly value: Value;
  readonly failures: readonly CheckFailure[];
}

const good = (value: Value): Checked => ({ value, failures: [] });
const bad = (property: string, reason: string): Checked => ({ value: null, failures: [{ property, reason }] });

/** What a mistyped value is called in messages; never the value itself, it may be a secret. */
function nameOf(value: Value): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "a map" : `a ${typeof value}`;
}

function checkInteger(value: Value, path: string, { between }: Property): Checked {
  // Ids are strings as outputs and numbers as inputs; the real provider converts them as well.
  const number = typeof value === "string" && /^-?\d+$/.test(value) ? Number(value) : value;
  if (typeof number !== "number" || !Number.isInteger(number))
    return bad(path, `must be a whole number, found ${nameOf(value)}`);
  if (between !== undefined && (number < between[0] || number > between[1]))
    return bad(path, `must be ${between[0]} to ${between[1]}, found ${number}`);
  return good(number);
}

function checkValue(value: Value, path: string, property: Property): Checked {
  const { shape } = property;
  if (value === UNKNOWN) return good(value);
  if (shape === "integer") return checkInteger(value, path, property);
  if (shape === "boolean") {
    if (value === "true" || value === "false") return good(value === "true");
    return typeof value === "boolean" ? good(value) : bad(path, `must be true or false, found ${nameOf(value)}`);
  }
  if (shape === "string") {
    const string = typeof value === "number" ? String(value) : value;
    if (typeof string !== "string") return bad(path, `must be a string, found ${nameOf(value)}`);
    if (property.oneOf !== undefined && !property.oneOf.includes(string))
      return bad(path, `must be one of ${property.oneOf.join(", ")}, found "${string}"`);
    return good(string);
  }
  if ("object" in shape || "map" in shape) {
    if (typeof value !== "object" || value === null || Array.isArray(value))
      return bad(path, `must be a map, found ${nameOf(value)}`);
    return "object" in shape
      ? checkTable(value as Properties, shape.object, `${path}.`)
      : checkMap(value as Properties, path);
  }
  if (!Array.isArray(value)) return bad(path, `must be a list, found ${nameOf(value)}`);
  const item: Property = { shape: "list" in shape ? shape.list : shape.set };
  const checked = (value as readonly Value[]).map((one, index) => checkValue(one, `${path}[${index}]`, item));
  return { value: checked.map((one) => one.value), failures: checked.flatMap((one) => one.failures) };
}

function checkMap(value: Properties, path: string): Checked {
  const entries = Object.entries(value).map(
    ([key, one]) => [key, checkValue(one, `${path}["${key}"]`, { shape: "string" })] as const,
  );
  return {
    value: Object.fromEntries(entries.map(([key, one]) => [key, one.value])),
    failures: entries.flatMap(([, one]) => one.failures),
  };
}

/**
 * Checks inputs against a table: every unknown, missing and mistyped property, all at once; fills in defaults.
 * @param prefix put before every property's name, for nested tables.
 */
export function checkTable(
  inputs: Properties,
  table: PropertyTable,
  prefix = "",
): { value: Properties; failures: CheckFailure[] } {
  const failures: CheckFailure[] = [];
  const value: Record<string, Value> = {};
  for (const key of Object.keys(inputs)) {
    if (!Object.hasOwn(table, key))
      failures.push({
        property: `${prefix}${key}`,
        reason: `is no property here; there are ${Object.keys(table).sort().join(", ")}`,
      });
  }
  for (const [key, property] of Object.entries(table)) {
    const given = inputs[key] ?? property.default;
    if (given === undefined || given === null) {
      if (property.required === true) failures.push({ property: `${prefix}${key}`, reason: "is required and missing" });
      continue;
    }
    const checked = checkValue(given, `${prefix}${key}`, property);
    failures.push(...checked.failures);
    value[key] = checked.value;
  }
  return { value, failures };
}

/** A value with every set sorted, so that two can be compared as text. */
function canonical(value: Value | undefined, shape: Shape): unknown {
  if (value === undefined || value === null || typeof value !== "object") return value;
  if (typeof shape === "string" || "map" in shape)
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  if ("object" in shape) {
    return Object.keys(shape.object)
      .sort()
      .map((key) => canonical((value as Properties)[key], shape.object[key]?.shape ?? "string"));
  }
  const items = (value as readonly Value[]).map((item) =>
    JSON.stringify(canonical(item, "list" in shape ? shape.list : shape.set)),
  );
  return "set" in shape ? items.sort() : items;
}

/** Equal but for the order inside sets. Unknown values equal nothing. */
export function sameValue(a: Value | undefined, b: Value | undefined, shape: Shape): boolean {
  const hasUnknown = (value: Value | undefined): boolean =>
    value === UNKNOWN ||
    (typeof value === "object" && value !== null && Object.values(value).some((one: Value) => hasUnknown(one)));
  if (hasUnknown(a) || hasUnknown(b)) return false;
  return JSON.stringify(canonical(a, shape)) === JSON.stringify(canonical(b, shape));
}

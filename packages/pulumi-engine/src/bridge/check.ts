import { UNKNOWN, type CheckFailure, type Properties, type Value } from "../provider";
import { isAbsent, type Property, type Table } from "./property";

interface Checked {
  readonly value: Value;
  readonly failures: readonly CheckFailure[];
}

const good = (value: Value): Checked => ({ value, failures: [] });
const bad = (property: string, reason: string): Checked => ({ value: null, failures: [{ property, reason }] });

/** What a mistyped value is called in messages; never the value itself, it may be a secret. */
export function nameOf(value: Value): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "a map" : `a ${typeof value}`;
}

function checkNumber(value: Value, path: string, { shape, between }: Property): Checked {
  // Ids are strings as outputs and numbers as inputs; the real providers convert them as well.
  const number = typeof value === "string" && /^-?\d+$/.test(value) ? Number(value) : value;
  if (typeof number !== "number" || (shape === "integer" && !Number.isInteger(number)))
    return bad(path, `must be a ${shape === "integer" ? "whole " : ""}number, found ${nameOf(value)}`);
  if (between !== undefined && (number < between[0] || number > between[1]))
    return bad(path, `must be ${between[0]} to ${between[1]}, found ${number}`);
  return good(number);
}

function checkScalar(value: Value, path: string, property: Property): Checked {
  if (property.shape === "boolean") {
    if (value === "true" || value === "false") return good(value === "true");
    return typeof value === "boolean" ? good(value) : bad(path, `must be true or false, found ${nameOf(value)}`);
  }
  if (property.shape !== "string") return checkNumber(value, path, property);
  const string = typeof value === "number" ? String(value) : value;
  if (typeof string !== "string") return bad(path, `must be a string, found ${nameOf(value)}`);
  if (property.oneOf !== undefined && !property.oneOf.includes(string))
    return bad(path, `must be one of ${property.oneOf.join(", ")}, found "${string}"`);
  return good(string);
}

function checkValue(value: Value, path: string, property: Property): Checked {
  const { shape } = property;
  if (value === UNKNOWN) return good(value);
  if (typeof shape === "string") return checkScalar(value, path, property);
  const inner = (one: Value, at: string, of: Property["shape"]): Checked =>
    checkValue(one, at, { ...property, shape: of });
  if ("list" in shape) {
    if (!Array.isArray(value)) return bad(path, `must be a list, found ${nameOf(value)}`);
    const items = (value as readonly Value[]).map((one, index) => inner(one, `${path}[${index}]`, shape.list));
    return { value: items.map((one) => one.value), failures: items.flatMap((one) => one.failures) };
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return bad(path, `must be a map, found ${nameOf(value)}`);
  if ("object" in shape) return checkTable(value as Properties, shape.object, `${path}.`);
  const entries = Object.entries(value as Properties).map(
    ([key, one]) => [key, inner(one, `${path}["${key}"]`, shape.map)] as const,
  );
  return {
    value: Object.fromEntries(entries.map(([key, one]) => [key, one.value])),
    failures: entries.flatMap(([, one]) => one.failures),
  };
}

/**
 * Checks inputs against a table: every unknown, missing and mistyped property, all at once.
 * @param prefix put before every property's name, for nested tables.
 */
export function checkTable(
  inputs: Properties,
  table: Table,
  prefix = "",
): { readonly value: Properties; readonly failures: readonly CheckFailure[] } {
  const failures: CheckFailure[] = [];
  const value: Record<string, Value> = {};
  const names = Object.keys(table).filter((key) => table[key]?.output === false);
  for (const key of Object.keys(inputs).filter((one) => !names.includes(one)))
    failures.push({
      property: `${prefix}${key}`,
      reason: `is no property here; there are ${[...names].sort().join(", ")}`,
    });
  for (const key of names) {
    const property = table[key] as Property;
    // False, 0 and "" are not written into the inputs, though they are the defaults (pulumi-terraform-bridge#2618).
    const given = inputs[key] ?? (prefix !== "" && property.default !== false ? property.default : undefined);
    if (isAbsent(given)) {
      if (property.required) failures.push({ property: `${prefix}${key}`, reason: "is required and missing" });
      continue;
    }
    const checked = checkValue(given, `${prefix}${key}`, property);
    failures.push(...checked.failures);
    value[key] = checked.value;
  }
  return { value, failures };
}

/**
 * A checked property as part of an id, a path or a message.
 * @throws Error for what is not a string, number or boolean: better than a request for "undefined".
 */
export function scalar(value: Value | undefined): string {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return String(value);
  throw new Error(`a string or number is needed here, found ${value === undefined ? "nothing" : nameOf(value)}`);
}

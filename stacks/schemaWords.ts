import type { z } from "zod";

// What a schema allows, in words and by example: for mistakes, for docs/environment.md, and to go on after a mistake.

export type JsonSchema = z.core.JSONSchema.BaseSchema;
export type Path = readonly PropertyKey[];

/** "hosts[3].address" */
export function pathText(path: Path): string {
  return path.reduce<string>(
    (text, key) => (typeof key === "number" ? `${text}[${key}]` : text === "" ? String(key) : `${text}.${String(key)}`),
    "",
  );
}

/** The schemas that a value may follow: of a union those that its own discriminators fit, or all where none does. */
export function alternatives(schema: JsonSchema, value?: unknown): readonly JsonSchema[] {
  const branches = (schema.oneOf ?? schema.anyOf ?? []).filter(isSchema);
  if (branches.length === 0) return [schema];
  const fitting = branches.filter((branch) => fits(branch, value));
  return (fitting.length === 0 ? branches : fitting).flatMap((branch) => alternatives(branch, value));
}

/** The schemas of one key of an object, or of the items of a list. */
export function below(schema: JsonSchema, key: PropertyKey): readonly JsonSchema[] {
  const found =
    schema.properties?.[String(key)] ?? (typeof key === "number" ? schema.items : schema.additionalProperties);
  return isSchema(found) ? [found] : [];
}

/** The schemas at a path of a value; none where no schema knows the path. */
export function schemasAt(root: JsonSchema, path: Path, value: unknown): readonly JsonSchema[] {
  const [key, ...rest] = path;
  if (key === undefined) return alternatives(root, value);
  const inner = valueAt(value, [key]);
  return alternatives(root, value)
    .flatMap((schema) => below(schema, key))
    .flatMap((schema) => schemasAt(schema, rest, inner));
}

export function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (inner, key) => (isRecord(inner) ? (inner as Readonly<Record<PropertyKey, unknown>>)[key] : undefined),
    value,
  );
}

/** What is allowed: 'one of "fsn1", "nbg1"', "a whole number from 30 to 300". */
export function inWords(schemas: readonly JsonSchema[]): string {
  const constants = schemas.flatMap(({ const: only, enum: some = [] }) => (only === undefined ? some : [only]));
  const [first] = constants;
  const listed = constants.map((one) => JSON.stringify(one)).join(", ");
  const others = schemas.filter((one) => one.const === undefined && one.enum === undefined).map(words);
  const all = [...(first === undefined ? [] : [constants.length === 1 ? listed : `one of ${listed}`]), ...others];
  return [...new Set(all)].join(", or ");
}

function words(schema: JsonSchema): string {
  const { type, description, examples = [], minItems, minLength, properties, required = [] } = schema;
  const sample = examples.length === 0 ? "" : `, such as ${JSON.stringify(examples[0])}`;
  if (description !== undefined) return `${description}${sample}`;
  switch (type) {
    case "integer":
      return `a whole number ${range(schema)}`;
    case "number":
      return `a number ${range(schema)}`;
    case "boolean":
      return "true or false";
    case "array":
      return minItems === undefined ? "a list" : `a list of ${minItems} or more`;
    case "string":
      return minLength === undefined ? "a text" : "a text that is not empty";
    case "object":
      return properties === undefined ? "keys and their values" : `an object with ${required.join(", ")}`;
    default:
      return "a value";
  }
}

function range({ minimum, maximum }: JsonSchema): string {
  const most = maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER ? "" : ` to ${maximum}`;
  return `from ${minimum}${most}`;
}

/** A value that a schema allows, as small as can be. */
export function exampleOf(schema: JsonSchema): unknown {
  const [first = schema] = alternatives(schema);
  const { type, examples, enum: some, const: only, minimum, minItems = 0, required = [] } = first;
  if (examples?.[0] !== undefined) return examples[0];
  if (only !== undefined) return only;
  if (some?.[0] !== undefined) return some[0];
  switch (type) {
    case "integer":
    case "number":
      return minimum ?? 0;
    case "boolean":
      return false;
    case "array":
      return Array.from({ length: minItems }, () => below(first, 0).map(exampleOf)[0]);
    case "object":
      return Object.fromEntries(required.map((key) => [key, below(first, key).map(exampleOf)[0]]));
    default:
      return "x";
  }
}

/** Has a value the constants of a union's branch, or at least its kind? */
function fits({ type, properties = {}, const: only, enum: some }: JsonSchema, value: unknown): boolean {
  if (type !== "object") return only === undefined ? (some?.includes(value as string) ?? false) : only === value;
  return (
    isRecord(value) &&
    Object.entries(properties).every(
      ([key, one]) => !isSchema(one) || one.const === undefined || one.const === value[key],
    )
  );
}

function isSchema(value: unknown): value is JsonSchema {
  return isRecord(value);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

import type { ContractFile, ContractOperation, Json, Schema } from "./contractFile";

type Operations = ContractFile["operations"];

/** Shorter shapes are written out wherever they are. */
const SHORTEST_SHARED = 60;

/**
 * Puts each shape that is met in more than one place into `$defs`, under the name of the field where it is met first.
 * What is only ever met inside one other shape stays there.
 */
export function shareShapes(operations: Operations): Pick<ContractFile, "operations" | "$defs"> {
  const places = placesOf(operations);
  const names = new Map<string, string>();
  const defs: Record<string, Schema> = {};
  const share = (schema: Schema, name: string): Schema => {
    const text = JSON.stringify(schema);
    const shorter = mapParts(schema, name, share);
    if (text.length < SHORTEST_SHARED || (places.get(text)?.size ?? 0) < 2) return shorter;
    let known = names.get(text);
    if (known === undefined) {
      names.set(text, (known = freeName(name, defs)));
      defs[known] = shorter;
    }
    return { $ref: `#/$defs/${known}` };
  };
  return { operations: mapSchemas(operations, share), $defs: defs };
}

/** Where each shape is met: in which shapes, and in which bodies of operations. */
function placesOf(operations: Operations): ReadonlyMap<string, ReadonlySet<string>> {
  const places = new Map<string, Set<string>>();
  const walk = (schema: Schema, name: string, place: string): Schema => {
    const text = JSON.stringify(schema);
    places.set(text, (places.get(text) ?? new Set()).add(place));
    return mapParts(schema, name, (part, called) => walk(part, called, `${called} of ${text}`));
  };
  mapSchemas(operations, walk);
  return places;
}

/** Changes every schema of every operation; `change` is told what it may be called, and where it is. */
function mapSchemas(
  operations: Operations,
  change: (schema: Schema, name: string, place: string) => Schema,
): Operations {
  return mapValues(operations, (operation, title): ContractOperation => {
    const name = nameOf(title);
    return {
      ...(operation.query === undefined ? {} : { query: change(operation.query, `${name}_query`, `${title} query`) }),
      ...(operation.body === undefined ? {} : { body: change(operation.body, `${name}_body`, `${title} body`) }),
      responses: mapValues(operation.responses, (schema, status) =>
        schema === "empty" ? schema : change(schema, status.endsWith("xx") ? "failure" : name, `${title} ${status}`),
      ),
    };
  });
}

/** Changes the schemas directly within one; `change` is told what they are called there. */
function mapParts(schema: Schema, name: string, change: (part: Schema, name: string) => Schema): Schema {
  return mapValues(schema, (value, keyword): Json => {
    if (keyword === "properties") return mapValues(value as Readonly<Record<string, Schema>>, change);
    if (keyword === "items") return change(value as Schema, name.replace(/(?<![su])s$/, ""));
    if (keyword === "additionalProperties" && typeof value === "object") return change(value as Schema, name);
    if (keyword === "allOf" || keyword === "oneOf" || keyword === "anyOf")
      return (value as readonly Schema[]).map((part) => change(part, name));
    return value;
  });
}

/** "POST /servers/{id}/actions/reset" -> "servers_reset". */
function nameOf(operation: string): string {
  const parts = (operation.split(" ")[1] ?? "").split("/");
  return parts.filter((part) => part !== "" && !part.startsWith("{")).join("_");
}

function freeName(name: string, taken: object): string {
  for (let n = 1; ; n++) {
    const candidate = n === 1 ? name : `${name}_${n}`;
    if (!(candidate in taken)) return candidate;
  }
}

const mapValues = <A, B>(
  record: Readonly<Record<string, A>>,
  change: (value: A, key: string) => B,
): Record<string, B> => Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value, key)]));

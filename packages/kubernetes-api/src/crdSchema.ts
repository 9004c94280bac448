import Ajv, { type ValidateFunction } from "ajv";
import addFormats from "ajv-formats";
import { at, isObject, listAt, objectAt, textAt, type Json, type JsonObject } from "./wire/json";
import type { ResourceType } from "./wire/resourceType";
import { causeOf, type SchemaFindings } from "./wire/schemaValidator";

const ajv = new Ajv({ allErrors: true, strict: false, logger: false });
addFormats(ajv);
for (const format of ["int-or-string", "quantity", "int32", "int64", "byte", "date-time"]) ajv.addFormat(format, true);

const compiled = new WeakMap<JsonObject, ValidateFunction>();

/** OpenAPI's own words that plain JSON Schema does not know: nullable and int-or-string. */
function toJsonSchema(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(toJsonSchema);
  if (!isObject(schema)) return schema;
  const copy: JsonObject = {};
  for (const [name, value] of Object.entries(schema)) {
    if (name === "properties" && isObject(value))
      copy[name] = Object.fromEntries(Object.entries(value).map(([key, child]) => [key, toJsonSchema(child)]));
    else copy[name] = name === "default" || name === "enum" || name === "example" ? value : toJsonSchema(value);
  }
  if (schema["x-kubernetes-int-or-string"] === true) copy.type = ["integer", "string"];
  if (schema.nullable === true && typeof copy.type === "string") copy.type = [copy.type, "null"];
  delete copy.nullable;
  return copy;
}

function validatorOf(schema: JsonObject): ValidateFunction {
  const known = compiled.get(schema);
  if (known !== undefined) return known;
  const made = ajv.compile(toJsonSchema(schema) as JsonObject);
  compiled.set(schema, made);
  return made;
}

/** Validates a custom resource against its CRD's openAPIV3Schema (CEL rules are not evaluated). */
export function validateCustom(schema: JsonObject, object: JsonObject): SchemaFindings {
  const validate = validatorOf(schema);
  // metadata is the API server's own business.
  const { metadata: _, ...rest } = object;
  validate({ ...rest, metadata: {} });
  return { causes: (validate.errors ?? []).map(causeOf), unknown: unknownIn(schema, rest, "") };
}

function unknownIn(schema: Json | undefined, value: Json | undefined, path: string): string[] {
  if (Array.isArray(value))
    return value.flatMap((item, index) => unknownIn(at(schema, "items"), item, `${path}[${index}]`));
  if (!isObject(value) || at(schema, "x-kubernetes-preserve-unknown-fields") === true) return [];
  const additional = at(schema, "additionalProperties");
  const properties = objectAt(schema, "properties");
  const isFree = additional === true || (at(schema, "type") === undefined && Object.keys(properties).length === 0);
  return Object.entries(value).flatMap(([name, child]) => {
    const here = path === "" ? name : `${path}.${name}`;
    if (path === "" && (name === "apiVersion" || name === "kind")) return [];
    const known = properties[name] ?? (isObject(additional) ? additional : undefined);
    if (known === undefined) return isFree ? [] : [here];
    return unknownIn(known, child, here);
  });
}

/** Fills the defaults that the CRD's schema states. Changes the object. */
export function applyCrdDefaults(schema: Json | undefined, value: Json | undefined): void {
  if (Array.isArray(value)) for (const item of value) applyCrdDefaults(at(schema, "items"), item);
  if (!isObject(value)) return;
  for (const [name, child] of Object.entries(objectAt(schema, "properties"))) {
    const initial = at(child, "default");
    if (value[name] === undefined && initial !== undefined) value[name] = structuredClone(initial);
    applyCrdDefaults(child, value[name]);
  }
}

/** The kinds that a CustomResourceDefinition serves. */
export function typesOfCrd(crd: JsonObject): ResourceType[] {
  const spec = objectAt(crd, "spec");
  return listAt(spec, "versions")
    .filter((version) => at(version, "served") === true)
    .map((version) => ({
      group: textAt(spec, "group") ?? "",
      version: textAt(version, "name") ?? "",
      kind: textAt(spec, "names", "kind") ?? "",
      plural: textAt(spec, "names", "plural") ?? "",
      namespaced: spec.scope === "Namespaced",
      schema: { source: "crd", schema: objectAt(version, "schema", "openAPIV3Schema") },
    }));
}

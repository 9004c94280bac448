import type { SchemaValidator } from "@standin/kubernetes-api/wire/schemaValidator";
import type { CheckFailure, Properties } from "../../provider";
import { builtinType } from "./objectPaths";
import type { KindToken } from "./typeToken";
import { toJsonObject, unknownPaths } from "./values";

const isWithin = (field: string, path: string): boolean =>
  field === path || field.startsWith(`${path}.`) || field.startsWith(`${path}[`);

/**
 * Checks an object of a built-in kind against its schema, without a cluster: the preview that plans the
 * cluster itself finds wrong fields, too. What is unknown counts as right.
 */
export async function schemaFailures(
  validator: SchemaValidator,
  token: KindToken,
  inputs: Properties,
): Promise<CheckFailure[]> {
  const type = builtinType(token);
  if (type?.schema.source !== "builtin") return [];
  const object = toJsonObject(inputs);
  for (const name of Object.keys(object)) if (name.startsWith("__")) delete object[name];
  const { causes, unknown } = await validator.validate(type.schema.model, object);
  const open = unknownPaths(inputs);
  return [
    ...causes
      .filter(({ field }) => !open.some((path) => isWithin(field, path)))
      .map(({ field, message }) => ({ property: field, reason: message })),
    ...unknown.map((field) => ({
      property: field,
      reason: `unknown field: ${token.apiVersion} ${token.kind} has no such field`,
    })),
  ];
}

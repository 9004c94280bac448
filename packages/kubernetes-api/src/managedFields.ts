import { ApiError, type Cause } from "./wire/apiError";
import { fieldSetOf, fromFieldsV1, readable, separator, toFieldsV1, type FieldSet } from "./fieldSet";
import { mergeApplied, removeFields, valueAt } from "./fieldValues";
import { equal, isObject, listAt, objectAt, textAt, type Json, type JsonObject } from "./wire/json";
import { apiVersionOf, type ResourceType } from "./wire/resourceType";

interface Owner {
  readonly manager: string;
  readonly operation: "Apply" | "Update";
  readonly fields: FieldSet;
  readonly time: string;
}

function readOwners(object: JsonObject): Owner[] {
  return listAt(object, "metadata", "managedFields").map((entry) => ({
    manager: textAt(entry, "manager") ?? "unknown",
    operation: textAt(entry, "operation") === "Apply" ? "Apply" : "Update",
    fields: fromFieldsV1(objectAt(entry, "fieldsV1")),
    time: textAt(entry, "time") ?? "",
  }));
}

function withOwners(type: ResourceType, object: JsonObject, owners: readonly Owner[]): JsonObject {
  const managedFields = owners
    .filter(({ fields }) => fields.size > 0)
    .map(({ manager, operation, fields, time }): Json => {
      const fieldsV1 = toFieldsV1(fields);
      return { manager, operation, apiVersion: apiVersionOf(type), time, fieldsType: "FieldsV1", fieldsV1 };
    });
  return { ...object, metadata: { ...objectAt(object, "metadata"), managedFields } };
}

const now = (): string => new Date().toISOString().replace(/\.\d+Z$/, "Z");

function conflictError(
  kind: string,
  conflicts: readonly { readonly manager: string; readonly field: string }[],
): ApiError {
  const causes = conflicts.map(({ manager, field }): Cause => ({
    reason: "FieldManagerConflict",
    message: `conflict with "${manager}"`,
    field: readable(field),
  }));
  const list = causes.map(({ message, field }) => `${message}: ${field}`).join("\n");
  const count = causes.length === 1 ? "1 conflict" : `${causes.length} conflicts`;
  return new ApiError(409, "Conflict", `Apply failed with ${count}: ${list}`, { kind, causes });
}

/**
 * Server-side apply: states the fields a manager wants, gives up those it stated before and no longer does.
 * @param live undefined when the object does not exist yet.
 * @throws ApiError 409 when another manager holds a field with another value, unless `force`.
 */
export function applyConfiguration(
  type: ResourceType,
  live: JsonObject | undefined,
  config: JsonObject,
  manager: string,
  force: boolean,
): JsonObject {
  const { managedFields: _, ...metadata } = objectAt(config, "metadata");
  const { status: _status, ...stated } = config;
  const wanted: JsonObject = { ...stated, metadata };
  const base = live ?? { apiVersion: apiVersionOf(type), kind: type.kind, metadata: {} };
  const owners = readOwners(base);
  const fields = fieldSetOf(type, wanted);
  const isMine = (owner: Owner): boolean => owner.manager === manager && owner.operation === "Apply";
  const others = owners.filter((owner) => !isMine(owner));

  const differs = (path: string): boolean =>
    !path.endsWith(`${separator}.`) && !equal(valueAt(type, base, path), valueAt(type, wanted, path));
  const conflicts = others.flatMap(({ manager: other, fields: theirs }) =>
    [...theirs].filter((path) => fields.has(path) && differs(path)).map((field) => ({ manager: other, field })),
  );
  if (conflicts.length > 0 && !force) throw conflictError(type.kind, conflicts);
  const taken = new Set(conflicts.map(({ field }) => field));
  const kept = others.map((owner) => ({
    ...owner,
    fields: new Set([...owner.fields].filter((path) => !taken.has(path))),
  }));

  const mine = owners.find(isMine);
  const gone = new Set([...(mine?.fields ?? [])].filter((path) => !fields.has(path)));
  const held = new Set([...fields, ...kept.flatMap((owner) => [...owner.fields])]);
  const merged = removeFields(type, mergeApplied(type, base, wanted), gone, held);
  const same = mine !== undefined && equal(toFieldsV1(mine.fields), toFieldsV1(fields));
  const entry: Owner = { manager, operation: "Apply", fields, time: same ? mine.time : now() };
  return withOwners(type, merged, [...kept, entry]);
}

/** Any other write: the manager takes over exactly the fields it changed, and removed fields have no owner. */
export function recordUpdate(
  type: ResourceType,
  live: JsonObject | undefined,
  next: JsonObject,
  manager: string,
): JsonObject {
  const after = fieldSetOf(type, next);
  const owners = readOwners(live ?? {});
  const changed = new Set(
    [...after].filter((path) => live === undefined || !equal(valueAt(type, live, path), valueAt(type, next, path))),
  );
  const kept = owners.map((owner) => ({
    ...owner,
    fields: new Set([...owner.fields].filter((path) => after.has(path) && !changed.has(path))),
  }));
  const isMine = (owner: Owner): boolean => owner.manager === manager && owner.operation === "Update";
  const before = kept.find(isMine);
  if (changed.size === 0) return withOwners(type, next, kept);
  const entry: Owner = {
    manager,
    operation: "Update",
    fields: new Set([...(before?.fields ?? []), ...changed]),
    time: now(),
  };
  return withOwners(type, next, [...kept.filter((owner) => !isMine(owner)), entry]);
}

/** The object without what says who owns it and which version it is: two of these equal = nothing changed. */
export function withoutBookkeeping(object: JsonObject): JsonObject {
  const {
    managedFields: _m,
    resourceVersion: _r,
    generation: _g,
    ...metadata
  } = isObject(object.metadata) ? object.metadata : {};
  return { ...object, metadata };
}

import type { Json, JsonObject } from "./json";

/** One wrong field, as a Status object's details.causes carries it. */
export interface Cause {
  /** e.g. FieldValueRequired, FieldValueInvalid, FieldManagerConflict. */
  readonly reason: string;
  readonly message: string;
  /** Path such as "spec.template.spec.containers[0].name". */
  readonly field: string;
}

/** An error that the API answers with: serialised as a Kubernetes Status object. */
export class ApiError extends Error {
  constructor(
    readonly code: number,
    readonly reason: string,
    message: string,
    readonly details: { readonly name?: string; readonly kind?: string; readonly causes?: readonly Cause[] } = {},
  ) {
    super(message);
    this.name = "ApiError";
  }

  toStatus(): JsonObject {
    const details: JsonObject = {};
    if (this.details.name !== undefined) details.name = this.details.name;
    if (this.details.kind !== undefined) details.kind = this.details.kind;
    if (this.details.causes !== undefined) details.causes = this.details.causes.map((cause): Json => ({ ...cause }));
    return {
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message: this.message,
      reason: this.reason,
      details,
      code: this.code,
    };
  }
}

const resourceName = (plural: string, group: string): string => (group === "" ? plural : `${plural}.${group}`);

export function notFound(plural: string, group: string, name: string): ApiError {
  return new ApiError(404, "NotFound", `${resourceName(plural, group)} "${name}" not found`, { name, kind: plural });
}

export function alreadyExists(plural: string, group: string, name: string): ApiError {
  const message = `${resourceName(plural, group)} "${name}" already exists`;
  return new ApiError(409, "AlreadyExists", message, { name, kind: plural });
}

export function badRequest(message: string): ApiError {
  return new ApiError(400, "BadRequest", message);
}

export function forbidden(message: string): ApiError {
  return new ApiError(403, "Forbidden", message);
}

/** 422 with every wrong field at once. */
export function invalid(kind: string, group: string, name: string, causes: readonly Cause[]): ApiError {
  const list = causes.map(({ field, message }) => `${field}: ${message}`).join(", ");
  const message = `${resourceName(kind, group)} "${name}" is invalid: ${causes.length > 1 ? `[${list}]` : list}`;
  return new ApiError(422, "Invalid", message, { name, kind, causes });
}

export const wrong = (field: string, message: string): Cause => ({ reason: "FieldValueInvalid", field, message });

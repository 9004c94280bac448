/** One rejected request field, as `details.fields` of invalid_input lists them. */
export interface InvalidField {
  readonly name: string;
  readonly messages: readonly string[];
}

/** An answer of the API that is not a success; status codes as in facts of the official description. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly details: Readonly<Record<string, unknown>> | null = null,
  ) {
    super(message);
    this.name = "ApiError";
  }
}

/** 422. The real Terraform provider panics on an invalid_input without details.fields, hence the mandatory list. */
export function invalidInput(fields: readonly InvalidField[]): ApiError {
  const list = fields.map((field) => `'${field.name}': ${field.messages.join(", ")}`).join("; ");
  return new ApiError(422, "invalid_input", `invalid input in field ${list}`, { fields });
}

export function invalidField(name: string, ...messages: string[]): ApiError {
  return invalidInput([{ name, messages }]);
}

export function notFound(what: string, id: string | number): ApiError {
  return new ApiError(404, "not_found", `${what} with ID '${String(id)}' not found`);
}

/** Name (or other key) taken by another resource of the same kind. */
export function notUnique(field: string, value: string): ApiError {
  return new ApiError(409, "uniqueness_error", `${field} '${value}' is already used`, {
    fields: [{ name: field, messages: ["must be unique"] }],
  });
}

export function locked(what: string): ApiError {
  return new ApiError(423, "locked", `${what} is locked by a running action`);
}

export function conflict(what: string): ApiError {
  return new ApiError(409, "conflict", `${what} was changed by another request, please retry`);
}

export function isProtected(what: string, operation: "delete" | "rebuild" | "change"): ApiError {
  return new ApiError(423, "protected", `${what} is protected against ${operation}`);
}

export function limitExceeded(what: string, limit: number): ApiError {
  return new ApiError(403, "resource_limit_exceeded", `${what} limit exceeded (${limit})`, {
    limits: [{ name: what, value: limit }],
  });
}

/** 422 with an operation's own code, e.g. ip_not_available. */
export function refused(code: string, message: string): ApiError {
  return new ApiError(422, code, message);
}

import { z } from "zod";
import { invalidInput, type InvalidField } from "../http/apiError";
import { labelMistakes } from "./labels";

/** Checks a request body; every mistake at once, in the form of invalid_input. */
export function parseBody<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body ?? {});
  if (result.success) return result.data;
  const fields = new Map<string, string[]>();
  for (const issue of result.error.issues) {
    const name = issue.path.length === 0 ? "body" : issue.path.map(String).join(".");
    fields.set(name, [...(fields.get(name) ?? []), issue.message]);
  }
  throw invalidInput([...fields].map(([name, messages]): InvalidField => ({ name, messages })));
}

/** Id of a resource. */
export const id = z.int().positive();

export const labels = z.record(z.string(), z.string()).superRefine((value, context) => {
  for (const message of labelMistakes(value)) context.addIssue({ code: "custom", message });
});

export const name = z
  .string()
  .min(1)
  .max(128)
  .regex(/^\S(.*\S)?$/, "must not be blank, nor begin or end with a space");

/** RFC 1123, as server names must be. */
export const hostname = z
  .string()
  .min(1)
  .max(253)
  .regex(
    /^[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(\.[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$/,
    "must be a valid hostname (RFC 1123)",
  );

/** `location` or `server_type`: id or name, the API takes both. */
export const idOrName = z.union([z.string().min(1), id]).transform(String);

/** Gone since July 2026; saying so beats ignoring it. */
export const noDatacenter = z.undefined("datacenter was removed from the API, use location").optional();

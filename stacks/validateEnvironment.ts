import type { Environment } from "./environment";
import { environmentRules } from "./environmentRules";
import { environmentSchema } from "./environmentSchema";
import { InputError, type Mistake } from "./mistakes";

/**
 * Checks a whole environment and returns it, or throws one InputError with every mistake: those of shape, and,
 * where the shape is right, those of meaning.
 */
export function validateEnvironment(environment: unknown, file: string): Environment {
  const parsed = environmentSchema.safeParse(environment);
  if (!parsed.success) {
    throw new InputError(
      file,
      parsed.error.issues.map((issue): Mistake => ({
        path: formatPath(issue.path),
        problem: issue.message,
        found: valueAt(environment, issue.path),
      })),
    );
  }
  const mistakes = environmentRules(parsed.data);
  if (mistakes.length > 0) throw new InputError(file, mistakes);
  return parsed.data;
}

function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, key) => (typeof key === "number" ? `${text}[${key}]` : text === "" ? String(key) : `${text}.${String(key)}`),
    "",
  );
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === "object" && inner !== null ? (inner as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  );
}

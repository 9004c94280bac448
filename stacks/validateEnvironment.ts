import type { Environment } from "./environment";
import { environmentRules } from "./environmentRules";
import { environmentSchema } from "./environmentSchema";
import { InputError, type Mistake } from "./mistakes";

const REMEDY = "correct it (stacks/environment.ts says what it is for)";
const UNKNOWN_KEY = "Unrecognized key; correct its name or remove it (stacks/environment.ts lists them all)";

/**
 * Checks a whole environment and returns it, or throws one InputError with every mistake: those of shape, and,
 * where the shape is right, those of meaning.
 */
export function validateEnvironment(environment: unknown, file: string): Environment {
  const parsed = environmentSchema.safeParse(environment);
  if (!parsed.success) {
    throw new InputError(
      file,
      parsed.error.issues.flatMap((issue) =>
        issue.code === "unrecognized_keys"
          ? issue.keys.map((key) => mistakeAt(environment, [...issue.path, key], UNKNOWN_KEY))
          : [mistakeAt(environment, issue.path, `${issue.message}; ${REMEDY}`)],
      ),
    );
  }
  const mistakes = environmentRules(parsed.data);
  if (mistakes.length > 0) throw new InputError(file, mistakes);
  return parsed.data;
}

function mistakeAt(environment: unknown, path: readonly PropertyKey[], problem: string): Mistake {
  return { path: formatPath(path), found: valueAt(environment, path), problem };
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

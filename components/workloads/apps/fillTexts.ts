import { nearestFix } from "../../nearest";
import type { Mistake } from "../../mistakes";
import { startsPlaceholder } from "../../secrets/secretRef";

/** "{{NAME}}": the value of a variable, in a text. */
const REFERENCE = /\{\{([A-Za-z_][A-Za-z0-9_]*)\}\}/g;

/** Names that a text refers to. */
export function references(text: string): readonly string[] {
  return [...text.matchAll(REFERENCE)].map(([, name = ""]) => name);
}

/** The texts with values in the place of names; a name that has no value stays. */
export function fillTexts(
  texts: Readonly<Record<string, string>>,
  values: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const fill = (text: string): string =>
    text.replaceAll(REFERENCE, (whole: string, name: string) => (Object.hasOwn(values, name) ? values[name]! : whole));
  return Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, fill(text)]));
}

/** Places of texts with a secret's placeholder, or what would become one: "env.A", "processes[0].args[1]". */
export function placeholdersIn(value: unknown, path = ""): readonly string[] {
  if (typeof value === "string") return startsPlaceholder(value) ? [path] : [];
  if (Array.isArray(value)) return value.flatMap((item, i) => placeholdersIn(item, `${path}[${i}]`));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => placeholdersIn(inner, path === "" ? key : `${path}.${key}`));
}

/** @param known the variables that may be referred to */
export function referenceMistakes(
  path: string,
  texts: Readonly<Record<string, string>>,
  known: readonly string[],
): readonly Mistake[] {
  return Object.entries(texts).flatMap(([key, text]) =>
    references(text)
      .filter((name) => !known.includes(name))
      .map((name) => ({
        path: `${path}.${key}`,
        found: `"{{${name}}}"`,
        allowed:
          known.length === 0
            ? "no reference: it is given no variable"
            : `variables that it is given: ${known.join(", ")}`,
        fix: nearestFix(name, known),
      })),
  );
}

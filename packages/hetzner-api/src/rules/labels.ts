import { invalidField } from "../http/apiError";
import type { Labels } from "../model/rows";

const NAME = /^[a-zA-Z0-9]([a-zA-Z0-9_.-]{0,61}[a-zA-Z0-9])?$/;
const PREFIX = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;

/** Why these labels are not allowed; empty when they are. */
export function labelMistakes(labels: Labels): string[] {
  return Object.entries(labels).flatMap(([key, value]) => {
    const [prefix, name] = key.includes("/")
      ? [key.slice(0, key.lastIndexOf("/")), key.slice(key.lastIndexOf("/") + 1)]
      : ["", key];
    const mistakes: string[] = [];
    if (!NAME.test(name))
      mistakes.push(
        `label key '${key}' is not correctly formatted (at most 63 of [a-zA-Z0-9_.-], alphanumeric at both ends)`,
      );
    if (prefix !== "" && (prefix.length > 253 || !PREFIX.test(prefix)))
      mistakes.push(`label key '${key}': the prefix is no DNS subdomain`);
    if (value !== "" && !NAME.test(value))
      mistakes.push(`label value '${value}' (key: ${key}) is not correctly formatted`);
    return mistakes;
  });
}

type Condition = (labels: Labels) => boolean;

const KEY = String.raw`[a-zA-Z0-9][a-zA-Z0-9_./-]*`;
const VALUE = String.raw`[a-zA-Z0-9_.-]*`;

const FORMS: readonly [RegExp, (match: readonly string[]) => Condition][] = [
  [
    new RegExp(`^(${KEY})\\s+(in|notin)\\s*\\(([^()]*)\\)$`),
    ([, key = "", operator, list = ""]) => {
      const values = list.split(",").map((value) => value.trim());
      const inside = operator === "in";
      return (labels) => (key in labels ? values.includes(labels[key] ?? "") === inside : !inside);
    },
  ],
  [
    new RegExp(`^(${KEY})\\s*(==|=|!=)\\s*(${VALUE})$`),
    ([, key = "", operator, value]) =>
      operator === "!=" ? (labels) => labels[key] !== value : (labels) => labels[key] === value,
  ],
  [
    new RegExp(`^!\\s*(${KEY})$`),
    ([, key = ""]) =>
      (labels) =>
        !(key in labels),
  ],
  [
    new RegExp(`^(${KEY})$`),
    ([, key = ""]) =>
      (labels) =>
        key in labels,
  ],
];

/**
 * Compiles a label selector: `k`, `!k`, `k=v`, `k==v`, `k!=v`, `k in (a,b)`, `k notin (a,b)`, joined by commas (and).
 * @throws ApiError invalid_input for `field`.
 */
export function compileSelector(selector: string, field: string): Condition {
  // Commas inside parentheses belong to a list of values.
  const parts = selector.split(/,(?![^(]*\))/).map((part) => part.trim());
  const conditions = parts.map((part) => {
    for (const [form, build] of FORMS) {
      const match = form.exec(part);
      if (match !== null) return build(match);
    }
    throw invalidField(field, `'${part}' is no label selector`);
  });
  return (labels) => conditions.every((condition) => condition(labels));
}

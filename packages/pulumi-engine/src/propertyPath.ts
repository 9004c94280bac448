import type { EngineValue, PropertyMap } from "./values";
import { isList, isMap, Secret } from "./values";

/** A parsed property path: names, indices, "*" for every one. */
export type PropertyPath = readonly (string | number)[];

const PLAIN_NAME = /^[A-Za-z_$][\w$-]*$/;

/** Writes a path as Pulumi does: spec.containers[0].image, annotations["a.b/c"]. */
export function formatPath(path: PropertyPath): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "number") text += `[${part}]`;
    else if (!PLAIN_NAME.test(part)) text += `[${JSON.stringify(part)}]`;
    else text += text === "" ? part : `.${part}`;
  }
  return text;
}

/**
 * Reads a path as given to ignoreChanges and replaceOnChanges: a.b[0], a["x.y"], a[*].b, "*".
 * @throws Error naming the path when a bracket or quote is not closed.
 */
export function parsePath(text: string): PropertyPath {
  const parts: (string | number)[] = [];
  const token = /\.?([^.[\]"]+)|\[(\d+)\]|\[\*\]|\["((?:[^"\\]|\\.)*)"\]/y;
  while (token.lastIndex < text.length) {
    const at = token.lastIndex;
    const match = token.exec(text);
    if (match === null)
      throw new Error(`property path "${text}": cannot be read from position ${at}; write a.b[0], a["x.y"] or a[*].b`);
    if (match[1] !== undefined) parts.push(match[1]);
    else if (match[2] !== undefined) parts.push(Number(match[2]));
    else if (match[3] !== undefined) parts.push(JSON.parse(`"${match[3]}"`) as string);
    else parts.push("*");
  }
  return parts;
}

/** True when `path` is at or below `pattern` (or above it: then a part of what `pattern` names has changed). */
export function touches(pattern: PropertyPath, path: PropertyPath): boolean {
  const length = Math.min(pattern.length, path.length);
  for (let i = 0; i < length; i++) {
    if (pattern[i] !== "*" && String(pattern[i]) !== String(path[i])) return false;
  }
  return true;
}

/** True when any of the written patterns touches the path. */
export function touchesAny(patterns: readonly string[], path: PropertyPath): boolean {
  return patterns.some((pattern) => touches(parsePath(pattern), path));
}

function reset(
  news: EngineValue | undefined,
  olds: EngineValue | undefined,
  path: PropertyPath,
): EngineValue | undefined {
  const [head, ...rest] = path;
  if (head === undefined) return olds;
  if (news instanceof Secret || olds instanceof Secret) {
    // The marker stays where either side has it.
    const inner = reset(news instanceof Secret ? news.value : news, olds instanceof Secret ? olds.value : olds, path);
    return inner === undefined ? undefined : new Secret(inner);
  }
  if (isList(news)) {
    const old = isList(olds) ? olds : [];
    const result = news.map((v, i) => (head === "*" || head === i ? (reset(v, old[i], rest) ?? null) : v));
    return result;
  }
  const base: PropertyMap = isMap(news) ? news : {};
  const old: PropertyMap = isMap(olds) ? olds : {};
  if (!isMap(news) && !isMap(olds)) return news;
  const keys = head === "*" ? [...new Set([...Object.keys(base), ...Object.keys(old)])] : [String(head)];
  const result: Record<string, EngineValue> = { ...base };
  for (const key of keys) {
    const value = reset(base[key], old[key], rest);
    if (value === undefined) delete result[key];
    else result[key] = value;
  }
  return result;
}

/** ignoreChanges: the new inputs with every named path put back to its old value (or removed where there was none). */
export function keepOldValues(news: PropertyMap, olds: PropertyMap, patterns: readonly string[]): PropertyMap {
  let result: PropertyMap = news;
  for (const pattern of patterns) result = (reset(result, olds, parsePath(pattern)) ?? {}) as PropertyMap;
  return result;
}

// Paths of Ingresses as ingress-nginx takes them, and what it makes of them.

/** A path that is written as a pattern, read back. */
export interface ReadPath {
  readonly path: string;
  readonly match: "prefix" | "exact";
  /** What the application sees in its place; undefined: the same. */
  readonly rewrite?: string;
  /** Where clients are sent instead, with what is below the path. */
  readonly sendsTo?: string;
}

/** All below a prefix, with its slash as group 1, and without as group 2; or this path alone. */
const FORMS = [
  { form: /^(\/)\(\.\*\)$/, match: "prefix", targets: [["/$1", ""]] },
  {
    form: /^(\/[\w./\\-]*[\w-])\(\(\?:\/\(\.\*\)\)\?\)\$$/,
    match: "prefix",
    targets: [["/$2", "/"], ["$1", ""]],
  },
  { form: /^(\/[\w./\\-]*)\$\(\?#[\w ]+\)$/, match: "exact", targets: [["", ""]] },
] as const; // prettier-ignore

/**
 * A pattern and its rewrite-target, as far as they are understood; undefined: nobody knows what they take, or what they
 * make of it.
 */
export function readPattern(pattern: string, target: string | undefined): ReadPath | undefined {
  for (const { form, match, targets } of FORMS) {
    const literal = form.exec(pattern)?.[1];
    if (literal === undefined) continue;
    // A dot that is not escaped is any character.
    if (/(?<!\\)\./.test(literal) || /\\(?!\.)/.test(literal)) return undefined;
    const path = { path: literal.replaceAll("\\.", "."), match } as const;
    if (target === undefined) return path;
    const written = targets.find(([end]) => target.endsWith(end));
    if (written === undefined) return undefined;
    const [end, whole] = written;
    const to = target.slice(0, target.length - end.length) + (target === end ? whole : "");
    if (to.includes("$")) return undefined;
    if (/^https?:\/\//.test(to)) return { ...path, sendsTo: to };
    return { ...path, rewrite: to === "" ? "/" : to };
  }
  return undefined;
}

import type { Mistake } from "../mistakes";

/** What one container gets at least, and at most. Kubernetes quantities: "250m" cores, "512Mi" bytes. */
export interface Resources {
  readonly cpu: Bounds;
  readonly memory: Bounds;
}

export interface Bounds {
  /** Reserved on the node; the autoscaler's per cent refer to it. */
  readonly request: string;
  /** More is throttled (cpu) or killed (memory). */
  readonly limit: string;
}

const UNITS: Readonly<Record<string, number>> = {
  "": 1, m: 1e-3, k: 1e3, M: 1e6, G: 1e9, T: 1e12, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40,
}; // prettier-ignore

/** Cores or bytes; undefined when the text is no quantity. Exponent forms ("1e3") are not used here. */
export function parseQuantity(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)([a-zA-Z]*)$/.exec(text);
  const unit = UNITS[match?.[2] ?? "?"];
  return match === null || unit === undefined ? undefined : Number(match[1]) * unit;
}

/** Requests and limits must both be there and fit each other. Accepts holes, because plans can come from files. */
export function resourceMistakes(
  path: string,
  resources: Partial<Record<keyof Resources, Partial<Bounds>>>,
): readonly Mistake[] {
  return (["cpu", "memory"] as const).flatMap((kind) => {
    const example = kind === "cpu" ? "250m" : "512Mi";
    const read = (bound: keyof Bounds): { readonly amount?: number; readonly mistakes: readonly Mistake[] } => {
      const text = resources[kind]?.[bound] ?? "";
      const amount = parseQuantity(text);
      if (amount !== undefined && amount > 0) return { amount, mistakes: [] };
      return {
        mistakes: [
          {
            path: `${path}.${kind}.${bound}`,
            found: text === "" ? "nothing" : `"${text}"`,
            allowed: `a positive quantity such as "${example}"`,
            fix: `set it, e.g. "${example}"`,
          },
        ],
      };
    };
    const [request, limit] = [read("request"), read("limit")];
    const mistakes = [...request.mistakes, ...limit.mistakes];
    if (request.amount !== undefined && limit.amount !== undefined && request.amount > limit.amount) {
      const found = resources[kind];
      mistakes.push({
        path: `${path}.${kind}`,
        found: `request "${found?.request}" above limit "${found?.limit}"`,
        allowed: "a request up to the limit",
        fix: "raise the limit or lower the request",
      });
    }
    return mistakes;
  });
}

/** One thing wrong with an input: where it is, what stands there, what is allowed and how to mend it. */
export interface Mistake {
  /** "hosts[3].address"; "" for the whole. */
  readonly path: string;
  readonly found?: unknown;
  /** What is wrong and what to write instead. */
  readonly problem: string;
}

/** All mistakes of one input at once. */
export class InputError extends Error {
  constructor(
    readonly input: string,
    readonly mistakes: readonly Mistake[],
  ) {
    const lines = mistakes.map(({ path, found, problem }) => {
      const value = found === undefined ? "" : ` = ${JSON.stringify(found)}`;
      return `  ${path === "" ? "(whole)" : path}${value}: ${problem}`;
    });
    super(`${input} has ${mistakes.length} mistake${mistakes.length === 1 ? "" : "s"}:\n${lines.join("\n")}`);
    this.name = "InputError";
  }
}

/** One mistake for each item that has the key of an earlier one. */
export function duplicates<T>(
  items: readonly T[],
  key: (item: T) => string,
  mistake: (item: T, first: T) => Mistake,
): readonly Mistake[] {
  const first = new Map<string, T>();
  return items.flatMap((item) => {
    const earlier = first.get(key(item));
    if (earlier === undefined) first.set(key(item), item);
    return earlier === undefined ? [] : [mistake(item, earlier)];
  });
}

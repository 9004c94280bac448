/** More names than this are counted. */
const MOST_NAMED = 6;

/** "a, b and c"; of many the first, and how many more. */
export function listed(names: readonly string[], most = MOST_NAMED): string {
  if (names.length > most) return `${names.slice(0, most - 1).join(", ")} and ${names.length - most + 1} more`;
  const last = names.at(-1) ?? "nobody";
  return names.length < 2 ? last : `${names.slice(0, -1).join(", ")} and ${last}`;
}

/** Items by a key of theirs, in the order in which the keys come up. */
export function groupBy<T>(items: Iterable<T>, key: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const name = key(item);
    const known = groups.get(name);
    if (known === undefined) groups.set(name, [item]);
    else known.push(item);
  }
  return groups;
}

export const unique = (items: readonly string[]): readonly string[] => [...new Set(items)];

/** "1 pod", "3 pods". */
export const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;

/** Said of connections that a reload ends: a sentence looks for it. */
export const RECONNECT = "connects anew";

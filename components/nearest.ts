import { closest, distance } from "fastest-levenshtein";

/** What somebody who wrote `word` probably meant: the nearest of those that there are, if it is near at all. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const plain = (name: string): string => name.toLowerCase();
  const longer = known.find((one) => word.length >= 4 && plain(one).startsWith(plain(word)));
  if (longer !== undefined || known.length === 0) return longer;
  const near = closest(plain(word), known.map(plain));
  return distance(plain(word), near) <= Math.max(2, word.length / 3)
    ? known.find((one) => plain(one) === near)
    : undefined;
}

/** The fix of a name that nothing has. */
export function nearestFix(word: string, known: readonly string[]): string {
  const meant = nearest(word, known);
  return meant === undefined ? "remove it" : `write "${meant}", or remove it`;
}

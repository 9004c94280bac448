import { ANYWHERE } from "./range";

interface Span {
  readonly first: number;
  readonly last: number;
}

/**
 * IPv4 addresses as sorted ranges with gaps between them. What is asked of two sets costs by their ranges, not by
 * their addresses: machines get addresses in rows, so five hundred of them are a range or two.
 */
export class AddressSet {
  static readonly ALL = AddressSet.of([ANYWHERE]);

  private constructor(readonly spans: readonly Span[]) {}

  static of(spans: Iterable<Span>): AddressSet {
    const merged: { first: number; last: number }[] = [];
    for (const { first, last } of [...spans].sort((a, b) => a.first - b.first)) {
      const before = merged.at(-1);
      if (before === undefined || first > before.last + 1) merged.push({ first, last });
      else before.last = Math.max(before.last, last);
    }
    return new AddressSet(merged);
  }

  /** What is in this set and not in the other. */
  without(other: AddressSet): AddressSet {
    const left: Span[] = [];
    for (const { first, last } of this.spans) {
      let from = first;
      for (let at = firstAtLeast(other.spans, first, (span) => span.last); from <= last; at += 1) {
        const hole = other.spans[at];
        const until = hole === undefined ? last : Math.min(last, hole.first - 1);
        if (from <= until) left.push({ first: from, last: until });
        from = hole === undefined ? last + 1 : Math.max(from, hole.last + 1);
      }
    }
    return new AddressSet(left);
  }
}

/** Place of the first entry whose key is at least `wanted`, in a list sorted by that key; its length if there is none. */
export function firstAtLeast<T>(sorted: readonly T[], wanted: number, key: (entry: T) => number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const entry = sorted[middle];
    if (entry !== undefined && key(entry) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

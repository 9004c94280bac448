import type { Block } from "../model/document";

/** GitHub takes 65,536 characters in a comment; what stands around this one needs some. */
export const BUDGET = 60_000;

/** Kept for what is said of what was left out. */
const RESERVE = 1500;
const MOST_NAMED = 12;

export interface Fitted {
  readonly kept: readonly Block[];
  /** What was left out, for people; undefined: nothing. */
  readonly leftOut: string | undefined;
}

/**
 * As many blocks as fit, the most important first: one that is too long for what is left is dropped, and those after it
 * are tried.
 *
 * @param size characters of a block as it is rendered
 * @param used characters that stand there in any case
 */
export function fit(blocks: readonly Block[], size: (block: Block) => number, used: number, budget = BUDGET): Fitted {
  const whole = blocks.reduce((sum, block) => sum + size(block), used);
  if (whole <= budget) return { kept: blocks, leftOut: undefined };
  let left = budget - used - RESERVE;
  const kept = blocks.filter((block) => {
    const length = size(block);
    if (length > left) return false;
    left -= length;
    return true;
  });
  const dropped = blocks.filter((block) => !kept.includes(block));
  const named = dropped
    .slice(0, MOST_NAMED)
    .map(({ title }) => (title.length > 80 ? `${title.slice(0, 80)}...` : title));
  const more = dropped.length > MOST_NAMED ? ` and ${dropped.length - MOST_NAMED} more` : "";
  const all = new Intl.NumberFormat("en").format(budget);
  return {
    kept,
    leftOut: `Left out, to stay below ${all} characters: ${dropped.length} of ${blocks.length} parts, the least important: ${named.join("; ")}${more}. --format json has all of them.`,
  };
}

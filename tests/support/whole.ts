/**
 * Does this run try everything (`npm run test:whole`), or a sample where everything would take long? What is left out
 * differs from what is tried in its values alone.
 */
export const WHOLE = process.env["KEYBUZZ_TESTS"] === "whole";

/** All of them; or as many as a sample has, spread evenly, the first and the last among them. */
export function sampled<T>(all: readonly T[], count: number, whole = WHOLE): readonly T[] {
  if (whole || all.length <= count) return all;
  const step = (all.length - 1) / Math.max(1, count - 1);
  return Array.from({ length: count }, (_, index) => all[Math.round(index * step)] as T);
}

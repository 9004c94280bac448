const DAY_MS = 24 * 3600 * 1000;

/** The rehearsal's clock: the machine's, so many days ahead. */
export function clockAhead(days: number): () => Date {
  return () => new Date(Date.now() + days * DAY_MS);
}

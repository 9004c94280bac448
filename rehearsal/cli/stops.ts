/** How a run is told to end early. */
export interface Stops {
  /** Begin nothing new. */
  readonly signal: AbortSignal;
  /** Give up what is under way as well. */
  readonly cancelSignal: AbortSignal;
}

/** npm passes a terminal's Ctrl-C on to processes that have had it already: two this close are one. */
const SAME_SIGNAL_MS = 500;

/** First Ctrl-C: begin nothing new. Second: give up what is under way. Third: the default, which ends the process. */
export function stopsOnSignal(log: (line: string) => void): Stops & { readonly ended: Promise<void>; release(): void } {
  const stop = new AbortController();
  const cancel = new AbortController();
  let onEnd = (): void => undefined;
  const ended = new Promise<void>((resolve) => (onEnd = resolve));
  let last = -Infinity;
  const handler = (): void => {
    onEnd();
    const since = performance.now() - last;
    last = performance.now();
    if (since < SAME_SIGNAL_MS) return;
    if (!stop.signal.aborted) {
      log("Ctrl-C: what is under way is finished first, and kept. Press Ctrl-C again to give it up.");
      stop.abort();
    } else {
      cancel.abort();
      process.removeListener("SIGINT", handler);
      process.removeListener("SIGTERM", handler);
    }
  };
  process.on("SIGINT", handler);
  process.on("SIGTERM", handler);
  const release = (): void => {
    process.removeListener("SIGINT", handler);
    process.removeListener("SIGTERM", handler);
  };
  return { signal: stop.signal, cancelSignal: cancel.signal, ended, release };
}

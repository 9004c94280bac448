/** Thrown for what is not begun any more, because the run is being stopped. */
export class StoppedError extends Error {
  constructor() {
    super("the run was stopped");
    this.name = "StoppedError";
  }
}

/**
 * Bounds how many provider calls run at once, and ends a run: after `stop` nothing begins any more, after
 * `cancel` what runs is told to give up through `signal`.
 */
export class Scheduler {
  private running = 0;
  private readonly waiting: { begin(): void; refuse(error: Error): void }[] = [];
  private readonly controller = new AbortController();
  private isStopped = false;
  private idlers: (() => void)[] = [];
  private onHalt: () => void = () => undefined;
  /** Resolves at the first `stop`. */
  readonly halted = new Promise<void>((resolve) => (this.onHalt = resolve));

  /** @param limit at least 1. */
  constructor(private readonly limit: number) {}

  get stopped(): boolean {
    return this.isStopped;
  }

  /** Aborted by `cancel`. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  stop(): void {
    this.isStopped = true;
    this.onHalt();
    for (const waiter of this.waiting.splice(0)) waiter.refuse(new StoppedError());
  }

  cancel(): void {
    this.stop();
    this.controller.abort();
  }

  /** Resolves when nothing runs. */
  async idle(): Promise<void> {
    while (this.running > 0) await new Promise<void>((resolve) => this.idlers.push(resolve));
  }

  /** Runs the task when there is a place for it. @throws StoppedError when it has not begun before the stop. */
  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.isStopped) throw new StoppedError();
    if (this.running >= this.limit) await new Promise<void>((begin, refuse) => this.waiting.push({ begin, refuse }));
    else this.running++;
    try {
      return await task();
    } finally {
      // The place goes straight to the next one.
      const next = this.waiting.shift();
      if (next !== undefined) next.begin();
      else if (--this.running === 0) for (const idler of this.idlers.splice(0)) idler();
    }
  }
}

/**
 * Runs a task for every node once all nodes it comes after are done. A failed node takes with it every node that
 * comes after it; the others go on.
 * @param after for each node, the nodes that must be done first; unknown ones are ignored.
 * @returns the nodes that were left out, or failed.
 */
export async function runGraph(
  nodes: readonly string[],
  after: (node: string) => Iterable<string>,
  task: (node: string) => Promise<void>,
): Promise<{ readonly failed: ReadonlyMap<string, unknown>; readonly skipped: ReadonlySet<string> }> {
  const known = new Set(nodes);
  const failed = new Map<string, unknown>();
  const skipped = new Set<string>();
  const started = new Map<string, Promise<void>>();
  const visiting = new Set<string>();
  const start = (node: string): Promise<void> => {
    const existing = started.get(node);
    if (existing !== undefined) return existing;
    visiting.add(node);
    // A circle can only come from a damaged graph; its edge is dropped rather than waited for.
    const before = [...new Set(after(node))].filter((n) => n !== node && known.has(n) && !visiting.has(n));
    const waits = before.map((n) => ({ n, done: start(n) }));
    visiting.delete(node);
    const run = async (): Promise<void> => {
      await Promise.all(waits.map((w) => w.done));
      if (waits.some(({ n }) => failed.has(n) || skipped.has(n))) {
        skipped.add(node);
        return;
      }
      try {
        await task(node);
      } catch (error) {
        failed.set(node, error);
      }
    };
    const promise = run();
    started.set(node, promise);
    return promise;
  };
  await Promise.all(nodes.map(start));
  return { failed, skipped };
}

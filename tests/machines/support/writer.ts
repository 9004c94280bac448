import type { LineClient } from "./lineClient";

export interface WriterOptions {
  /** Opens a client; the statement of one write, and what its answer must be. */
  readonly connect: () => LineClient;
  readonly write: (n: number) => string;
  readonly acknowledged: (n: number, answer: string) => boolean;
  /** Pause between writes. Default 50 ms. */
  readonly intervalMs?: number;
  /** An answer that takes longer is no acknowledgement, and the client connects anew. Default 30 s. */
  readonly patienceMs?: number;
  /** Connects anew for each write. Default false. */
  readonly fresh?: boolean;
}

/** Writes numbers at a steady rate, one client, and keeps which were acknowledged and when. */
export class Writer {
  readonly acknowledged: { readonly n: number; readonly at: number }[] = [];
  /** Sent, but nobody knows whether they are there: when (ms since the writer began), after how long, and the words. */
  readonly failures: { readonly at: number; readonly afterMs: number; readonly text: string }[] = [];
  /** Milliseconds of the longest wait for an acknowledgement, the connection's making included. */
  longestWait = 0;
  readonly #began = Date.now();
  #running = true;
  #reconnect = false;
  readonly #done: Promise<void>;

  constructor(private readonly options: WriterOptions) {
    this.#done = this.#work();
  }

  /** Milliseconds of the longest pause between two acknowledged writes since then. */
  longestPause(since = 0): number {
    let longest = 0;
    let last: number | undefined;
    for (const { at } of this.acknowledged) {
      if (last !== undefined && at >= since) longest = Math.max(longest, at - last);
      last = at;
    }
    return longest;
  }

  /** The last failures, for a message. */
  get said(): string {
    const told = this.failures.slice(-20).map(({ at, afterMs, text }) => `${at} ms: after ${afterMs} ms: ${text}`);
    return told.join("; ") || "no failures";
  }

  /** Waits until writes are acknowledged that were sent after this moment. */
  async flowing(timeoutMs: number): Promise<void> {
    const from = this.acknowledged.length;
    const deadline = Date.now() + timeoutMs;
    while (this.acknowledged.length < from + 10) {
      if (Date.now() > deadline) throw new Error(`no write was acknowledged within ${timeoutMs} ms; ${this.said}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Ends its connection after the write that is under way and makes a new one, as a restarted consumer does. */
  reconnect(): void {
    this.#reconnect = true;
  }

  async stop(): Promise<void> {
    this.#running = false;
    await this.#done;
  }

  async #work(): Promise<void> {
    const { intervalMs = 50, patienceMs = 30_000, fresh = false } = this.options;
    let client: LineClient | undefined;
    for (let n = 1; this.#running; n += 1) {
      if (fresh || this.#reconnect) {
        client?.close();
        client = undefined;
        this.#reconnect = false;
      }
      const since = Date.now();
      client = client === undefined || client.ended ? this.options.connect() : client;
      try {
        const answer = await client.ask(this.options.write(n), patienceMs);
        if (!this.options.acknowledged(n, answer)) throw new Error(answer);
        this.acknowledged.push({ n, at: Date.now() });
        this.longestWait = Math.max(this.longestWait, Date.now() - since);
      } catch (error) {
        const text = (error as Error).message.slice(-160);
        this.failures.push({ at: since - this.#began, afterMs: Date.now() - since, text });
        client.close();
        client = undefined;
      }
      await new Promise((resolve) => setTimeout(resolve, intervalMs));
    }
    client?.close();
  }
}

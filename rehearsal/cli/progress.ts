import type { EngineEvent, Operation } from "@standin/pulumi-engine/events";
import { kindOfMessage, readable, seconds, shortName } from "./names";

/** How a run is told while it works. */
export interface Progress {
  onEvent(event: EngineEvent): void;
  line(text: string): void;
  /** Of this many steps, once it is known. */
  total(steps: number): void;
  close(): void;
}

/** Characters of a message that are shown at once; the report has all of it. */
const LONGEST = 400;

export interface Telling {
  /** Also what went well, a line each. */
  readonly done: boolean;
  /** Why something failed: where no report for people follows, which says it once with all that it hit. */
  readonly reasons: boolean;
}

/** Steps done of how many there are. */
export class Count {
  readonly #done = new Set<string>();
  #total: number | undefined;

  set total(steps: number) {
    this.#total = steps;
  }

  get done(): number {
    return this.#done.size;
  }

  /** A replacement is several steps on one resource, and counts once. */
  add({ kind, ...event }: EngineEvent): void {
    if ((kind === "step-done" || kind === "step-failed") && "op" in event && counts(event.op))
      this.#done.add(event.urn);
  }

  /** "12 of 840", "12" while it is not known of how many. */
  toString(): string {
    return this.#total === undefined ? String(this.done) : `${this.done} of ${Math.max(this.#total, this.done)}`;
  }
}

/** Whether a step does something. */
export const counts = (op: Operation): boolean => op !== "same" && op !== "read";

/**
 * What of an event is worth a line. An error that hits many resources, or comes both as a failed step and as a
 * diagnostic, is said once.
 */
export function eventLines({ done, reasons }: Telling, count: Count): (event: EngineEvent) => string | undefined {
  const said = new Set<string>();
  const once = (message: string, urn: string | undefined, line: (text: string) => string): string | undefined => {
    const kind = kindOfMessage(message, urn);
    if (said.has(kind)) return undefined;
    said.add(kind);
    const text = readable(message);
    return line(text.length > LONGEST ? `${text.slice(0, LONGEST)} ...` : text);
  };
  return (event) => {
    count.add(event);
    switch (event.kind) {
      case "step-done":
        return done && counts(event.op)
          ? `${event.op} ${shortName(event.urn)} (${seconds(event.durationMs)}; ${count.toString()})`
          : undefined;
      case "step-failed":
        return once(event.message, event.urn, (text) => {
          const what = `FAILED ${event.op} ${shortName(event.urn)} after ${seconds(event.durationMs)}`;
          return reasons ? `${what}: ${text}` : `${what}; why is said below`;
        });
      case "diagnostic": {
        const { severity, message, urn } = event.diagnostic;
        // What is refused because it is protected, the report lists by kind, with the way out.
        if (
          severity === "debug" ||
          (severity === "error" && !reasons) ||
          (severity === "error" && urn !== undefined && isRefused(message))
        )
          return undefined;
        return once(message, urn, (text) => `${severity}: ${text}`);
      }
      case "step-progress":
        // Warnings and errors of a step come as diagnostics too.
        return undefined;
      case "step-started":
      case "summary":
        return undefined;
    }
  };
}

/** The engine's words for a protected resource that would have to go. */
export function isRefused(message: string): boolean {
  return /\bis protected\b/.test(message);
}

/** One line for each thing done. */
export function lineProgress(stream: NodeJS.WritableStream, reasons: boolean): Progress {
  const line = (text: string): void => void stream.write(`${text}\n`);
  const count = new Count();
  const describe = eventLines({ done: true, reasons }, count);
  return {
    onEvent: (event) => {
      const text = describe(event);
      if (text !== undefined) line(text);
    },
    line,
    total: (steps) => {
      count.total = steps;
    },
    close: () => undefined,
  };
}

import type { EngineEvent } from "@standin/pulumi-engine/events";
import { kindOfMessage, readable, seconds, shortName } from "./names";

/** How a run is told while it works. */
export interface Progress {
  onEvent(event: EngineEvent): void;
  line(text: string): void;
  close(): void;
}

/** Characters of a message that are shown at once; the report has all of it. */
const LONGEST = 400;

/**
 * What of an event is worth a line. An error that hits many resources, or comes both as a failed step and as a
 * diagnostic, is said once: the report names them all.
 */
export function eventLines(doneToo: boolean): (event: EngineEvent) => string | undefined {
  const said = new Set<string>();
  const once = (message: string, urn: string | undefined, line: (text: string) => string): string | undefined => {
    const kind = kindOfMessage(message, urn);
    if (said.has(kind)) return undefined;
    said.add(kind);
    const text = readable(message);
    return line(text.length > LONGEST ? `${text.slice(0, LONGEST)} ...` : text);
  };
  return (event) => {
    switch (event.kind) {
      case "step-done":
        return !doneToo || event.op === "same" || event.op === "read"
          ? undefined
          : `${event.op} ${shortName(event.urn)} (${seconds(event.durationMs)})`;
      case "step-failed":
        return once(
          event.message,
          event.urn,
          (text) => `FAILED ${event.op} ${shortName(event.urn)} after ${seconds(event.durationMs)}: ${text}`,
        );
      case "diagnostic": {
        const { severity, message, urn } = event.diagnostic;
        // What is refused because it is protected, the report lists by kind, with the way out.
        if (severity === "debug" || (severity === "error" && urn !== undefined && isRefused(message))) return undefined;
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
export function lineProgress(stream: NodeJS.WritableStream): Progress {
  const line = (text: string): void => void stream.write(`${text}\n`);
  const describe = eventLines(true);
  return {
    onEvent: (event) => {
      const text = describe(event);
      if (text !== undefined) line(text);
    },
    line,
    close: () => undefined,
  };
}

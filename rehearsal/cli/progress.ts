import type { EngineEvent, Operation } from "../engine/events";

/** Width that a step's name is cut to on a terminal. */
const NAME_WIDTH = 60;
const REDRAW_MS = 120;

const VERB: Readonly<Record<Operation, string>> = {
  create: "create",
  update: "update",
  replace: "replace",
  delete: "delete",
  same: "same",
  read: "read",
  import: "import",
  refresh: "refresh",
};

export interface Progress {
  onEvent(event: EngineEvent): void;
  line(text: string): void;
  close(): void;
}

/** "keybuzz:machines:Host$hcloud:index/server:Server::db-master-01" is Server db-master-01. */
export function shortName(urn: string): string {
  const parts = urn.split("::");
  const type = parts[2]?.split("$").at(-1)?.split(":").at(-1) ?? "";
  return `${type} ${parts.slice(3).join("::")}`;
}

function message(event: EngineEvent): string | undefined {
  switch (event.kind) {
    case "step-done":
      return event.op === "same" || event.op === "read"
        ? undefined
        : `${VERB[event.op]} ${shortName(event.urn)} (${seconds(event.durationMs)})`;
    case "step-failed":
      return `FAILED ${VERB[event.op]} ${shortName(event.urn)} after ${seconds(event.durationMs)}: ${event.message}`;
    case "diagnostic":
      return event.diagnostic.severity === "debug"
        ? undefined
        : `${event.diagnostic.severity}: ${event.diagnostic.message.trimEnd()}`;
    case "step-progress":
      return event.severity === "warning" || event.severity === "error"
        ? `${shortName(event.urn)}: ${event.message}`
        : undefined;
    case "step-started":
    case "summary":
      return undefined;
  }
}

export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

/** One line for each thing done. */
export function lineProgress(stream: NodeJS.WritableStream): Progress {
  const line = (text: string): void => void stream.write(`${text}\n`);
  return {
    onEvent: (event) => {
      const text = message(event);
      if (text !== undefined) line(text);
    },
    line,
    close: () => undefined,
  };
}

/** What is under way, redrawn in place, below the lines of what is done. */
export function treeProgress(stream: NodeJS.WriteStream): Progress {
  const running = new Map<string, { readonly op: Operation; readonly since: number; note: string }>();
  let drawn = 0;
  let done = 0;
  const erase = (): void => {
    if (drawn > 0) stream.write(`\u001b[${drawn}A\u001b[J`);
    drawn = 0;
  };
  const draw = (): void => {
    erase();
    const rows = Math.max(3, (stream.rows ?? 24) - 4);
    const active = [...running].filter(([, step]) => step.op !== "same");
    const lines = active.slice(0, rows).map(([urn, step]) => {
      const age = seconds(Date.now() - step.since);
      return `  ${VERB[step.op].padEnd(8)} ${shortName(urn).slice(0, NAME_WIDTH).padEnd(NAME_WIDTH)} ${age.padStart(8)} ${step.note}`.slice(
        0,
        (stream.columns ?? 120) - 1,
      );
    });
    if (active.length > rows) lines.push(`  ... and ${active.length - rows} more`);
    lines.push(`${done} steps done, ${active.length} under way`);
    stream.write(lines.map((text) => `${text}\n`).join(""));
    drawn = lines.length;
  };
  const timer = setInterval(draw, REDRAW_MS);
  timer.unref();
  const line = (text: string): void => {
    erase();
    stream.write(`${text}\n`);
    draw();
  };
  return {
    onEvent: (event) => {
      if (event.kind === "step-started") running.set(event.urn, { op: event.op, since: Date.now(), note: "" });
      if (event.kind === "step-progress") {
        const step = running.get(event.urn);
        if (step !== undefined) step.note = event.message;
      }
      if (event.kind === "step-done" || event.kind === "step-failed") {
        running.delete(event.urn);
        done += 1;
      }
      const text = message(event);
      if (text !== undefined) line(text);
    },
    line,
    close: () => {
      clearInterval(timer);
      erase();
    },
  };
}

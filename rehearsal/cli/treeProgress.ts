import type { Operation } from "@standin/pulumi-engine/events";
import { componentClasses, readable, seconds, shortName } from "./names";
import { Count, eventLines, type Progress } from "./progress";

const REDRAW_MS = 120;
/** Lines of the terminal that the tree leaves free. */
const MARGIN = 4;
const NAME_WIDTH = 56;

interface Step {
  readonly op: Operation;
  readonly since: number;
  note: string;
}

interface Branch {
  done: number;
  readonly steps: Map<string, Step>;
  readonly children: Map<string, Branch>;
}

const branch = (): Branch => ({ done: 0, steps: new Map(), children: new Map() });

/** What is under way, by component, redrawn in place below the lines of what went wrong. */
export function treeProgress(stream: NodeJS.WriteStream, reasons: boolean): Progress {
  const root = branch();
  const begun = Date.now();
  const count = new Count();
  const describe = eventLines({ done: false, reasons }, count);
  let drawn = 0;
  let working = false;
  const way = (urn: string): Branch[] => {
    const all = [root];
    for (const name of componentClasses(urn).slice(0, 2)) {
      const parent = all.at(-1) ?? root;
      const child = parent.children.get(name) ?? branch();
      parent.children.set(name, child);
      all.push(child);
    }
    return all;
  };
  const erase = (): void => {
    if (drawn > 0) stream.write(`\u001b[${drawn}A\u001b[J`);
    drawn = 0;
  };
  const draw = (): void => {
    if (!working) return;
    const lines = treeLines(root, count, begun, (stream.rows ?? 24) - MARGIN);
    const width = (stream.columns ?? 120) - 1;
    erase();
    stream.write(lines.map((text) => `${text.slice(0, width)}\n`).join(""));
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
      if (event.kind === "step-started") {
        working = true;
        way(event.urn).at(-1)?.steps.set(event.urn, { op: event.op, since: Date.now(), note: "" });
      }
      if (event.kind === "step-progress") {
        const step = way(event.urn).at(-1)?.steps.get(event.urn);
        if (step !== undefined) step.note = readable(event.message).split("\n")[0] ?? "";
      }
      if (event.kind === "step-done" || event.kind === "step-failed") {
        const branches = way(event.urn);
        branches.at(-1)?.steps.delete(event.urn);
        for (const passed of branches) passed.done += 1;
      }
      const text = describe(event);
      if (text !== undefined) line(text);
    },
    line,
    total: (steps) => {
      count.total = steps;
    },
    close: () => {
      clearInterval(timer);
      working = false;
      erase();
    },
  };
}

/** The tree of what is under way, cut to so many lines; components at rest are not shown. */
export function treeLines(root: Branch, count: Count, begun: number, rows: number): string[] {
  const now = Date.now();
  const body = branchLines(root, "", now);
  const most = Math.max(4, rows) - 2;
  const cut = body.length > most ? [...body.slice(0, most), `  ... and ${body.length - most} lines more`] : body;
  return [`${count.toString()} steps done, ${underWay(root)} under way, ${seconds(now - begun)}`, ...cut];
}

const shown = ({ steps }: Branch): [string, Step][] => [...steps].filter(([, { op }]) => op !== "same");

function underWay(part: Branch): number {
  return shown(part).length + [...part.children.values()].reduce((sum, child) => sum + underWay(child), 0);
}

function branchLines(part: Branch, indent: string, now: number): string[] {
  const steps = shown(part).map(([urn, { op, since, note }]) => ({
    head: `${op.padEnd(7)} ${shortName(urn).slice(0, NAME_WIDTH).padEnd(NAME_WIDTH)} ${seconds(now - since).padStart(8)} ${note}`,
    rest: (): string[] => [],
  }));
  const children = [...part.children]
    .filter(([, child]) => underWay(child) > 0)
    .map(([name, child]) => ({
      head: `${name}${child.done > 0 ? `  ${child.done} done` : ""}`,
      rest: (deeper: string) => branchLines(child, deeper, now),
    }));
  const rows = [...steps, ...children];
  return rows.flatMap(({ head, rest }, i) => {
    const last = i === rows.length - 1;
    return [`${indent}${last ? "└─ " : "├─ "}${head}`, ...rest(`${indent}${last ? "   " : "│  "}`)];
  });
}

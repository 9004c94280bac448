import type { Operation, ResourceResult, Summary } from "@standin/pulumi-engine/events";
import { textChange, type ChangeVerdict, type Verdict } from "../estate";
import { changesOf, fieldGroups } from "./compared";
import { dangerOf } from "./danger";
import { acceptedLines, groupLines, verdictLines, wordLines } from "./words";
import { failureLines } from "./failures";
import { byComponent, componentTable, readable, seconds, shortName } from "./names";

/** What both engines tell of a run. */
export interface RunReport {
  readonly ok: boolean;
  readonly engine: string;
  readonly command: string;
  readonly stack: string;
  readonly summary: Summary;
  readonly resources: readonly ResourceResult[];
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly durationMs: number;
  /** What went wrong and is no single resource's: the program's own errors. Secrets masked. Default: none. */
  readonly errors?: readonly string[];
  /** What the verifier says of what the run registered. Default: it was not asked. */
  readonly verdict?: Verdict;
  /** What is said of the way from what was there. Default: nothing was there, or it was not asked. */
  readonly change?: ChangeVerdict;
  /** Why the way was not judged, though something was there. */
  readonly unjudged?: string;
}

/** More resources than this that only come or go are told by component, not one by one. */
const MOST_LISTED = 20;

const SIGN: Readonly<Record<Operation, string>> = {
  create: "+",
  update: "~",
  replace: "±",
  delete: "-",
  import: "=",
  same: " ",
  read: " ",
  refresh: " ",
};

/** How a report is shown. */
export interface Shown {
  /** Whatever is cut or counted otherwise, and what did not change. Default false. */
  readonly all?: boolean;
  /** On a terminal that shows them. Default false. */
  readonly colours?: boolean;
}

/** The one JSON document of --json. */
export function jsonReport(report: RunReport, { all = false }: Shown = {}): string {
  const { ok, engine, command, stack, summary, outputs, durationMs, errors = [], verdict, change, unjudged } = report;
  const told = report.resources.filter(
    ({ op, status }) => all || status !== "done" || (op !== "same" && op !== "read"),
  );
  const changes = changesOf(stack, report.resources);
  const resources = told.map((one) => {
    const { urn, type, name, op, status, inputs, diff, replaceKeys = [], error } = one;
    return {
      urn,
      type,
      name,
      op,
      status,
      danger: dangerOf(one),
      inputs,
      diff: diff.map(({ path, before, after }) => ({ path, before, after })),
      replaceKeys,
      ...(error === undefined ? {} : { error }),
    };
  });
  const words = changes === undefined ? {} : { sentence: changes.sentence, effects: changes.effects };
  const judged = {
    ...(verdict === undefined ? {} : { verdict }),
    ...(change === undefined ? {} : { change }),
    ...(unjudged === undefined ? {} : { unjudged }),
  };
  return JSON.stringify(
    { ok, engine, command, stack, summary, ...words, resources, errors, ...judged, outputs, durationMs },
    null,
    2,
  );
}

/**
 * What was done, for a person: first in words what it does to whom, then field by field; what came or went by component;
 * each failure once; last what the verifier finds.
 */
export function textReport(report: RunReport, { all = false, colours = false }: Shown = {}): string {
  const { ok, command, stack } = report;
  const done = report.resources.filter(({ status }) => status === "done");
  const skipped = report.resources.filter(({ status }) => status === "skipped").length;
  const changes = command === "destroy" ? undefined : changesOf(stack, report.resources);
  const groups = command === "destroy" ? [] : (changes?.groups ?? fieldGroups(report.resources));
  const blocks = [
    changes === undefined ? [] : [`${stack}: ${changes.sentence}`, ...wordLines(changes, colours)],
    wholes(report, "create", done, all),
    wholes(report, "delete", done, all),
    groupLines(groups, { all, colours }),
    all ? done.filter(({ op }) => op === "same" || op === "read").map(({ urn }) => `  same    ${shortName(urn)}`) : [],
    ok && command !== "destroy" ? outputLines(report.outputs) : [],
    report.verdict === undefined || !ok || command === "destroy" ? [] : acceptedLines(report.verdict, changes, stack),
    failedLines(report),
    [
      ...counts(report),
      ...(skipped > 0 ? [`${skipped} not begun; run the same command again to go on.`] : []),
      `${command} of ${stack} ${ok ? "done" : "FAILED"} in ${seconds(report.durationMs)} (${report.engine}).`,
    ],
    report.verdict === undefined ? [] : verdictLines(report.verdict, ok),
    report.change === undefined ? [] : [textChange(report.change)],
    report.unjudged === undefined ? [] : [report.unjudged],
  ];
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n");
}

/** What went wrong, each once. */
export function failedLines({ errors = [], resources, command, stack }: RunReport): readonly string[] {
  return [...errors.map((text) => `FAILED: ${readable(text)}`), ...failureLines(resources, command, stack)];
}

/** Resources that come or go whole. */
function wholes(report: RunReport, op: "create" | "delete", done: readonly ResourceResult[], all: boolean): string[] {
  const some = done.filter((resource) => resource.op === op);
  if (some.length > MOST_LISTED && !all) {
    const verb = op === "create" ? "to create" : "to delete";
    const title = report.command === "preview" ? verb : `${op}d`;
    return [`${some.length} ${title}, by component:`, ...componentTable(byComponent(some, report.resources), SIGN[op])];
  }
  return some.map(({ urn }) => `${SIGN[op]} ${op.padEnd(7)} ${shortName(urn)}`);
}

function counts({ ok, command, summary }: RunReport): string[] {
  const { create, update, replace, delete: deleted, same } = summary;
  const changes = create + update + replace + deleted;
  if (changes === 0 && !ok) return [];
  if (command === "destroy" && changes === 0) return ["There was nothing to delete."];
  if (command === "refresh" && changes === 0) return [`All ${same} resources are in the cloud as they should be.`];
  if (command === "refresh")
    return [
      `${same} resources are in the cloud as they should be; ${update} differed and ${deleted} were gone, which the state now knows: the next up mends them.`,
    ];
  if (changes === 0)
    return [
      `No change: the program wants the ${same} resources as the state has them. Whether they still are so, refresh asks the cloud.`,
    ];
  const verb = command === "preview" ? "would be" : "were";
  return [`${create} ${verb} created, ${update} updated, ${replace} replaced, ${deleted} deleted; ${same} unchanged.`];
}

/** The stack's outputs, one line for each value. */
export function outputLines(outputs: Readonly<Record<string, unknown>>): string[] {
  const entries = Object.entries(outputs);
  if (entries.length === 0) return [];
  return ["Outputs:", ...entries.flatMap(([name, value]) => outputLine(name, value))];
}

function outputLine(name: string, value: unknown): string[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [`  ${name}: ${show(value)}`];
  return Object.entries(value).map(
    ([key, inner]) => `  ${name}.${key}: ${Array.isArray(inner) ? inner.map(show).join(", ") : show(inner)}`,
  );
}

function show(value: unknown): string {
  if (value === undefined) return "(none)";
  return typeof value === "string" ? value : JSON.stringify(value);
}

import type { Operation, ResourceResult, Summary } from "@standin/pulumi-engine/events";
import { textVerdict, type Verdict } from "../estate";
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

/** The one JSON document of --json. */
export function jsonReport(report: RunReport): string {
  const { ok, engine, command, stack, summary, outputs, durationMs, errors = [], verdict } = report;
  const resources = report.resources.map(({ urn, type, name, op, status, inputs, diff, error }) => ({
    urn,
    type,
    name,
    op,
    status,
    inputs,
    diff: diff.map(({ path, before, after }) => ({ path, before, after })),
    ...(error === undefined ? {} : { error }),
  }));
  const told = verdict === undefined ? {} : { verdict };
  return JSON.stringify(
    { ok, engine, command, stack, summary, resources, errors, ...told, outputs, durationMs },
    null,
    2,
  );
}

/** What was done, for a person: changes field by field, what came or went by component, each failure once. */
export function textReport(report: RunReport): string {
  const { ok, command, stack } = report;
  const done = report.resources.filter(({ status }) => status === "done");
  const skipped = report.resources.filter(({ status }) => status === "skipped").length;
  const blocks = [
    wholes(report, "create", done),
    wholes(report, "delete", done),
    done.filter(({ op }) => op === "update" || op === "replace" || op === "import").flatMap(changeLines),
    [
      ...(report.errors ?? []).map((text) => `FAILED: ${readable(text)}`),
      ...failureLines(report.resources, command, stack),
    ],
    [
      ...counts(report),
      ...(skipped > 0 ? [`${skipped} not begun; run the same command again to go on.`] : []),
      `${command} of ${stack} ${ok ? "done" : "FAILED"} in ${seconds(report.durationMs)} (${report.engine}).`,
    ],
    ok && command !== "destroy" ? outputLines(report.outputs) : [],
    report.verdict === undefined ? [] : [textVerdict(report.verdict)],
  ];
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n");
}

/** Resources that come or go whole. */
function wholes(report: RunReport, op: "create" | "delete", done: readonly ResourceResult[]): string[] {
  const some = done.filter((resource) => resource.op === op);
  if (some.length > MOST_LISTED) {
    const verb = op === "create" ? "to create" : "to delete";
    const title = report.command === "preview" ? verb : `${op}d`;
    return [`${some.length} ${title}, by component:`, ...componentTable(byComponent(some, report.resources), SIGN[op])];
  }
  return some.map(({ urn }) => `${SIGN[op]} ${op.padEnd(7)} ${shortName(urn)}`);
}

function changeLines({ op, urn, diff, replaceKeys = [] }: ResourceResult): string[] {
  const because = replaceKeys.length === 0 ? "" : ` (because of ${replaceKeys.join(", ")})`;
  return [
    `${SIGN[op]} ${op.padEnd(7)} ${shortName(urn)}${because}`,
    ...diff.map(({ path, before, after }) => `      ${path}: ${show(before)} => ${show(after)}`),
  ];
}

function counts({ ok, command, summary }: RunReport): string[] {
  const { create, update, replace, delete: deleted, same } = summary;
  const changes = create + update + replace + deleted;
  if (changes === 0 && !ok) return [];
  if (command === "destroy" && changes === 0) return ["There was nothing to delete."];
  if (changes === 0) return [`No change: ${same} resources are as they should be.`];
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

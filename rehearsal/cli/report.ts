import type { Operation, ResourceResult, Summary } from "../engine/events";
import { seconds, shortName } from "./progress";

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
}

const CHANGES: readonly Operation[] = ["create", "update", "replace", "delete", "import"];
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
  const { ok, engine, command, stack, summary, outputs, durationMs } = report;
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
  return JSON.stringify({ ok, engine, command, stack, summary, resources, outputs, durationMs }, null, 2);
}

/** What was done, field by field, for a person. */
export function textReport(report: RunReport): string {
  const changed = report.resources.filter((resource) => CHANGES.includes(resource.op));
  const lines: string[] = [];
  const detailed = report.command === "preview" || changed.some((resource) => resource.op !== "create");
  for (const resource of detailed ? changed : []) {
    lines.push(`${SIGN[resource.op]} ${resource.op.padEnd(7)} ${shortName(resource.urn)}`);
    if (resource.op === "create" || resource.op === "delete") continue;
    for (const { path, before, after } of resource.diff) lines.push(`      ${path}: ${show(before)} => ${show(after)}`);
  }
  const { create, update, replace, delete: deleted, same } = report.summary;
  const verb = report.command === "preview" ? "would be" : "were";
  lines.push("");
  if (create + update + replace + deleted === 0 && report.ok)
    lines.push(`No change: ${same} resources are as they should be.`);
  else
    lines.push(
      `${create} ${verb} created, ${update} updated, ${replace} replaced, ${deleted} deleted; ${same} unchanged.`,
    );
  const failed = report.resources.filter((resource) => resource.status === "failed");
  for (const resource of failed)
    lines.push(`FAILED ${shortName(resource.urn)}: ${resource.error ?? "no reason given"}`);
  const skipped = report.resources.filter((resource) => resource.status === "skipped").length;
  if (skipped > 0) lines.push(`${skipped} not begun; run the same command again to go on.`);
  lines.push(
    `${report.command} of ${report.stack} ${report.ok ? "done" : "FAILED"} in ${seconds(report.durationMs)} (${report.engine}).`,
  );
  const outputs = Object.entries(report.outputs);
  if (outputs.length > 0 && report.command !== "destroy") {
    lines.push("", "Outputs:", ...outputs.map(([name, value]) => `  ${name}: ${show(value)}`));
  }
  return lines.join("\n");
}

function show(value: unknown): string {
  if (value === undefined) return "(none)";
  return typeof value === "string" ? value : JSON.stringify(value);
}

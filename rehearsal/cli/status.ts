import { stateSummary } from "@standin/pulumi-engine/stateSummary";
import type { Options } from "./options";
import { byComponent, componentTable, shortName } from "./names";
import { outputLines } from "./report";
import { embeddedStateFile, rehearsalDir } from "./paths";

/** What the embedded engine's state holds, by component. Exit code: 0, also when there is nothing. */
export function printStatus(options: Options, out: NodeJS.WritableStream): number {
  const summary = stateSummary(embeddedStateFile(rehearsalDir(options.stack, options.machines)));
  if (options.json) {
    out.write(`${JSON.stringify(summary ?? { stack: options.stack, resources: [] }, null, 2)}\n`);
    return 0;
  }
  if (summary === undefined || summary.resources.length === 0) {
    out.write(`${options.stack}: nothing is up. npm run rehearse -- up --stack ${options.stack}\n`);
    return 0;
  }
  out.write(`${options.stack}: ${summary.resources.length} resources, last run ${summary.modified}\n`);
  if (summary.lockedBy !== undefined)
    out.write(`process ${summary.lockedBy.pid} is at work on it since ${summary.lockedBy.since}\n`);
  out.write(`\n${componentTable(byComponent(summary.resources)).join("\n")}\n`);
  for (const { urn, incomplete } of summary.resources) {
    if (incomplete !== undefined)
      out.write(`incomplete: ${shortName(urn)}: ${incomplete}; the next up goes on with it\n`);
  }
  for (const { kind, urn } of summary.pending)
    out.write(`cut off: ${kind} ${shortName(urn)}; the next up finds out what became of it\n`);
  const outputs = outputLines(summary.outputs);
  if (outputs.length > 0) out.write(`\n${outputs.join("\n")}\n`);
  return 0;
}

import { stateSummary } from "../engine";
import type { Options } from "./options";
import { shortName } from "./progress";
import { embeddedStateFile } from "./runEmbedded";
import { rehearsalDir } from "./session";

/** What the embedded engine's state holds, by component. Exit code: 0, also when there is nothing. */
export function printStatus(options: Options, out: NodeJS.WritableStream): number {
  const summary = stateSummary(embeddedStateFile(rehearsalDir(options.stack)));
  if (options.json) {
    out.write(`${JSON.stringify(summary ?? { stack: options.stack, resources: [] }, null, 2)}\n`);
    return 0;
  }
  if (summary === undefined || summary.resources.length === 0) {
    out.write(`${options.stack}: nothing is up. npm run rehearse -- up --stack ${options.stack}\n`);
    return 0;
  }
  const byType = new Map<string, number>();
  for (const { type } of summary.resources) byType.set(type, (byType.get(type) ?? 0) + 1);
  const width = Math.max(...[...byType.keys()].map((type) => type.length));
  out.write(`${options.stack}: ${summary.resources.length} resources, last change ${summary.modified}\n\n`);
  for (const [type, count] of [...byType].sort(([a], [b]) => a.localeCompare(b)))
    out.write(`  ${type.padEnd(width)} ${count}\n`);
  for (const { urn, incomplete } of summary.resources) {
    if (incomplete !== undefined) out.write(`\nincomplete: ${shortName(urn)}: ${incomplete}`);
  }
  for (const { kind, urn } of summary.pending)
    out.write(`\ncut off: ${kind} ${shortName(urn)}; the next up finds out what became of it`);
  const outputs = Object.entries(summary.outputs);
  if (outputs.length > 0)
    out.write(
      `\n${outputs.map(([name, value]) => `  ${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`).join("\n")}\n`,
    );
  return 0;
}

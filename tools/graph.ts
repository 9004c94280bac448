// `npm run graph`: all that the stacks would tell Pulumi of their resources; two of those compared; the record of names.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, relative } from "node:path";
import { MistakesError } from "../components/mistakes";
import { EXAMPLE_SETTINGS } from "../stacks/emittedGraph";
import { knownStacks, loadEnvironment } from "../stacks/loadEnvironment";
import { planEstate } from "../stacks/plan";
import { runCommand, UsageError, type Given } from "./commandLine";
import { compareRegistrations, textComparison } from "./compareRegistrations";
import { identities, recordFile } from "./identities";
import { registrations, type Registration } from "./registrations";

const EQUAL = 0;
const DIFFERENT = 1;

const USAGE = `Usage:
  npm run graph -- --out FILE [--stack prod]   what the stacks register: URN, protection, inputs, dependencies, options
                                               (FILE "-": to standard output)
  npm run graph -- --compare BEFORE AFTER      two such files: what is new, gone, or different
  npm run graph -- --record                    writes down under which names everything is deployed (tests/stacks/identities)

Stacks: ${knownStacks().join(", ")}. Default: all.
Secrets and ids are made up, the same in each run.
Exit status: 0 equal or written, 1 different, 2 bad input.
`;

type Graphs = Readonly<Record<string, readonly Registration[]>>;

async function graphsOf(stacks: readonly string[]): Promise<Graphs> {
  const graphs: Record<string, readonly Registration[]> = {};
  for (const stack of stacks) graphs[stack] = await registrations(planEstate(loadEnvironment(stack), EXAMPLE_SETTINGS));
  return graphs;
}

function read(file: string): Graphs {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Graphs;
  } catch (error) {
    throw new UsageError(`${file}: ${(error as Error).message}; it must be a file that --out has written`, {
      cause: error,
    });
  }
}

function compare(before: Graphs, after: Graphs): number {
  let differences = 0;
  for (const stack of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const comparison = compareRegistrations(before[stack] ?? [], after[stack] ?? []);
    differences += comparison.added.length + comparison.removed.length + comparison.changed.length;
    process.stdout.write(`${stack}\n${textComparison(comparison)}\n\n`);
  }
  return differences === 0 ? EQUAL : DIFFERENT;
}

async function write(file: string, text: string): Promise<void> {
  if (file === "-") await new Promise((done) => process.stdout.write(text, done));
  else writeFileSync(file, text);
}

async function record(): Promise<void> {
  for (const [stack, graph] of Object.entries(await graphsOf(knownStacks()))) {
    const file = recordFile(stack);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${identities(graph).join("\n")}\n`);
    process.stdout.write(`${relative(process.cwd(), file)}: ${graph.length} resources\n`);
  }
}

async function main(given: Given): Promise<number> {
  const stacks = given.all("stack");
  const [before, out] = [given.text("compare"), given.text("out")];
  const [after] = given.words;
  if ([before !== undefined, out !== undefined, given.flag("record")].filter(Boolean).length !== 1)
    throw new UsageError("one of --out, --compare and --record is needed");
  if ((before === undefined) !== (after === undefined))
    throw new UsageError("--compare needs two files, nothing else has any");
  if (before !== undefined && after !== undefined) return compare(read(before), read(after));
  if (out === undefined) await record();
  else await write(out, `${JSON.stringify(await graphsOf(stacks.length > 0 ? stacks : knownStacks()), null, 1)}\n`);
  return EQUAL;
}

runCommand(main, {
  script: "graph",
  options: {
    stack: { many: true, allowed: knownStacks() },
    out: {},
    compare: {},
    record: { flag: true },
  },
  words: [{ name: "AFTER", optional: true }],
  usage: USAGE,
  told: [MistakesError],
});

// `npm run graph`: all that the stacks would tell Pulumi of their resources; two of those compared; the record of names.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, relative } from "node:path";
import { parseArgs } from "node:util";
import { MistakesError } from "../components/mistakes";
import { EXAMPLE_SETTINGS } from "../stacks/emittedGraph";
import { knownStacks, loadEnvironment } from "../stacks/loadEnvironment";
import { planEstate } from "../stacks/plan";
import { runCommand, UsageError } from "./commandLine";
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

async function main(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      stack: { type: "string", multiple: true, default: [...knownStacks()] },
      out: { type: "string" },
      compare: { type: "string" },
      record: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return EQUAL;
  }
  if (values.compare !== undefined) {
    const [after] = positionals;
    if (after === undefined || positionals.length > 1) throw new UsageError("--compare needs two files");
    return compare(read(values.compare), read(after));
  }
  if (positionals.length > 0) throw new UsageError(`unknown argument ${positionals.join(" ")}`);
  if (values.record) await record();
  else if (values.out === undefined) throw new UsageError("one of --out, --compare and --record is needed");
  else
    await write(
      values.out,
      `${JSON.stringify(await graphsOf(values.stack), null, 1)}
`,
    );
  return EQUAL;
}

runCommand(main, { usage: USAGE, told: [MistakesError] });

// `npm run verify -- --stack prod [--json]` and `npm run explain -- --from chatwoot-web --to postgres:5432`.
import { parseArgs } from "node:util";
import { explain } from "../verifier/explain";
import { UnknownEndError } from "../verifier/explainEnds";
import { textVerdict } from "../verifier/report";
import { verify } from "../verifier/verify";
import { MistakesError } from "../components/mistakes";
import { knownStacks } from "../stacks/loadEnvironment";
import { judgedPlan } from "../stacks/planStack";
import { registered } from "../stacks/emittedGraph";
import { runCommand, UsageError } from "./commandLine";
import { stackSettings } from "./stackSettings";

const PROVED = 0;
const NOT_PROVED = 1;

const USAGE = `Usage:
  npm run verify  -- [--stack prod] [--json]
  npm run explain -- --from chatwoot-web --to postgres:5432 [--stack prod]

Stacks: ${knownStacks().join(", ")}. Default: prod.
Exit status: 0 proved, 1 not proved, 2 bad input.
`;

async function main(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      stack: { type: "string", default: "prod" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
      from: { type: "string" },
      to: { type: "string" },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return PROVED;
  }
  const [task] = positionals;
  if (positionals.length !== 1 || (task !== "verify" && task !== "explain"))
    throw new UsageError(`unknown task "${positionals.join(" ")}"`);
  const graph = await registered(judgedPlan(values.stack, stackSettings(values.stack)));
  if (task === "explain") {
    if (values.from === undefined || values.to === undefined) throw new UsageError("explain needs --from and --to");
    process.stdout.write(`${explain(graph, values.from, values.to)}\n`);
    return PROVED;
  }
  const verdict = verify(graph);
  process.stdout.write(`${values.json ? JSON.stringify(verdict, null, 2) : textVerdict(verdict)}\n`);
  return verdict.ok ? PROVED : NOT_PROVED;
}

runCommand(main, { usage: USAGE, told: [MistakesError, UnknownEndError] });

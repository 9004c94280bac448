// `npm run verify -- --stack prod [--json]` and `npm run explain -- --from chatwoot-web --to postgres:5432`.
import { explain } from "../verifier/explain";
import { UnknownEndError } from "../verifier/explainEnds";
import { textVerdict } from "../verifier/report";
import { verify } from "../verifier/verify";
import { MistakesError } from "../components/mistakes";
import { knownStacks } from "../stacks/loadEnvironment";
import { judgedPlan } from "../stacks/planStack";
import { registered } from "../stacks/emittedGraph";
import { runCommand, type Given } from "./commandLine";
import { stackSettings } from "./stackSettings";

const PROVED = 0;
const NOT_PROVED = 1;

const USAGE = `Usage:
  npm run verify  -- [--stack prod] [--json]
  npm run explain -- --from chatwoot-web --to postgres:5432 [--stack prod]

Stacks: ${knownStacks().join(", ")}. Default: prod.
Exit status: 0 proved, 1 not proved, 2 bad input.
`;

async function main(given: Given): Promise<number> {
  const stack = given.text("stack") ?? "prod";
  const graph = await registered(judgedPlan(stack, stackSettings(stack)));
  const [from, to] = [given.text("from"), given.text("to")];
  if (from !== undefined && to !== undefined) {
    process.stdout.write(`${explain(graph, from, to)}\n`);
    return PROVED;
  }
  const verdict = verify(graph);
  process.stdout.write(`${given.flag("json") ? JSON.stringify(verdict, null, 2) : textVerdict(verdict)}\n`);
  return verdict.ok ? PROVED : NOT_PROVED;
}

// Which of the two scripts it is comes from tools/run.mjs.
const [task, ...argv] = process.argv.slice(2);
const stack = { allowed: knownStacks() };
const told = [MistakesError, UnknownEndError];
if (task === "explain")
  runCommand(main, {
    script: "explain",
    options: { stack, from: { needed: true }, to: { needed: true } },
    usage: USAGE,
    told,
    argv,
  });
else runCommand(main, { script: "verify", options: { stack, json: { flag: true } }, usage: USAGE, told, argv });

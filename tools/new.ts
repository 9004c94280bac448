// `npm run new -- app NAME`: an entry of a stack's file, proved before it is written.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { MistakesError } from "../components/mistakes";
import { EXAMPLE_SETTINGS, emittedGraph } from "../stacks/emittedGraph";
import { validateEnvironment } from "../stacks/judgeEnvironment";
import { knownStacks, loadEnvironment } from "../stacks/loadEnvironment";
import { textVerdict } from "../verifier/report";
import { verify } from "../verifier/verify";
import { runCommand, type Given } from "./commandLine";
import { entryText, firstEntry, withEntry } from "./newApp";

const WRITTEN = 0;
const NOT_PROVED = 1;

const USAGE = `Usage:
  npm run new -- app NAME [--stack prod]   an entry of workloads.apps in stacks/<stack>.ts

Stacks: ${knownStacks().join(", ")}. Default: prod.
Exit status: 0 written, 1 not proved and not written, 2 bad input.
`;

async function main(given: Given): Promise<number> {
  const [, name = ""] = given.words;
  const stack = given.text("stack") ?? "prod";
  const environment = loadEnvironment(stack);
  const { web, workloads } = environment;
  const file = `stacks/${stack}.ts`;
  const path = join(__dirname, "..", file);
  const apps = [...(workloads.apps ?? []), firstEntry(name, web.zone)];
  const changed = validateEnvironment({ ...environment, workloads: { ...workloads, apps } }, file);
  const verdict = verify(await emittedGraph(changed, EXAMPLE_SETTINGS));
  if (!verdict.ok) {
    process.stderr.write(`${textVerdict(verdict)}\nNothing is written.\n`);
    return NOT_PROVED;
  }
  writeFileSync(path, withEntry(file, readFileSync(path, "utf8"), entryText(name, web.zone)));
  process.stdout.write(
    `${file}: ${name} is the last of workloads.apps, and proved. What it needs, and its own image: docs/applications.md.\n`,
  );
  return WRITTEN;
}

runCommand(main, {
  script: "new",
  options: { stack: { allowed: knownStacks() } },
  words: [{ name: "app", allowed: ["app"] }, { name: "NAME" }],
  usage: USAGE,
  told: [MistakesError],
});

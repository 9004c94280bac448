// `npm test`, `npm run test:real`, and the whole of each: suites, one line for what this machine does not allow, counts.
import { BAD_INPUT, runCommand, UsageError, type Given } from "./commandLine";
import { closeScratch, guardScratch, openScratch } from "./scratch";
import { SuiteRun } from "./runSuites";
import { COMMANDS, type Group } from "./suites";

const USAGE = `Usage: npm test [-- SUITE ...]              all that needs nothing but npm
       npm run test:whole [-- [--minutes N] SUITE ...]
                                             the same, without samples; files that are not in it, for so many minutes
       npm run test:real [-- SUITE ...]      real machines, real Kubernetes, the official CLI: what this machine allows
       npm run test:real:whole [-- SUITE ...]

Exit status: 0 all passed, 1 some failed, 2 bad input, 130 or 143 interrupted.
`;

const namesOf = (groups: readonly Group[]): readonly string[] => groups.flat().map(({ name }) => name);

/** Where else a suite is that a command has not. */
const elsewhere = (suite: string): string | undefined =>
  Object.entries(COMMANDS).flatMap(([name, groups]) =>
    namesOf(groups).includes(suite) ? [`it is one of ${name}`] : [],
  )[0];

async function main(given: Given, command: keyof typeof COMMANDS, whole: boolean): Promise<number> {
  const minutes = given.number("minutes");
  if (minutes !== undefined && !whole)
    throw new UsageError("--minutes limits what only the whole has: npm run test:whole -- --minutes 15");
  const wanted = given.words;
  const groups: readonly Group[] = COMMANDS[command].map((group) =>
    group.filter(({ name }) => wanted.length === 0 || wanted.includes(name)),
  );
  guardScratch();
  const scratch = openScratch();
  const log = (line: string): void => void process.stderr.write(`${line}\n`);
  const run = new SuiteRun({ scratch, whole, log, ...(minutes !== undefined && { minutes }) });
  let signalled = 0;
  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)
    process.on(signal, () => {
      // What the suites clean up when they are interrupted is waited for; a second signal does not wait.
      run.interrupt(signal);
      if (signalled !== 0) process.exit(code);
      signalled = code;
    });
  try {
    await run.run(groups);
  } finally {
    await closeScratch(scratch);
  }
  if (command === "test" && !whole)
    run.notes.push("samples, where the whole is long: npm run test:whole has all of it");
  process.stdout.write(`\n${run.notes.join("\n")}\n\n${run.closingLine}\n`);
  return signalled !== 0 ? signalled : run.ok ? 0 : 1;
}

// Which of the four it is comes from tools/run.mjs.
const [command, ...rest] = process.argv.slice(2);
const whole = rest[0] === "--whole";
if (command !== "test" && command !== "test:real") {
  process.stderr.write(USAGE);
  process.exit(BAD_INPUT);
} else
  runCommand((given) => main(given, command, whole), {
    script: whole ? `${command}:whole` : command,
    options: { minutes: { number: { least: 0.1, most: 1440, fractions: true } } },
    words: [{ name: "SUITE", optional: true, many: true, allowed: namesOf(COMMANDS[command]), elsewhere }],
    usage: USAGE,
    argv: whole ? rest.slice(1) : rest,
  });

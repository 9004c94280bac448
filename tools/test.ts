// `npm test`, `npm run test:real`, and the whole of each: suites, one line for what this machine does not allow, counts.
import { closeScratch, guardScratch, openScratch } from "./scratch";
import { SuiteRun } from "./runSuites";
import { COMMANDS, type Group } from "./suites";

const USAGE = `Usage: npm test [-- SUITE ...]              all that needs nothing but npm
       npm run test:whole [-- [--minutes N] SUITE ...]
                                             the same, without samples; files that are not in it, for so many minutes
       npm run test:real [-- SUITE ...]      real machines, real Kubernetes, the official CLI: what this machine allows
       npm run test:real:whole [-- SUITE ...]
`;

const namesOf = (groups: readonly Group[]): readonly string[] => groups.flat().map(({ name }) => name);

/** The suites that are meant; a text: why none. */
function chosen(command: string, wanted: readonly string[]): readonly Group[] | string {
  if (command !== "test" && command !== "test:real") return USAGE;
  const groups: readonly Group[] = COMMANDS[command];
  const unknown = wanted.filter((name) => !namesOf(groups).includes(name));
  if (unknown.length === 0)
    return groups.map((group) => group.filter(({ name }) => wanted.length === 0 || wanted.includes(name)));
  const elsewhere = Object.entries(COMMANDS).flatMap(([other, there]) =>
    unknown.some((name) => namesOf(there).includes(name)) ? [`${unknown.join(", ")} is one of ${other}. `] : [],
  );
  return `No suite ${unknown.join(", ")} in ${command}; there are: ${namesOf(groups).join(", ")}. ${elsewhere.join("")}\n`;
}

interface Options {
  readonly whole: boolean;
  readonly minutes?: number;
  readonly wanted: readonly string[];
}

/** A text: what is wrong with them. */
function parse(args: readonly string[]): Options | string {
  const whole = args[0] === "--whole";
  const rest = whole ? args.slice(1) : args;
  if (rest[0] !== "--minutes") return { whole, wanted: rest };
  const minutes = Number(rest[1]);
  if (!whole) return "--minutes limits what only the whole has: npm run test:whole -- --minutes 15\n";
  if (rest[1] === undefined || !(minutes > 0))
    return `--minutes: found ${rest[1] ?? "nothing"}; allowed: a number above 0\n`;
  return { whole, minutes, wanted: rest.slice(2) };
}

function refused(why: string): number {
  process.stderr.write(why);
  return 2;
}

async function main([command = "", ...rest]: readonly string[]): Promise<number> {
  const options = parse(rest);
  if (typeof options === "string") return refused(options);
  const groups = chosen(command, options.wanted);
  if (typeof groups === "string") return refused(groups);
  const { whole, minutes } = options;
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

void main(process.argv.slice(2)).then((code) => process.exit(code));

import { CommandLineError, readCommandLine, type CommandLineSpec } from "@standin/common/commandLine";

const SPEC: CommandLineSpec = {
  script: "show",
  options: {
    stack: { allowed: ["prod", "staging"] },
    many: { many: true },
    json: { flag: true },
    count: { number: { least: 1, most: 9 } },
    "with-dash": {},
  },
  words: [
    { name: "what", allowed: ["up", "preview"] },
    { name: "NAME", optional: true },
  ],
  nearest: (word, known) => known.find((one) => one.startsWith(word.slice(0, 4))),
};

/** Mistakes. */
function told(argv: readonly string[], spec: Partial<CommandLineSpec> = {}, env = {}): readonly string[] {
  try {
    readCommandLine({ ...SPEC, ...spec }, argv, env);
    return [];
  } catch (error) {
    if (error instanceof CommandLineError) return error.mistakes;
    throw error;
  }
}

test("a dash alone is a value: standard input or output", () => {
  expect(readCommandLine(SPEC, ["up", "--many", "-"], {}).all("many")).toEqual(["-"]);
});

test("what is allowed is read", () => {
  const given = readCommandLine(
    SPEC,
    ["--", "up", "a", "--stack=prod", "--many", "x", "--many=y", "--json", "--count", "3"],
    {},
  );
  expect(given.words).toEqual(["up", "a"]);
  expect([given.text("stack"), given.all("many"), given.flag("json"), given.number("count")]).toEqual([
    "prod",
    ["x", "y"],
    true,
    3,
  ]);
  expect([given.text("with-dash"), given.flag("help"), given.help]).toEqual([undefined, false, false]);
});

test.each([
  [
    "an option that nobody has",
    ["up", "--stak", "prod"],
    ['option "--stak" is unknown; write "--stack"; allowed: --stack, --many, --json, --count, --with-dash, --help'],
  ],
  [
    "a value that nobody has",
    ["up", "--stack", "prodd"],
    ['--stack "prodd" is unknown; write "prod"; allowed: prod, staging'],
  ],
  ["an option given twice", ["up", "--stack", "prod", "--stack", "staging"], ["--stack is given twice"]],
  ["a flag given three times", ["up", "--json", "--json", "--json"], ["--json is given 3 times"]],
  ["no value", ["up", "--stack"], ["--stack wants a value"]],
  ["an empty value", ["up", "--stack="], ["--stack wants a value"]],
  ["an option where a value should be", ["up", "--stack", "--json"], ['--stack wants a value; found "--json"']],
  ["a value for a flag", ["up", "--json=yes"], ['--json takes no value; found "yes"']],
  ["no number", ["up", "--count", "ten"], ['--count "ten" must be a whole number from 1 to 9']],
  ["a number that is too small", ["up", "--count", "-1"], ['--count "-1" must be a whole number from 1 to 9']],
  ["a part of a number", ["up", "--count", "1.5"], ['--count "1.5" must be a whole number from 1 to 9']],
  ["no word", [], ["what must be given"]],
  ["another word", ["previw"], ['what "previw" is unknown; write "preview"; allowed: up, preview']],
  ["too many words", ["up", "a", "b", "c"], ['"b" and "c": only what and NAME can be given']],
] as const)("%s", (_, argv, mistakes) => {
  // What follows an option that nobody has is a word.
  expect(told(argv)).toEqual(mistakes);
});

test("all of it in one answer", () => {
  expect(told(["upp", "--stack", "x", "--json", "--json", "--count", "0", "--colour"])).toHaveLength(5);
  expect(told(["up"], { options: { to: { needed: true } }, judge: () => ["a rule of its own"] })).toEqual([
    "--to must be given",
    "a rule of its own",
  ]);
});

test("a forgotten -- is told with what was meant", () => {
  expect(
    told(["up"], {}, { npm_config_stack: "staging", npm_config_json: "true", npm_config_with_dash: "true" }),
  ).toEqual([
    'npm has taken --stack for itself: write "npm run show -- up --stack=staging"',
    'npm has taken --json for itself: write "npm run show -- up --json"',
    'npm has taken --with-dash for itself: write "npm run show -- up --with-dash=..."',
  ]);
  expect(told(["up"], {}, { npm_config_stack: "", npm_config_json: "false", npm_config_loglevel: "silent" })).toEqual(
    [],
  );
});

test("who asks for help is told nothing else", () => {
  for (const help of ["--help", "-h"]) expect(readCommandLine(SPEC, ["--stack", "x", help], {}).help).toBe(true);
});

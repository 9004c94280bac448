import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

jest.setTimeout(120_000);

const ROOT = join(__dirname, "..", "..");
const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
  readonly scripts: Readonly<Record<string, string>>;
};

/** What they are given goes to other people's programs, as it is. */
const HANDED_ON = ["test:unit", "typecheck", "lint", "format"];
const OURS = Object.keys(scripts).filter((script) => !HANDED_ON.includes(script));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** As npm runs it. */
function run(script: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Ended {
  const [, ...words] = (scripts[script] ?? "").split(" ");
  const done = spawnSync(process.execPath, [...words, ...args], {
    cwd: ROOT,
    encoding: "utf8",
    env: { ...process.env, ...env },
  });
  return { code: done.status, stdout: done.stdout, stderr: done.stderr };
}

test("there are scripts, and each goes through the one entry", () => {
  expect(OURS.length).toBeGreaterThan(12);
  for (const [script, command] of Object.entries(scripts)) expect(command).toBe(`node tools/run.mjs ${script}`);
});

describe.each(OURS)("npm run %s", (script) => {
  test("--help says how it is used and how it ends", () => {
    const { code, stdout, stderr } = run(script, ["--help"]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain(script);
    expect(stdout).toMatch(/Exit status: 0 /);
    expect(stdout).toMatch(/2 bad input|2 not compared/);
  });

  test("whatever is given wrongly is told at once, with how it is used: exit code 2, no trace", () => {
    const { code, stdout, stderr } = run(script, ["--hepl", "--no-such", "x", "--no-such", "y"], {
      npm_config_stack: "staging",
      npm_config_minutes: "5",
    });
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/^option "--hepl" is unknown; write "--help"; allowed: /m);
    expect(stderr).toMatch(/^option "--no-such" is unknown; /m);
    expect(stderr.split("is unknown;").length).toBeGreaterThanOrEqual(3);
    expect(stderr).not.toMatch(/^ +at .*:\d+:\d+/m);
    // Those that have such an option: npm has taken it.
    const options = /allowed: (.*)$/m.exec(stderr)?.[1] ?? "";
    for (const name of ["stack", "minutes"]) {
      const taken = new RegExp(`^npm has taken --${name} for itself: write "npm run ${script} -- `, "m");
      expect(taken.test(stderr)).toBe(options.split(", ").includes(`--${name}`));
    }
  });
});

test.each([
  ["verify", ["--stack", "prodd"], /^--stack "prodd" is unknown; write "prod"; allowed: /],
  ["verify", ["--stack", "prod", "--stack", "local"], /^--stack is given twice$/m],
  ["rehearse", ["preview", "--stack", "prod", "--stack", "local"], /^--stack is given twice$/m],
  ["explain", ["--from", "a"], /^--to must be given$/m],
  ["new", ["ap", "x"], /^app "ap" is unknown; /m],
  ["bench", ["prodd"], /^what "prodd" is unknown; write "prod"; /m],
  ["graph", ["--out", "x", "--record"], /^one of --out, --compare and --record is needed$/m],
  ["docs", ["--without", "none.md"], /^--without "none\.md" is unknown; /m],
])("npm run %s -- %p", (script, args, said) => {
  const { code, stderr } = run(script, args);
  expect(code).toBe(2);
  expect(stderr).toMatch(said);
});

test("npm run rehearse preview --stack=staging does not preview prod", () => {
  const { code, stderr } = run("rehearse", ["preview"], { npm_config_stack: "staging" });
  expect(code).toBe(2);
  expect(stderr).toMatch(/^npm has taken --stack for itself: write "npm run rehearse -- preview --stack=staging"$/m);
});

test("an unknown task", () => {
  const done = spawnSync(process.execPath, ["tools/run.mjs", "verfy"], { cwd: ROOT, encoding: "utf8" });
  expect([done.status, done.stdout]).toEqual([2, ""]);
  expect(done.stderr).toMatch(/^Unknown task "verfy"\. Known: /);
});

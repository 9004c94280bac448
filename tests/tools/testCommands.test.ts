import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { SuiteRun, type RunOptions } from "../../tools/runSuites";
import { COMMANDS, type Group, type Suite } from "../../tools/suites";

jest.setTimeout(60_000);

const ROOT = join(__dirname, "..", "..");
const DAY_MS = 86_400_000;

/** Programs that only say how they were called; what they are told decides how they end. */
class Bench {
  readonly dir = mkdtempSync(join(tmpdir(), "keybuzz-suites-"));
  readonly bin = join(this.dir, "bin");
  readonly lines: string[] = [];

  constructor() {
    mkdirSync(this.bin);
    const calls = join(this.dir, "calls");
    // The counts are the word after --selectProjects: "3-1-2" is 3 passed, 1 failed, 2 skipped.
    this.script(
      "jest",
      `echo "jest $KEYBUZZ_TESTS $*" >>'${calls}'
file=$(grep -oE 'outputFile [^ ]+' <<<"$*" | cut -d ' ' -f 2)
IFS=- read -r passed failed skipped <<<"$(grep -oE '[0-9]+-[0-9]+-[0-9]+' <<<"$*")"
echo "{\\"numPassedTests\\": $passed, \\"numFailedTests\\": $failed, \\"numPendingTests\\": $skipped}" >"$file"
exit "$((failed > 0))"`,
    );
    this.script("good", `echo "good $*" >>'${calls}'; echo fine`);
    this.script("bad", `echo "bad $*" >>'${calls}'; echo "what is wrong" >&2; exit 3`);
    this.script("broken", "exit 1");
    // It stands for tools/prepare.ts, which is called with the names of suites.
    this.script("node", `echo "prepare \${!#}" >>'${calls}'`);
  }

  script(name: string, text: string): void {
    writeFileSync(join(this.bin, name), `#!/bin/bash\n${text}\n`);
    chmodSync(join(this.bin, name), 0o755);
  }

  get calls(): readonly string[] {
    const file = join(this.dir, "calls");
    return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
  }

  async run(groups: readonly Group[], options: Partial<RunOptions> = {}): Promise<SuiteRun> {
    const log = (line: string): void => void this.lines.push(line);
    const run = new SuiteRun({ scratch: this.dir, bin: this.bin, now: () => 0, output: "ignore", log, ...options });
    await run.run(groups);
    return run;
  }
}

let bench: Bench;
beforeEach(() => void (bench = new Bench()));
afterEach(() => rmSync(bench.dir, { recursive: true, force: true }));

const jestSuite = (name: string, counts: string, more: Partial<Suite> = {}): Suite => ({
  name,
  command: ["jest", "--selectProjects", counts],
  ...more,
});

describe("a run of suites", () => {
  test("counts jest's tests, and one for each other program; what could not be loaded has failed", async () => {
    const run = await bench.run([
      [jestSuite("unit", "3-1-2")],
      [{ name: "typecheck", command: ["good"] }],
      [{ name: "format", command: ["bad"] }],
    ]);
    expect(run.closingLine).toBe("4 passed, 2 failed, 2 skipped");
    expect(run.ok).toBe(false);
    expect(run.notes).toEqual(["FAILED: unit (0 s)", "passed: typecheck (0 s)", "FAILED: format (0 s)"]);
    bench.script("jest", "exit 1");
    expect((await bench.run([[jestSuite("unit", "1-0-0")]])).closingLine).toBe("0 passed, 1 failed, 0 skipped");
  });

  test("says in one line why something cannot run here, and counts it as skipped", async () => {
    const run = await bench.run([
      [jestSuite("machines", "9-0-0", { skip: () => "real machines: they need root" })],
      [jestSuite("unit", "1-0-0")],
    ]);
    expect(run.notes).toEqual(["skipped: machines: real machines: they need root", "passed: unit (0 s)"]);
    expect(run.closingLine).toBe("1 passed, 0 failed, 1 skipped");
    expect(run.ok).toBe(true);
    expect(bench.calls).toHaveLength(1);
  });

  test("says first what is made or installed, and makes it before the suite that needs it, and only then", async () => {
    await bench.run([
      [jestSuite("quick", "1-0-0")],
      [jestSuite("kubernetes", "2-0-0", { needs: () => "kube-apiserver: built from Go modules" })],
      [jestSuite("nothing", "4-0-0", { needs: () => undefined })],
      [jestSuite("machines", "3-0-0", { needs: () => "an image", skip: () => "no" })],
    ]);
    expect(bench.lines[0]).toBe("kubernetes needs kube-apiserver: built from Go modules");
    expect(bench.lines.filter((line) => line.includes("needs"))).toHaveLength(1);
    expect(bench.calls.filter((call) => call.startsWith("prepare"))).toEqual(["prepare kubernetes"]);
    const of = (text: string): number => bench.calls.findIndex((call) => call.includes(text));
    expect(of("prepare")).toBeLessThan(of("2-0-0"));
  });

  test("lets what stands beside each other run at once, and shows what each says in one piece", async () => {
    const run = await bench.run([
      [
        { name: "typecheck", command: ["bad"] },
        { name: "lint", command: ["good"] },
      ],
    ]);
    expect([...bench.lines].sort()).toEqual(["\n== lint\nfine", "\n== typecheck\nwhat is wrong"]);
    expect(run.closingLine).toBe("1 passed, 1 failed, 0 skipped");
  });

  test("tells the tests whether they are to try everything", async () => {
    await bench.run([[jestSuite("unit", "1-0-0")]]);
    await bench.run([[jestSuite("unit", "1-0-0")]], { whole: true });
    expect(bench.calls.map((call) => call.split(" ")[1])).toEqual(["sample", "whole"]);
  });

  test("leaves out the files that only the whole has", async () => {
    const suite = jestSuite("contributing", "1-0-0", { wholeOnly: ["tests/contributing/whole\\.test\\.ts"] });
    await bench.run([[suite]]);
    await bench.run([[suite]], { whole: true });
    const left = bench.calls.map((call) => / --testPathIgnorePatterns (\S+) --json/.exec(call)?.[1]);
    expect(left).toEqual(["tests/contributing/whole\\.test\\.ts", undefined]);
  });
});

describe("a suite with a limit of time", () => {
  const machines = jestSuite("machines", "2-0-0", { fileByFile: { folder: "tests/machines", minutes: 30 } });
  const files = readdirSync(join(ROOT, "tests", "machines"))
    .filter((file) => file.endsWith(".test.ts"))
    .sort();
  const ran = (): readonly string[] => bench.calls.map((call) => basename(call.split(" ")[2] ?? ""));
  /** A clock that goes on by so many minutes with each look at it, from a day on. */
  const clock = (day: number, minutes: number): (() => number) => {
    let time = day * DAY_MS;
    return () => (time += minutes * 60_000);
  };

  test("runs file by file while there is time", async () => {
    const run = await bench.run([[machines]]);
    expect(ran()).toEqual(files);
    expect(run.closingLine).toBe(`${2 * files.length} passed, 0 failed, 0 skipped`);
  });

  test("begins each day with another file, and tells what it has left out", async () => {
    const run = await bench.run([[machines]], { now: clock(files.length + 1, 8) });
    expect(ran()).toEqual(files.slice(1, 4));
    const left = files.length - 3;
    expect(run.closingLine).toBe(`6 passed, 0 failed, ${left} skipped`);
    const note = run.notes.find((line) => line.startsWith("skipped: machines: after 30 minutes, "));
    expect(note).toContain(`${basename(files[4] ?? "", ".test.ts")}, `);
    expect(note).toContain("npm run test:real:whole runs all");
  });

  test("of the whole holds for the files that only it has, after all others", async () => {
    const suite = jestSuite("scenario", "1-0-0", {
      wholeOnly: ["tests/scenario/(rotation|firstUp)\\.test\\.ts", "tests/tools/whole\\.test\\.ts"],
    });
    const run = await bench.run([[suite], [jestSuite("real", "1-0-0")]], {
      now: clock(1, 8),
      whole: true,
      minutes: 15,
    });
    const [first = "", second = "", ...late] = bench.calls;
    expect(first).toMatch(/^jest whole .*--testPathIgnorePatterns /);
    expect(second).not.toContain("--testPathIgnorePatterns");
    expect(late.map((call) => call.split(" ")[2])).toEqual(["tests/scenario/rotation.test.ts"]);
    expect(late.join()).not.toContain("--testPathIgnorePatterns");
    expect(run.closingLine).toBe("3 passed, 0 failed, 2 skipped");
    expect(run.notes).toContain("passed: 1 files that only the whole has");
    expect(run.notes.find((line) => line.startsWith("skipped: the whole: after 15 minutes, "))).toMatch(
      /whole, firstUp; .* npm run test:whole runs all$/,
    );
  });

  test("has none where everything is tried", async () => {
    await bench.run([[machines]], { now: clock(0, 60), whole: true });
    expect(ran()).toEqual(files);
  });
});

describe("the command line", () => {
  const command = (...args: readonly string[]): { code: number | null; stdout: string; stderr: string } => {
    const done = spawnSync(process.execPath, ["--import", "tsx", "tools/test.ts", ...args], {
      cwd: ROOT,
      env: { ...process.env, TMPDIR: bench.dir },
      encoding: "utf8",
    });
    return { code: done.status, stdout: done.stdout, stderr: done.stderr };
  };

  test("names the suites there are where one is unknown, and the command that has it", () => {
    expect(command("test", "unti")).toEqual({
      code: 2,
      stdout: "",
      stderr: expect.stringMatching(
        /^SUITE "unti" is unknown; write "unit"; allowed: typecheck, lint, format, unit, mutations, rehearsal, scenario, contributing\n\nUsage:/,
      ) as string,
    });
    const { stderr } = command("test", "--whole", "machines");
    expect(stderr).toMatch(/^SUITE "machines" is unknown; allowed: .*; it is one of test:real\n/);
    expect(readdirSync(bench.dir).filter((name) => name.startsWith("keybuzz-"))).toEqual([]);
  });

  test("limits the whole by minutes, and nothing else", () => {
    expect(command("test", "--minutes", "5")).toMatchObject({ code: 2 });
    expect(command("test", "--whole", "--minutes", "soon").stderr).toMatch(
      /^--minutes "soon" must be a number from 0.1 to 1440\n/,
    );
    expect(command("test", "--whole", "--minutes", "5", "unti").stderr).toContain('SUITE "unti" is unknown;');
  });

  test("needs to know which command is meant", () => {
    expect(command()).toMatchObject({ code: 2, stderr: expect.stringContaining("Usage: npm test") as string });
  });
});

test("`npm test` has no suite that must be prepared, or that may not be able to run", () => {
  for (const suite of COMMANDS.test.flat())
    expect([suite.name, suite.needs, suite.skip]).toEqual([suite.name, undefined, undefined]);
  for (const suite of COMMANDS["test:real"].flat())
    expect([suite.name, typeof suite.skip]).toEqual([suite.name, "function"]);
});

describe("continuous integration", () => {
  /** `.ci/run` with an npm that says what it is told: for each command its output, and how it ends. */
  function ci(commands: Readonly<Record<string, string>>): {
    code: number | null;
    stdout: string;
    calls: readonly string[];
  } {
    mkdirSync(join(bench.dir, ".ci"));
    copyFileSync(join(ROOT, ".ci", "run"), join(bench.dir, ".ci", "run"));
    const cases = Object.entries(commands).map(([name, script]) => `${name}) ${script} ;;`);
    bench.script("npm", `echo "$*" >>'${bench.dir}/calls'\ncase $3 in\n${cases.join("\n")}\nesac`);
    const done = spawnSync("bash", [join(bench.dir, ".ci", "run")], {
      env: { ...process.env, PATH: `${bench.bin}:${process.env["PATH"] ?? ""}` },
      encoding: "utf8",
    });
    return { code: done.status, stdout: done.stdout, calls: bench.calls };
  }

  test("runs the whole of what needs npm alone, then what is real, and adds their counts up", () => {
    const { code, stdout, calls } = ci({
      "test:whole": "echo '10 passed, 0 failed, 1 skipped'",
      "test:real": "echo 'skipped: machines'; echo '5 passed, 0 failed, 2 skipped'",
    });
    expect(calls).toEqual(["run --silent test:whole -- --minutes 12", "run --silent test:real"]);
    expect(stdout.trimEnd().split("\n").at(-1)).toBe("15 passed, 0 failed, 3 skipped");
    expect(code).toBe(0);
  });

  test("runs the second although the first has failed, and fails", () => {
    const { code, stdout } = ci({
      "test:whole": "echo '10 passed, 2 failed, 0 skipped'; exit 1",
      "test:real": "echo '5 passed, 0 failed, 0 skipped'",
    });
    expect(stdout.trimEnd().split("\n").at(-1)).toBe("15 passed, 2 failed, 0 skipped");
    expect(code).toBe(1);
  });
});

// Runs the suites of a test command, and tells how they ended.
import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import type { Group, Suite } from "./suites";
import { testFiles, wholeOnlyFiles } from "./testFiles";

const ROOT = join(__dirname, "..");
const DAY_MS = 86_400_000;

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export interface RunOptions {
  /** A folder for what is temporary. */
  readonly scratch: string;
  /** Is everything tried, without a sample or a limit of time? Default false. */
  readonly whole?: boolean;
  /**
   * Of the whole: how many minutes the files that only it has may take together, after everything else. They run file
   * by file, beginning each day with another; what is left then is skipped, and said. Default: no limit.
   */
  readonly minutes?: number;
  /** Where programs are looked for. Default: those of the project's packages. */
  readonly bin?: string;
  /** Default: this moment. */
  readonly now?: () => number;
  /** Where suites write to. Default: standard error. */
  readonly output?: number | "ignore";
  readonly log: (line: string) => void;
}

/** One run: what it has started can be ended. */
export class SuiteRun {
  readonly notes: string[] = [];
  readonly #children = new Set<ChildProcess>();
  /** What is made beforehand, while it is made. */
  #preparing: ChildProcess | undefined;
  readonly #env: NodeJS.ProcessEnv;
  readonly #bin: string;
  #counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  #interrupted = false;

  constructor(private readonly options: RunOptions) {
    this.#bin = options.bin ?? join(ROOT, "node_modules", ".bin");
    this.#env = {
      ...process.env,
      TMPDIR: options.scratch,
      KEYBUZZ_TESTS: options.whole === true ? "whole" : "sample",
    };
  }

  get interrupted(): boolean {
    return this.#interrupted;
  }

  /** The line that every test command ends with. */
  get closingLine(): string {
    const { passed, failed, skipped } = this.#counts;
    return `${passed} passed, ${failed} failed, ${skipped} skipped`;
  }

  get ok(): boolean {
    return this.#counts.failed === 0;
  }

  /** Runs all that can run here, and says in one line each what cannot. */
  async run(groups: readonly Group[]): Promise<void> {
    const possible = groups.map((group) =>
      group.filter((suite) => {
        const why = suite.skip?.();
        if (why !== undefined) this.#skip(`${suite.name}: ${why}`, 1);
        return why === undefined;
      }),
    );
    const needs = possible.flat().flatMap(({ name, needs }) => {
      const what = needs?.();
      return what === undefined ? [] : [{ name, what }];
    });
    for (const { name, what } of needs) this.options.log(`${name} needs ${what}`);
    const prepared = this.#prepare(needs.map(({ name }) => name));
    try {
      for (const group of possible) {
        for (const { name } of group) await prepared.get(name);
        if (this.#interrupted) return;
        await Promise.all(group.map((suite) => this.#suite(suite, group.length > 1)));
      }
      await this.#wholeOnly(possible.flat());
    } finally {
      if (this.#preparing !== undefined) signalGroup(this.#preparing, "SIGKILL");
    }
  }

  /** Hands a signal on, and begins nothing new; the second time it does not wait for anybody. */
  interrupt(signal: NodeJS.Signals): void {
    if (this.#preparing !== undefined) signalGroup(this.#preparing, "SIGKILL");
    for (const child of this.#children) signalGroup(child, this.#interrupted ? "SIGKILL" : signal);
    this.#interrupted = true;
  }

  #skip(note: string, count: number): void {
    this.notes.push(`skipped: ${note}`);
    this.#counts = { ...this.#counts, skipped: this.#counts.skipped + count };
  }

  #count(counts: readonly Counts[]): void {
    for (const { passed, failed, skipped } of counts)
      this.#counts = {
        passed: this.#counts.passed + passed,
        failed: this.#counts.failed + failed,
        skipped: this.#counts.skipped + skipped,
      };
  }

  /** @param beside does it run beside others? Then what it says comes in one piece, when it has ended. */
  async #suite(suite: Suite, beside: boolean): Promise<void> {
    const started = this.#now();
    if (!beside) this.options.log(`\n== ${suite.name}`);
    const counts = suite.fileByFile === undefined ? [await this.#step(suite, [], beside)] : await this.#files(suite);
    this.#count(counts);
    const seconds = ((this.#now() - started) / 1000).toFixed(0);
    const failed = counts.some((one) => one.failed > 0);
    this.notes.push(`${failed ? "FAILED" : "passed"}: ${suite.name} (${seconds} s)`);
  }

  async #files(suite: Suite): Promise<readonly Counts[]> {
    const { folder, minutes } = suite.fileByFile ?? { folder: "", minutes: 0 };
    const files = testFiles(folder).map((file) => ({ suite, file }));
    return this.#whileTime(files, this.options.whole === true ? Infinity : minutes, {
      name: suite.name,
      all: "test:real:whole",
    });
  }

  /** What the suites of a limited whole have left out, as far as there is time for it. */
  async #wholeOnly(suites: readonly Suite[]): Promise<void> {
    const { whole, minutes } = this.options;
    if (whole !== true || minutes === undefined || this.#interrupted) return;
    const files = suites.flatMap((suite) => wholeOnlyFiles(suite).map((file) => ({ suite, file })));
    if (files.length === 0) return;
    this.options.log(`\n== files that only the whole has, for ${minutes} minutes`);
    const counts = await this.#whileTime(files, minutes, { name: "the whole", all: "test:whole" });
    this.#count(counts);
    const failed = counts.some((one) => one.failed > 0);
    this.notes.push(`${failed ? "FAILED" : "passed"}: ${counts.length} files that only the whole has`);
  }

  /** File by file, beginning each day with another. What is begun is finished. */
  async #whileTime(
    files: readonly { readonly suite: Suite; readonly file: string }[],
    minutes: number,
    { name, all }: { readonly name: string; readonly all: string },
  ): Promise<readonly Counts[]> {
    const started = this.#now();
    const first = Math.floor(started / DAY_MS) % files.length;
    const ordered = [...files.slice(first), ...files.slice(0, first)];
    const counts: Counts[] = [];
    for (const { suite, file } of ordered) {
      if (this.#interrupted || this.#now() - started > minutes * 60_000) break;
      counts.push(await this.#step({ ...suite, wholeOnly: [] }, [file], false));
    }
    const left = ordered.slice(counts.length);
    if (left.length > 0 && !this.#interrupted)
      this.#skip(
        `${name}: after ${minutes} minutes, ${left.map(({ file }) => basename(file, ".test.ts")).join(", ")}; the next days begin with others, and npm run ${all} runs all`,
        left.length,
      );
    return counts;
  }

  /** Jest's own counts where it is jest, otherwise one for the whole. */
  async #step(
    { name, command: [program = "", ...args], wholeOnly = [] }: Suite,
    files: readonly string[],
    beside: boolean,
  ): Promise<Counts> {
    const results = join(this.options.scratch, `${name}.json`);
    // One of an earlier file would be taken for its own, if it ends without any.
    rmSync(results, { force: true });
    const isJest = program === "jest";
    // jest --json writes the report to standard output too; the readable one goes to standard error.
    const counted = isJest ? ["--json", "--outputFile", results] : [];
    const all = this.options.whole === true && this.options.minutes === undefined;
    const left = all || wholeOnly.length === 0 ? [] : ["--testPathIgnorePatterns", ...wholeOnly];
    const { code, text } = await this.#start(
      join(this.#bin, program),
      [...files, ...args, ...left, ...counted],
      isJest,
      beside,
    );
    if (beside) this.options.log(`\n== ${name}${text === "" ? "" : `\n${text.trimEnd()}`}`);
    if (!isJest) return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 };
    try {
      const report = JSON.parse(readFileSync(results, "utf8")) as {
        readonly numPassedTests: number;
        readonly numFailedTests: number;
        readonly numPendingTests: number;
      };
      const { numPassedTests: passed, numFailedTests: failed, numPendingTests: skipped } = report;
      // A suite that could not even be loaded has no failed test, and has failed all the same.
      return { passed, failed: code === 0 ? failed : Math.max(failed, 1), skipped };
    } catch {
      return { passed: 0, failed: 1, skipped: 0 };
    }
  }

  /**
   * Makes what these suites need, one after the other, on whatever processor time is left over.
   *
   * @returns by suite, when its own is made. What could not be made fails in the suite.
   */
  #prepare(names: readonly string[]): ReadonlyMap<string, Promise<unknown>> {
    const node = [join(this.#bin, "node"), "--import", "tsx", join(ROOT, "tools", "prepare.ts")];
    let before: Promise<unknown> = Promise.resolve();
    return new Map(
      names.map((name) => {
        before = before.then(() => this.#background("nice", ["-n", "15", ...node, name]));
        return [name, before];
      }),
    );
  }

  async #background(program: string, args: readonly string[]): Promise<void> {
    if (this.#interrupted) return;
    const child = spawn(program, args, {
      cwd: ROOT,
      env: this.#env,
      stdio: ["ignore", this.#output, this.#output],
      detached: true,
    });
    this.#preparing = child;
    await new Promise<void>((resolve) => {
      child.once("error", () => resolve());
      child.once("exit", () => {
        this.#preparing = undefined;
        resolve();
      });
    });
  }

  #start(
    program: string,
    args: readonly string[],
    quiet: boolean,
    kept: boolean,
  ): Promise<{ readonly code: number; readonly text: string }> {
    // A group of its own: whatever a suite has started ends with it.
    const child = spawn(program, args, {
      cwd: ROOT,
      env: this.#env,
      stdio: ["ignore", quiet ? "ignore" : kept ? "pipe" : this.#output, kept ? "pipe" : this.#output],
      detached: true,
    });
    let text = "";
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding("utf8").on("data", (chunk: string) => void (text += chunk));
    this.#children.add(child);
    return new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code) => {
        this.#children.delete(child);
        // A signal has no code.
        resolve({ code: code ?? 1, text });
      });
    });
  }

  get #output(): number | "ignore" {
    return this.options.output ?? 2;
  }

  #now(): number {
    return (this.options.now ?? Date.now)();
  }
}

/** To a child and everything below it. */
function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  } catch {
    // Gone in the meantime.
  }
}

// `npm test`: what needs nothing but npm, a sample of what is slow; `npm run test:whole`: all of that; `npm run test:real`:
// real machines and the real API server. One suite after the other, and one line for what this machine does not allow.
import { spawn, type ChildProcess, type SpawnOptions } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { FETCH_CHECKERS } from "./fetchCheckers";
import { closeScratch, openScratch } from "./scratch";
import { SUITES, type Suite } from "./suites";

const ROOT = join(__dirname, "..");
const BIN = join(ROOT, "node_modules", ".bin");
let interrupted = false;
/** The temporary folder of everything that is started here. */
const SCRATCH = openScratch();
const ENV = {
  ...process.env,
  TMPDIR: SCRATCH,
  ...(process.argv[2] === "real" ? { [FETCH_CHECKERS]: "1" } : {}),
};
/** Suites under way. */
const children = new Set<ChildProcess>();
/** What is made beforehand, while it is made. */
let preparing: ChildProcess | undefined;

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** @returns its exit code; 1 after a signal. */
function start(command: string, args: readonly string[], stdout: "ignore" | "inherit"): Promise<number> {
  // A group of its own: whatever a suite has started ends with it.
  const child = spawn(command, args, { cwd: ROOT, env: ENV, stdio: ["ignore", stdout, "inherit"], detached: true });
  children.add(child);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => {
      children.delete(child);
      resolve(code ?? 1);
    });
  });
}

/** Runs one suite; jest's own counts where it is jest, otherwise one for the whole. */
async function run({ name, command: [command = "", ...args], wholeOnly = [] }: Suite, whole: boolean): Promise<Counts> {
  const results = join(SCRATCH, `${name}.json`);
  const isJest = command === "jest";
  const sampled = whole || wholeOnly.length === 0 ? [] : ["--testPathIgnorePatterns", ...wholeOnly];
  const counted = isJest ? ["--json", "--outputFile", results] : [];
  // jest --json writes the report to standard output too; the readable one goes to standard error.
  const ok = (await start(join(BIN, command), [...args, ...sampled, ...counted], isJest ? "ignore" : "inherit")) === 0;
  if (!isJest) return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 };
  try {
    const report = JSON.parse(readFileSync(results, "utf8")) as {
      numPassedTests: number;
      numFailedTests: number;
      numPendingTests: number;
    };
    const { numPassedTests: passed, numFailedTests: failed, numPendingTests: skipped } = report;
    // A suite that could not even be loaded has no failed test, and has failed all the same.
    return { passed, failed: ok ? failed : Math.max(failed, 1), skipped };
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

/** Makes what these suites need beside the others, on whatever processor time is left over. */
function prepare(suites: readonly Suite[]): Promise<void> {
  const names = suites.flatMap(({ name, prepared }) => (prepared === true ? [name] : []));
  if (names.length === 0) return Promise.resolve();
  const node = [join(BIN, "node"), "--import", "tsx", join(ROOT, "tools", "prepare.ts")];
  const options: SpawnOptions = { cwd: ROOT, env: ENV, stdio: ["ignore", 2, 2], detached: true };
  const child = spawn("nice", ["-n", "15", ...node, ...names], options);
  preparing = child;
  return new Promise((resolve) => {
    // What could not be prepared fails in the suite that needs it.
    child.once("error", () => resolve());
    child.once("exit", () => {
      preparing = undefined;
      resolve();
    });
  });
}

/** What is asked for: a group, the whole of it, or suites by name (whole, too). */
function chosen(wanted: readonly string[]): { readonly suites: readonly Suite[]; readonly whole: boolean } | string {
  const [first = "npm", ...rest] = wanted;
  const group = ({ npm: "npm", whole: "npm", real: "real" } as const)[first];
  const names = group === undefined ? wanted : rest;
  const unknown = names.filter((name) => !SUITES.some((suite) => suite.name === name));
  if (unknown.length > 0)
    return `No suite ${unknown.join(", ")}; there are: ${SUITES.map(({ name }) => name).join(", ")}.`;
  if (names.length > 0) return { suites: SUITES.filter(({ name }) => names.includes(name)), whole: true };
  return { suites: SUITES.filter((suite) => suite.group === group), whole: first !== "npm" };
}

async function main(wanted: readonly string[]): Promise<number> {
  const choice = chosen(wanted);
  if (typeof choice === "string") {
    process.stderr.write(`${choice}\n`);
    return 2;
  }
  const { suites, whole } = choice;
  for (const { name, installs } of suites)
    if (installs !== undefined) process.stderr.write(`${name} installs on this machine: ${installs}\n`);
  const total: Counts = { passed: 0, failed: 0, skipped: 0 };
  const notes: string[] = [];
  const possible: Suite[] = [];
  for (const suite of suites) {
    const why = await suite.skip?.();
    if (why === undefined) possible.push(suite);
    else {
      notes.push(`skipped: ${suite.name}: ${why}`);
      total.skipped += 1;
    }
  }
  const prepared = interrupted ? Promise.resolve() : prepare(possible);
  for (const suite of possible) {
    if (suite.prepared === true) await prepared;
    if (interrupted) break;
    const started = Date.now();
    process.stderr.write(`\n== ${suite.name}\n`);
    const counts = await run(suite, whole);
    total.passed += counts.passed;
    total.failed += counts.failed;
    total.skipped += counts.skipped;
    const seconds = ((Date.now() - started) / 1000).toFixed(0);
    notes.push(`${counts.failed === 0 ? "passed" : "FAILED"}: ${suite.name} (${seconds} s)`);
  }
  if (!whole && suites.some(({ wholeOnly = [] }) => wholeOnly.length > 0))
    notes.push("a sample; npm run test:whole has all of it, npm run test:real real machines and the real API server");
  const { passed, failed, skipped } = total;
  process.stdout.write(`\n${notes.join("\n")}\n\n${passed} passed, ${failed} failed, ${skipped} skipped\n`);
  return failed === 0 ? 0 : 1;
}

/** To a child and everything below it. */
function signalGroup(child: ChildProcess | undefined, signal: NodeJS.Signals): void {
  try {
    if (child?.pid !== undefined) process.kill(-child.pid, signal);
  } catch {
    // Gone in the meantime.
  }
}

// What the suites clean up when they are interrupted is waited for; a second signal does not wait.
for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)
  process.on(signal, () => {
    signalGroup(preparing, "SIGKILL");
    for (const child of children) signalGroup(child, interrupted ? "SIGKILL" : signal);
    if (interrupted) process.exit(code);
    interrupted = true;
    process.exitCode = code;
  });

async function whole(): Promise<number> {
  try {
    return await main(process.argv.slice(2));
  } finally {
    signalGroup(preparing, "SIGKILL");
    await closeScratch(SCRATCH);
  }
}

void whole().then((code) => process.exit(interrupted ? process.exitCode : code));

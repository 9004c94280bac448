// `npm test`: everything that this machine allows, one suite after the other, and one line for what it does not allow.
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findPulumi } from "../rehearsal/cli/pulumiCli";
import { realKubernetesAvailable } from "../rehearsal/kubernetes";
import { installTools, realMachinesAvailable } from "../rehearsal/machines/real";
import { debianMirror } from "../rehearsal/machines/real/goldenImage";

const ROOT = join(__dirname, "..");

interface Suite {
  readonly name: string;
  readonly command: readonly string[];
  /** Undefined: it runs. Otherwise the reason why it is skipped, in one line. */
  /** Left out unless it is asked for. Default false. */
  readonly onlyByName?: boolean;
  readonly skip?: () => string | undefined | Promise<string | undefined>;
}

/** Real machines: why not here, in one line; otherwise what they need is installed, and that is said. */
async function whyNoMachines(): Promise<string | undefined> {
  const real = realMachinesAvailable();
  if (!real.ok) return `real machines: ${real.why}`;
  try {
    installTools((line) => process.stderr.write(`${line}\n`));
    await debianMirror();
    return undefined;
  } catch (error) {
    return `real machines: ${(error as Error).message.split("\n")[0] ?? ""}`;
  }
}

const jest = (project: string): readonly string[] => ["jest", "--selectProjects", project, "--passWithNoTests=false"];

const SUITES: readonly Suite[] = [
  { name: "typecheck", command: ["tsc", "--noEmit"] },
  { name: "lint", command: ["eslint", "."] },
  { name: "format", command: ["prettier", "--check", "--log-level", "warn", "."] },
  { name: "unit", command: jest("unit") },
  { name: "mutations", command: jest("mutations") },
  { name: "rehearsal", command: jest("rehearsal") },
  { name: "scenario", command: jest("scenario") },
  {
    name: "kubernetes",
    command: jest("kubernetes"),
    skip: () => {
      const real = realKubernetesAvailable();
      return real.ok ? undefined : `real Kubernetes API: ${real.why}`;
    },
  },
  // One cluster at a time: two of them would fight for the cores, and the outages that are measured grow.
  { name: "machines", command: [...jest("machines"), "--runInBand"], skip: whyNoMachines, onlyByName: true },
  {
    name: "pulumi",
    command: jest("pulumi"),
    skip: () => {
      const cli = findPulumi();
      return cli.found ? undefined : `official Pulumi CLI and providers: ${cli.why}`;
    },
  },
];

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** Runs one suite; jest's own counts where it is jest, otherwise one for the whole. */
function run(suite: Suite): Counts {
  const [command = "", ...args] = suite.command;
  const results = join(tmpdir(), `keybuzz-${process.pid}-${suite.name}.json`);
  const counted = command === "jest" ? ["--json", "--outputFile", results] : [];
  const done = spawnSync(join(ROOT, "node_modules", ".bin", command), [...args, ...counted], {
    cwd: ROOT,
    // jest --json writes the report to standard output too; the readable one goes to standard error.
    stdio: ["ignore", command === "jest" ? "ignore" : "inherit", "inherit"],
  });
  const ok = done.status === 0;
  if (command !== "jest") return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 };
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
  } finally {
    rmSync(results, { force: true });
  }
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !SUITES.some((suite) => suite.name === name));
if (unknown.length > 0) {
  process.stderr.write(`No suite ${unknown.join(", ")}; there are: ${SUITES.map((suite) => suite.name).join(", ")}.\n`);
  process.exit(2);
}
async function main(): Promise<void> {
  const total: Counts = { passed: 0, failed: 0, skipped: 0 };
  const notes: string[] = [];
  for (const suite of SUITES.filter(
    ({ name, onlyByName }) => wanted.includes(name) || (wanted.length === 0 && onlyByName !== true),
  )) {
    const why = await suite.skip?.();
    if (why !== undefined) {
      notes.push(`skipped: ${suite.name}: ${why}`);
      total.skipped += 1;
      continue;
    }
    const started = Date.now();
    process.stderr.write(`\n== ${suite.name}\n`);
    const counts = run(suite);
    total.passed += counts.passed;
    total.failed += counts.failed;
    total.skipped += counts.skipped;
    notes.push(
      `${counts.failed === 0 ? "passed" : "FAILED"}: ${suite.name} (${((Date.now() - started) / 1000).toFixed(0)} s)`,
    );
  }
  process.stdout.write(
    `\n${notes.join("\n")}\n\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`,
  );
  process.exit(total.failed === 0 ? 0 : 1);
}

void main();

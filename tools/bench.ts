// `npm run bench`: how long a rehearsal of prod takes and how much memory it needs. Figures go to docs/benchmarks.md.
// `npm run bench -- verifier`, `-- diff`, `-- picture`: the verifier, the comparison of two commits, or the picture's page
// in a browser, alone.
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { knownStacks } from "../stacks/loadEnvironment";
import { runCommand, UsageError, type Given } from "./commandLine";

const ROOT = join(__dirname, "..");
const SAMPLE_MS = 200;

interface Figures {
  readonly name: string;
  readonly seconds: number;
  /** Of the command and all processes below it, at their highest; undefined where /proc is missing. */
  readonly peakMib: number | undefined;
}

/** Resident memory of a process and its descendants, in bytes. */
function treeMemory(root: number): number | undefined {
  let entries: string[];
  try {
    entries = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  } catch {
    return undefined;
  }
  const parents = new Map<number, number>();
  const memory = new Map<number, number>();
  for (const entry of entries) {
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, "utf8");
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      parents.set(Number(entry), Number(fields[1]));
      memory.set(Number(entry), Number(fields[21]) * 4096);
    } catch {
      // It ended while we looked.
    }
  }
  const below = (pid: number): boolean => pid === root || (parents.has(pid) && below(parents.get(pid) ?? 0));
  return [...memory].reduce((sum, [pid, bytes]) => (below(pid) ? sum + bytes : sum), 0);
}

function run(name: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Figures> {
  return new Promise((resolve, reject) => {
    process.stderr.write(`${name} ...\n`);
    const started = performance.now();
    const child = spawn(process.execPath, ["--import", "tsx", ...args], {
      cwd: ROOT,
      env: { ...process.env, ...env },
      stdio: "ignore",
    });
    let peak: number | undefined;
    const timer = setInterval(() => {
      const now = treeMemory(child.pid ?? 0);
      if (now !== undefined) peak = Math.max(peak ?? 0, now);
    }, SAMPLE_MS);
    child.once("error", reject);
    child.once("exit", (code) => {
      clearInterval(timer);
      const seconds = (performance.now() - started) / 1000;
      if (code !== 0) reject(new Error(`${name} ended with exit code ${code}`));
      else resolve({ name, seconds, peakMib: peak === undefined ? undefined : Math.round(peak / 2 ** 20) });
    });
  });
}

/** The comparison of a stack with itself: everything but what differs. */
async function benchDiff(): Promise<void> {
  const { name, seconds, peakMib } = await run("diff of prod", ["tools/diff.ts", "--base", "HEAD"], {});
  process.stdout.write(`${name}: ${seconds.toFixed(1)} s, ${peakMib ?? "-"} MiB at its highest\n`);
}

async function bench(stack: string): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), "keybuzz-bench-"));
  const env = { KEYBUZZ_REHEARSAL_DIR: dir };
  const rehearse = (name: string, ...args: readonly string[]) =>
    run(name, ["rehearsal/cli.ts", ...args, "--stack", stack, "--engine", "embedded"], env);
  try {
    // The yardstick of this machine, at this hour: what merely loading the program costs.
    const floor = await run("load the program", ["-e", "require('./stacks/platform')"], env);
    const figures = [
      floor,
      await rehearse("first preview", "preview"),
      await rehearse("up from nothing", "up"),
      await rehearse("up without change", "up"),
      await rehearse("preview without change", "preview"),
      await rehearse("destroy", "destroy", "--consent", stack),
    ];
    process.stdout.write(`${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, stack ${stack}\n\n`);
    process.stdout.write("| what | seconds | times loading | peak MiB |\n|---|---|---|---|\n");
    for (const { name, seconds, peakMib } of figures) {
      process.stdout.write(
        `| ${name} | ${seconds.toFixed(1)} | ${(seconds / floor.seconds).toFixed(1)} | ${peakMib ?? "-"} |\n`,
      );
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

const USAGE = `Usage:
  npm run bench -- [STACK]                 a rehearsal of it: seconds and memory of each command. Default: prod
  npm run bench -- verifier [WORKERS ...]  the verdict on prod, and on prod with so many workers
  npm run bench -- diff                    the comparison of prod with itself: seconds
  npm run bench -- picture                 the picture's page in a browser

Stacks: ${knownStacks().join(", ")}. Figures go to docs/benchmarks.md.
Exit status: 0 measured, 1 a command failed, 2 bad input.
`;

async function main({ words: [what = "prod", ...workers] }: Given): Promise<number> {
  const counts = workers.map(Number);
  if (what !== "verifier" && workers.length > 0) throw new UsageError(`${what} takes no numbers of workers`);
  if (!counts.every((count) => Number.isInteger(count) && count > 0))
    throw new UsageError(`found ${workers.join(" ")}; allowed: numbers of workers above 0`);
  // Only the verifier and the picture load the program into this process.
  if (what === "verifier") await (await import("./benchVerifier.js")).benchVerifier(counts);
  else if (what === "picture") await (await import("./benchPicture.js")).benchPicture();
  else if (what === "diff") await benchDiff();
  else await bench(what);
  return 0;
}

runCommand(main, {
  script: "bench",
  words: [
    { name: "what", optional: true, allowed: ["verifier", "diff", "picture", ...knownStacks()] },
    { name: "workers", optional: true, many: true },
  ],
  usage: USAGE,
});

// `npm run bench`: how long a rehearsal of prod takes and how much memory it needs. Figures go to docs/benchmarks.md.
// `npm run bench -- verifier`: the verifier alone; `npm run bench -- picture`: the picture's page in a browser.
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";

const ROOT = join(__dirname, "..");
const SAMPLE_MS = 200;
const STACK = process.argv[2] ?? "prod";

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

async function main(): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), "keybuzz-bench-"));
  const env = { KEYBUZZ_REHEARSAL_DIR: dir };
  const rehearse = (name: string, ...args: readonly string[]) =>
    run(name, ["rehearsal/cli.ts", ...args, "--stack", STACK, "--engine", "embedded"], env);
  try {
    // The yardstick of this machine, at this hour: what merely loading the program costs.
    const floor = await run("load the program", ["-e", "require('./stacks/platform')"], env);
    const figures = [
      floor,
      await rehearse("first preview", "preview"),
      await rehearse("up from nothing", "up"),
      await rehearse("up without change", "up"),
      await rehearse("preview without change", "preview"),
      await rehearse("destroy", "destroy", "--consent", STACK),
    ];
    process.stdout.write(`${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, stack ${STACK}\n\n`);
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

/** Only these load the program into this process. */
const APART: Readonly<Record<string, () => Promise<void>>> = {
  verifier: () => import("./benchVerifier.js").then(({ benchVerifier }) => benchVerifier()),
  picture: () => import("./benchPicture.js").then(({ benchPicture }) => benchPicture()),
};
const task = (APART[STACK] ?? main)();
task.catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});

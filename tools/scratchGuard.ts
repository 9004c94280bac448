// Removes a run's folders when whoever started this is gone: then standard input ends (scratch.ts, guardScratch).
import { closeScratch, scratchOf } from "./scratch";

const [base = "", pid = ""] = process.argv.slice(2);

async function clean(): Promise<void> {
  await Promise.all(scratchOf(base, pid).map((dir) => closeScratch(dir)));
  process.exit(0);
}

process.stdin.resume().once("end", () => void clean());
// A terminal's Ctrl-C is meant for the run.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);

// Removes a run's folder when whoever started this is gone: then standard input ends (scratch.ts, guardScratch).
import { closeScratch } from "./scratch";

process.stdin.resume().once("end", () => void closeScratch(process.argv[2] ?? "").then(() => process.exit(0)));
// A terminal's Ctrl-C is meant for the run.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);

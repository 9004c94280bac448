// `npm run bench -- verifier [WORKERS ...]`: how long the verdict takes, for prod and for the same estate with more and more workers.
import { cpus, totalmem } from "node:os";
import type { EmittedGraph } from "../verifier/read/graph";
import { verify } from "../verifier/verify";
import { emittedGraph, EXAMPLE_SETTINGS } from "../stacks/emittedGraph";
import { prodWithWorkers } from "./prodWithWorkers";

const WORKERS: readonly number[] = [5, 50, 100, 250, 500];
const RUNS = 3;

interface Figures {
  readonly workers: number;
  readonly resources: number;
  readonly flows: number;
  readonly paths: number;
  readonly openings: number;
  /** Processor time of the first verdict on a graph: nothing is remembered of it. Seconds. */
  readonly first: number;
  /** The shortest of several on the same graph, as when many variants of it are judged. Seconds. */
  readonly again: number;
  readonly findings: number;
}

function timed(graph: EmittedGraph): { readonly verdict: ReturnType<typeof verify>; readonly seconds: number } {
  const before = process.cpuUsage();
  const verdict = verify(graph);
  const { user, system } = process.cpuUsage(before);
  return { verdict, seconds: (user + system) / 1e6 };
}

async function measure(workers: number): Promise<Figures> {
  process.stderr.write(`${workers} workers ...\n`);
  const graph = await emittedGraph(prodWithWorkers(workers), EXAMPLE_SETTINGS);
  const { verdict, seconds: first } = timed(graph);
  const again = Math.min(...Array.from({ length: RUNS }, () => timed(graph).seconds));
  const { flows, paths, openings } = verdict.counts;
  return {
    workers,
    resources: graph.resources.length,
    flows,
    paths,
    openings,
    first,
    again,
    findings: verdict.findings.length,
  };
}

/** Prints one row for each size. @param workers Default: some from 5 to 500. */
export async function benchVerifier(workers: readonly number[]): Promise<void> {
  process.stdout.write(`${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB; processor time\n\n`);
  process.stdout.write("| workers | resources | flows | paths | openings | first verdict, s | again, s | findings |\n");
  process.stdout.write("|---|---|---|---|---|---|---|---|\n");
  // What is compiled while the first one runs is no part of any.
  timed(await emittedGraph(prodWithWorkers(5), EXAMPLE_SETTINGS));
  for (const count of workers.length > 0 ? workers : WORKERS) {
    const { workers: own, resources, flows, paths, openings, first, again, findings } = await measure(count);
    process.stdout.write(
      `| ${own} | ${resources} | ${flows} | ${paths} | ${openings} | ${first.toFixed(2)} | ${again.toFixed(2)} | ${findings} |\n`,
    );
  }
}

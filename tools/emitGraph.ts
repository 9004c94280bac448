// Reads an environment (JSON) from standard input and prints what it registers: for whoever wants the graph without
// loading the program into its own process.
import { readFileSync } from "node:fs";
import type { Environment } from "../stacks/environment";
import { emittedGraph, EXAMPLE_SETTINGS } from "../stacks/emittedGraph";

emittedGraph(JSON.parse(readFileSync(0, "utf8")) as Environment, EXAMPLE_SETTINGS).then(
  (graph) => process.stdout.write(JSON.stringify(graph), () => process.exit(0)),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(1);
  },
);

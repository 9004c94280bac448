import type { Registration } from "../../tools/registrations";
import { madeOnce } from "./madeOnce";

const SOURCES = ["components", "stacks", "verifier", "tools", "packages/pulumi-engine/src", "package-lock.json"];

/** What `npm run graph` writes of a stack as it stands in the repository: everything that it would tell Pulumi. */
export function registeredStack(stack: string): readonly Registration[] {
  const made = madeOnce({ command: ["tools/graph.ts", "--out", "-"], input: "", sources: SOURCES });
  const graphs = JSON.parse(made) as Readonly<Record<string, readonly Registration[]>>;
  const graph = graphs[stack];
  if (graph === undefined) throw new Error(`found ${stack}; allowed: ${Object.keys(graphs).join(", ")}`);
  return graph;
}

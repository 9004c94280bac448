import type { EmittedGraph } from "../../verifier/read/graph";
import type { Environment } from "../../stacks/environment";
import { environment as local } from "../../stacks/local";
import { environment as prod } from "../../stacks/prod";
import { throughGateway } from "../../tools/throughGateway";
import { madeOnce } from "./madeOnce";

const SOURCES = ["components", "stacks", "verifier", "tools/emitGraph.ts", "package-lock.json"];

/** What an environment registers. */
export function emitted(environment: Environment): EmittedGraph {
  const input = JSON.stringify(environment);
  return JSON.parse(madeOnce({ command: ["tools/emitGraph.ts"], input, sources: SOURCES })) as EmittedGraph;
}

export const prodGraph = (): EmittedGraph => emitted(prod);

/** Prod with the streaming application of the incidents: an answer in events, and a socket for each user. */
export const prodWithChat = (): EmittedGraph => emitted(withChat());

/** The same behind a controller of the Gateway API, which people install. */
export const prodThroughGateway = (): EmittedGraph => emitted(throughGateway(withChat()));

function withChat(): Environment {
  const chat = (local.workloads.apps ?? [])
    .filter(({ name }) => name === "chat-backend")
    .map((app) => ({
      ...app,
      processes: app.processes.map((one) =>
        one.kind === "web"
          ? { ...one, expose: (one.expose ?? []).map((part) => ({ ...part, host: "chat.keybuzz.io" })) }
          : one,
      ),
    }));
  return { ...prod, workloads: { ...prod.workloads, apps: [...(prod.workloads.apps ?? []), ...chat] } };
}

// One of two ingress controllers is told to stop while clients come: stand-ins of both, and of the load balancer before
// them, with the times that prod emits. A second of theirs is 50 milliseconds here.
import { request } from "node:http";
import { Balancer } from "@standin/machines/real/balancer";
import { startWebEntry, type WebEntry } from "@standin/kubernetes-api";
import { freePort } from "@standin/kubernetes-api/freePort";
import { at, list, text, type EmittedGraph, type EmittedResource } from "../../verifier/read/graph";
import { withInput } from "../../verifier/mutations/graphEdits";
import { verify } from "../../verifier/verify";
import { WEB_ENTRY } from "../../rehearsal/estate";
import { prodGraph } from "../support/emitted";

const SECOND_MS = 50;
const NODES = ["127.0.0.2", "127.0.0.3"] as const;
const BALANCER = "127.0.0.4";
const CONTROLLER = "ingress-nginx-controller";

const prod = prodGraph();
const named = (graph: EmittedGraph, name: string): EmittedResource => {
  const found = graph.resources.find((one) => one.name === name);
  if (found === undefined) throw new Error(`${name} is not emitted`);
  return found;
};
const webService = prod.resources.find(
  ({ type, inputs }) => type.endsWith(":LoadBalancerService") && inputs["protocol"] === "https",
);

/** How many of the requests that come during one controller's end are not answered. */
async function failedWhileOneEnds(graph: EmittedGraph): Promise<number> {
  const check = named(graph, webService?.name ?? "").inputs["healthCheck"];
  const number = (key: string): number => Number(at(check, key));
  const host = text(at(check, "http", "domain"));
  const objects = graph.resources
    .filter(({ type }) => type.startsWith("kubernetes:"))
    .map(({ type, inputs }) => ({ ...inputs, kind: type.split(":").at(-1) ?? "" }));
  const port = await freePort(BALANCER);
  const snapshot = (): Promise<typeof objects> => Promise.resolve(objects);
  const entries: WebEntry[] = [];
  for (const address of NODES)
    entries.push(await startWebEntry({ ...WEB_ENTRY, snapshot, address, port, secondMs: SECOND_MS }));
  const front = await freePort(BALANCER);
  const healthy = new Set<number>();
  const service = {
    address: BALANCER,
    port: front,
    targetPort: port,
    algorithm: "round_robin",
    targets: NODES.map((address, server) => ({ server, address })),
    check: {
      kind: "http",
      port,
      intervalSeconds: (number("interval") * SECOND_MS) / 1000,
      timeoutSeconds: number("timeout"),
      retries: number("retries"),
      path: text(at(check, "http", "path")) ?? "/",
      statuses: list(at(check, "http", "statusCodes")).map(String),
      ...(host === undefined ? {} : { host }),
      tls: false,
    },
  } as const;
  const balancer = await new Promise<Balancer>((resolve) => {
    const made = new Balancer(
      service,
      (server, isHealthy) => {
        healthy[isHealthy ? "add" : "delete"](server);
        if (healthy.size === NODES.length) resolve(made);
      },
      () => undefined,
      false,
    );
  });
  let failed = 0;
  let ended = false;
  const client = async (): Promise<void> => {
    while (!ended) if (!(await isAnswered(front))) failed += 1;
  };
  const clients = [client(), client()];
  await entries[0]?.stop();
  await new Promise((resolve) => setTimeout(resolve, 15 * SECOND_MS));
  ended = true;
  await Promise.all(clients);
  balancer.close();
  await Promise.all(entries.map((entry) => entry.close()));
  return failed;
}

/** A connection of its own each time, as new clients come. */
function isAnswered(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request({ host: BALANCER, port, path: "/healthz", agent: false }, (response) => {
      response.resume().once("end", () => resolve(response.statusCode === 200));
    });
    asked.once("error", () => resolve(false));
    asked.end();
  });
}

// Other systems have one loopback address alone.
const onLinux = process.platform === "linux" ? test : test.skip;

onLinux("no request fails while an ingress pod ends", async () => {
  expect(await failedWhileOneEnds(prod)).toBe(0);
});

const CONTAINERS = ["spec", "template", "spec", "containers"] as const;

describe("as it was: nginx answers for itself, and closes its port at once", () => {
  const args = list(at(list(at(named(prod, CONTROLLER).inputs, ...CONTAINERS))[0], "args"));
  const others = args.filter((one) => !text(one)?.startsWith("--shutdown-grace-period"));
  const abrupt = withInput(CONTROLLER, [...CONTAINERS, 0, "args"], others)(prod);
  const unheard = withInput(webService?.name ?? "", ["healthCheck", "http", "domain"], undefined)(prod);

  onLinux.each([
    ["without the time", abrupt, "--shutdown-grace-period"],
    ["without being asked", unheard, "healthCheck of "],
  ])("requests fail %s, and the verdict says so", async (_what, graph, rule) => {
    expect(await failedWhileOneEnds(graph)).toBeGreaterThan(0);
    const found = verify(graph).findings.filter(({ subject }) => subject === "the end of an ingress pod");
    expect(found.map(({ question }) => question)).toContain("patient");
    expect(found.map((one) => one.rule).join()).toContain(rule);
  });
});

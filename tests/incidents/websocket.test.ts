// Incident 3: WebSocket 404, and connections that a hop cuts between two heartbeats.
import type { EmittedGraph } from "../../verifier/read/graph";
import { at, list } from "../../verifier/read/graph";
import { DECLARING_TYPE } from "../../verifier/declaration";
import { withInput, without, type Edit } from "../../verifier/mutations/graphEdits";
import { prodWithChat } from "../support/emitted";
import { findingsAfter, only } from "./support";

const INGRESS = "chat-backend-chat-keybuzz-io-api-ws";
const ROUTE = "websocket chat.keybuzz.io/api/ws";
const annotation = (name: string): readonly string[] => [
  "metadata",
  "annotations",
  `nginx.ingress.kubernetes.io/${name}`,
];

/** The application says something only so often. */
function heartbeat(seconds: number): Edit {
  return (graph) => {
    const platform = graph.resources.find(({ type }) => type === DECLARING_TYPE);
    const routes = list(at(platform?.inputs, "declaration", "routes"));
    const index = routes.findIndex((route) => at(route, "path") === "/api/ws");
    if (platform === undefined || index < 0) throw new Error("prod with the chat application declares no /api/ws");
    return withInput(platform.name, ["declaration", "routes", index, "silenceSeconds"], seconds)(graph);
  };
}

/** Hetzner's default where nobody says anything: 50 s. */
const balancersByDefault: readonly Edit[] = ["lb-keybuzz-1", "lb-keybuzz-2"].map((name) =>
  withInput(`${name}-service-443`, ["http", "timeoutIdle"], undefined),
);

let prod: EmittedGraph;
beforeAll(() => {
  prod = prodWithChat();
});

test("prod with the chat application: proved", () => {
  expect(findingsAfter(prod)).toEqual([]);
});

test("the route is missing: what answers instead, and how to get it", () => {
  const findings = findingsAfter(
    prod,
    without(({ name }) => name === INGRESS),
  );
  expect(findings).toHaveLength(1);
  expect(findings[0]).toMatchObject({
    question: "open",
    subject: ROUTE,
    at: "ingress-nginx",
    rule: "missing: an Ingress of its class for chat.keybuzz.io/api/ws (prefix)",
    value: expect.stringContaining('"/" takes its requests') as string,
    remedy: expect.stringContaining("expose the route") as string,
  });
});

test("no route of the host at all: 404", () => {
  const findings = findingsAfter(
    prod,
    without(({ name, type }) => type.endsWith(":Ingress") && name.startsWith("chat-backend-")),
  );
  expect(only(findings, { subject: ROUTE }).value).toBe("nothing answers: 404");
});

test("a heartbeat of 60 s behind the balancers' 50 s: both are named with both numbers", () => {
  const findings = findingsAfter(prod, heartbeat(60), ...balancersByDefault);
  for (const name of ["lb-keybuzz-1", "lb-keybuzz-2"]) {
    const finding = only(findings, {
      question: "patient",
      subject: ROUTE,
      at: `load balancer ${name}`,
      value: "50 s of silence, but a heartbeat comes every 60 s",
    });
    expect(finding.rule).toBe(`http.timeoutIdle of ${name}-service-443`);
    expect(finding.remedy).toBe(
      `send heartbeats more often than every 50 s, or raise http.timeoutIdle of ${name}-service-443 above 60`,
    );
  }
});

test.each(["proxy-read-timeout", "proxy-send-timeout"])("a heartbeat of 60 s behind nginx' %s of 60 s", (name) => {
  const findings = findingsAfter(prod, heartbeat(60), withInput(INGRESS, annotation(name), undefined));
  expect(findings).toHaveLength(1);
  expect(findings[0]).toMatchObject({
    subject: ROUTE,
    rule: `${name} of Ingress ${INGRESS}`,
    value: "60 s of silence, but a heartbeat comes every 60 s",
  });
});

test("a heartbeat of 59 s passes the same nginx", () => {
  expect(findingsAfter(prod, heartbeat(59), withInput(INGRESS, annotation("proxy-send-timeout"), "60"))).toEqual([]);
});

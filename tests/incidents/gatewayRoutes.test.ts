// Incidents 3 and 4 once more, with HTTPRoutes in the place of Ingresses.
import { DECLARING_TYPE } from "../../verifier/declaration";
import { at, list, type EmittedGraph } from "../../verifier/read/graph";
import { withInput, without, type Edit } from "../../verifier/mutations/graphEdits";
import { prodThroughGateway } from "../support/emitted";
import { findingsAfter, only } from "./support";

const SOCKET = "chat-backend-chat-keybuzz-io-api-ws";
const STREAM = "chat-backend-chat-keybuzz-io-api-chat-stream-bb6d3a";
const WEB = "Gateway ingress-nginx/web";

let prod: EmittedGraph;
beforeAll(() => {
  prod = prodThroughGateway();
});

const declared =
  (path: readonly (string | number)[], value: unknown): Edit =>
  (graph) => {
    const platform = graph.resources.find(({ type }) => type === DECLARING_TYPE);
    return withInput(platform?.name ?? "", ["declaration", ...path], value)(graph);
  };

test("the WebSocket's route is missing: what answers instead, with which limits", () => {
  const findings = findingsAfter(
    prod,
    without(({ name }) => name === SOCKET),
  );
  expect(findings).toEqual([
    {
      question: "open",
      subject: "websocket chat.keybuzz.io/api/ws",
      at: WEB,
      rule: "missing: an HTTPRoute attached to it for chat.keybuzz.io/api/ws (prefix)",
      value: '"/" takes its requests, with that route\'s limits (request 60s, backendRequest 60s)',
      remedy: "expose the route; its HTTPRoute is derived from it",
    },
  ]);
});

test("no route of the host at all: 404", () => {
  const findings = findingsAfter(
    prod,
    without(({ name, type }) => type.endsWith(":HTTPRoute") && name.startsWith("chat-backend-")),
  );
  expect(only(findings, { subject: "websocket chat.keybuzz.io/api/ws" }).value).toBe("nothing answers: 404");
});

test("a heartbeat of 60 s behind the load balancers' 50 s", () => {
  const platform = prod.resources.find(({ type }) => type === DECLARING_TYPE);
  const index = list(at(platform?.inputs, "declaration", "routes")).findIndex((one) => at(one, "path") === "/api/ws");
  const findings = findingsAfter(
    prod,
    declared(["routes", index, "silenceSeconds"], 60),
    ...["lb-keybuzz-1", "lb-keybuzz-2"].map((name) =>
      withInput(`${name}-service-443`, ["http", "timeoutIdle"], undefined),
    ),
  );
  const socket = findings.filter(({ subject }) => subject === "websocket chat.keybuzz.io/api/ws");
  expect(socket.map(({ at: hop, value }) => [hop, value])).toEqual(
    ["lb-keybuzz-1", "lb-keybuzz-2"].map((name) => [
      `load balancer ${name}`,
      "50 s of silence, but a heartbeat comes every 60 s",
    ]),
  );
});

test.each([
  ["websocket chat.keybuzz.io/api/ws", SOCKET],
  ["sse chat.keybuzz.io/api/chat/stream", STREAM],
])("%s with a limit on the whole: a stream that flows is cut", (subject, route) => {
  const findings = findingsAfter(prod, withInput(route, ["spec", "rules", 0, "timeouts", "request"], "300s"));
  expect(findings).toEqual([
    {
      question: "patient",
      subject,
      at: `${WEB}, whole request`,
      rule: `timeouts.request of HTTPRoute ${route}`,
      value: "it gives up after 300 s whatever flows, but the session stays open",
      remedy: "set timeouts.request to 0s, which is no limit",
    },
  ]);
});

test("29 s in all before a stream: no timeout behind it helps", () => {
  const gateways = [{ name: "api-gateway", host: "chat.keybuzz.io", path: "/api/chat", totalSeconds: 29 }];
  expect(findingsAfter(prod, declared(["gateways"], gateways))).toEqual([
    {
      question: "patient",
      subject: "sse chat.keybuzz.io/api/chat/stream",
      at: "gateway api-gateway",
      rule: "web.gateways of the environment",
      value: "it gives up after 29 s whatever flows, but the session stays open",
      remedy: "lead this route around gateway api-gateway; no timeout behind it can help",
    },
  ]);
});

// Incident 4: 504 on a stream of events. A gateway in front gave up after 29 s, whatever flowed.
import type { EmittedGraph } from "../../verifier/read/graph";
import { DECLARING_TYPE, type DeclaredGateway } from "../../verifier/declaration";
import { withInput, type Edit } from "../../verifier/mutations/graphEdits";
import { prodWithChat } from "../support/emitted";
import { findingsAfter, only } from "./support";

const STREAM = "sse chat.keybuzz.io/api/chat/stream";
const INGRESS = "chat-backend-chat-keybuzz-io-api-chat-stream-bb6d3a";
const annotation = (name: string, value: string): Edit =>
  withInput(INGRESS, ["metadata", "annotations", `nginx.ingress.kubernetes.io/${name}`], value);

/** As an environment declares it (web.gateways). */
const behind =
  (gateway: Omit<DeclaredGateway, "name" | "host">): Edit =>
  (graph) => {
    const platform = graph.resources.find(({ type }) => type === DECLARING_TYPE);
    const gateways = [{ name: "api-gateway", host: "chat.keybuzz.io", ...gateway }];
    return withInput(platform?.name ?? "", ["declaration", "gateways"], gateways)(graph);
  };

let prod: EmittedGraph;
beforeAll(() => {
  prod = prodWithChat();
});

test("29 s in all before a stream: the gateway is the hop that gives up, and no timeout behind it helps", () => {
  const findings = findingsAfter(prod, behind({ path: "/api/chat", totalSeconds: 29 }));
  expect(findings).toEqual([
    {
      question: "patient",
      subject: STREAM,
      at: "gateway api-gateway",
      rule: "web.gateways of the environment",
      value: "it gives up after 29 s whatever flows, but the session stays open",
      remedy: "lead this route around gateway api-gateway; no timeout behind it can help",
    },
  ]);
});

test("raising nginx' and the balancers' limits leaves the gateway's finding as it is", () => {
  const gateway = behind({ path: "/api/chat", totalSeconds: 29 });
  const patient = [annotation("proxy-read-timeout", "280"), annotation("proxy-send-timeout", "280")];
  expect(findingsAfter(prod, gateway, ...patient)).toContainEqual(findingsAfter(prod, gateway)[0]);
});

test("a gateway before all paths: each route that it cannot bear is named", () => {
  const findings = findingsAfter(prod, behind({ path: "/", totalSeconds: 29 }));
  expect(findings.map(({ subject }) => subject).sort()).toEqual([
    "http chat.keybuzz.io/",
    STREAM,
    "websocket chat.keybuzz.io/api/ws",
  ]);
  expect(only(findings, { subject: "http chat.keybuzz.io/" }).value).toBe(
    "it gives up after 29 s whatever flows, but a request may take 60 s",
  );
});

test("a gateway that bears no silence of 15 s", () => {
  const finding = only(findingsAfter(prod, behind({ path: "/api/chat", idleSeconds: 10 })), { subject: STREAM });
  expect(finding.value).toBe("10 s of silence, but a heartbeat comes every 15 s");
});

test("a gateway before another path is nobody's concern", () => {
  expect(findingsAfter(prod, behind({ path: "/other", totalSeconds: 29 }))).toEqual([]);
});

test("buffering on, and a read limit below the heartbeat", () => {
  expect(only(findingsAfter(prod, annotation("proxy-buffering", "on")), { subject: STREAM })).toMatchObject({
    at: `Ingress ${INGRESS}`,
    rule: "proxy-buffering",
    remedy: "turn it off",
  });
  expect(only(findingsAfter(prod, annotation("proxy-read-timeout", "15")), { subject: STREAM })).toMatchObject({
    at: "ingress-nginx, reading",
    value: "15 s of silence, but a heartbeat comes every 15 s",
  });
});

// Prod behind a controller of the Gateway API, altered: the same questions, and the same answers as for Ingresses.
import { explain } from "../../verifier/explain";
import { durationSeconds } from "../../verifier/ask/gatewayLimits";
import type { EmittedGraph, EmittedResource } from "../../verifier/read/graph";
import { textVerdict } from "../../verifier/report";
import { verify } from "../../verifier/verify";
import { withInput, without, type Edit } from "../../verifier/mutations/graphEdits";
import { findingsAfter, only } from "../incidents/support";
import { prodThroughGateway, prodWithChat } from "../support/emitted";

const ROUTE = "chatwoot-web-support-keybuzz-io";
const WEB = "Gateway ingress-nginx/web";
const rule = (...path: readonly (string | number)[]): readonly (string | number)[] => ["spec", "rules", 0, ...path];
const listener = (...path: readonly (string | number)[]): readonly (string | number)[] => [
  "spec",
  "listeners",
  0,
  ...path,
];
const gateway = (path: readonly (string | number)[], value: unknown): Edit => withInput("gateway-gateway", path, value);
const service = (path: readonly (string | number)[], value: unknown): Edit => withInput("gateway-service", path, value);

let prod: EmittedGraph;
beforeAll(() => {
  prod = prodThroughGateway();
});

const added =
  (resource: EmittedResource): Edit =>
  (graph) => ({ resources: [...graph.resources, resource] });

function another(name: string, change: Edit): Edit {
  const original = prod.resources.find((one) => one.name === ROUTE);
  if (original === undefined) throw new Error(`prod has no ${ROUTE}`);
  const copy = { ...original, name, id: name };
  const [resource] = change({
    resources: [withInput(name, ["metadata", "name"], name)({ resources: [copy] }).resources[0] ?? copy],
  }).resources;
  return added(resource ?? copy);
}

describe("as it is", () => {
  test("proved, with as many routes as by Ingresses, and the same accepted risks", () => {
    const verdict = verify(prod);
    const byIngress = verify(prodWithChat());
    expect(verdict.findings).toEqual([]);
    expect(verdict.counts.routes).toBe(byIngress.counts.routes);
    // ingress-nginx' own go with it.
    const accepted = byIngress.accepted.filter(({ finding }) => !finding.subject.startsWith("ingress-nginx/"));
    expect(verdict.accepted.map(({ finding }) => finding.subject)).toEqual(
      accepted.map(({ finding }) => finding.subject),
    );
    expect(byIngress.assumptions).toEqual([expect.stringMatching(/^Images that are pinned by name alone are still/)]);
  });

  test("what is assumed of a controller that the program does not install is said, each time", () => {
    const verdict = verify(prod);
    const text = textVerdict(verdict);
    expect(text).toContain("Assumed, and not proved (4):");
    for (const one of verdict.assumptions) expect(text).toContain(one);
    const [shape, proxies, limits] = verdict.assumptions;
    expect(shape).toBe(
      `${WEB}: its controller (class eg) is not installed by the program. It is a DaemonSet on every node's own network, in namespace ingress-nginx, with the labels app.kubernetes.io/component=controller, app.kubernetes.io/name=ingress-nginx, which Service ingress-nginx/ingress-nginx-controller selects; it listens on port 80 named "http", and answers GET /healthz with 200 for any host.`,
    );
    expect(proxies).toContain("lb-keybuzz-1 (10.0.0.5), lb-keybuzz-2 (10.0.0.6) only");
    expect(limits).toContain("bears silence of 300 s");
    expect(limits).toContain("bodies of 50 MiB");
  });

  test("explain: from the internet to the nodes, and the limits on the way", () => {
    expect(explain(prod, "lb-keybuzz-1", "ingress/http")).toMatch(
      /passes {3}Service ingress-nginx\/ingress-nginx-controller: NodePort 31695 becomes 80 before UFW sees it[^]*passes {3}UFW of k3s-/,
    );
    const text = explain(prod, "the internet", "support.keybuzz.io/");
    expect(text).toContain(`limit: ${WEB}, whole request: 60 s in all (timeouts.request of HTTPRoute ${ROUTE})`);
    expect(explain(prod, "the internet", "support.keybuzz.io/cable")).toContain(
      `limit: ${WEB}, whole request: none (timeouts.request of HTTPRoute ${ROUTE}-cable)`,
    );
  });
});

describe("open", () => {
  test.each<[string, Edit]>([
    ["the NodePort Service selects nobody", service(["spec", "selector"], {})],
    ["it leads to another port than the Gateway's", service(["spec", "ports", 0, "port"], 81)],
    ["the Gateway listens elsewhere", gateway(listener("port"), 8080)],
    ["there is no Gateway", without(({ name }) => name === "gateway-gateway")],
  ])("%s: the load balancers' way ends at the Service", (_, edit) => {
    const found = findingsAfter(prod, edit).filter(({ subject }) => subject.startsWith("lb-keybuzz-1 -> nodes:31695"));
    expect(found).toHaveLength(8);
    expect(found[0]).toMatchObject({
      question: "open",
      at: "Service ingress-nginx/ingress-nginx-controller",
      value: expect.stringContaining("its selector selects no pods") as string,
    });
  });

  test("a numbered target port on which the controller does not listen", () => {
    const findings = findingsAfter(prod, service(["spec", "ports", 0, "targetPort"], 8080));
    expect(findings.map(({ at }) => at)).toContain("UFW of k3s-worker-01");
  });

  test("pods that are emitted behind the NodePort are not taken for the controller", () => {
    const edit = service(["spec", "selector"], { "app.kubernetes.io/name": "front" });
    const pods: EmittedResource = {
      type: "kubernetes:apps/v1:DaemonSet",
      name: "stranger",
      inputs: {
        metadata: { namespace: "ingress-nginx", name: "stranger" },
        spec: {
          template: {
            metadata: { labels: { "app.kubernetes.io/name": "front" } },
            spec: { hostNetwork: true, containers: [{ ports: [{ name: "http", containerPort: 80 }] }] },
          },
        },
      },
    };
    const finding = only(findingsAfter(prod, edit, added(pods)), { question: "understood" });
    expect(finding.value).toBe(
      `${WEB}: pods of ingress-nginx/front stand behind its NodePort; it is not known that they read it`,
    );
  });

  test("a listener for another section: why nobody reads the route stands beside what answers instead", () => {
    const edit = withInput(`${ROUTE}-cable`, ["spec", "parentRefs", 0, "sectionName"], "https");
    expect(findingsAfter(prod, edit)).toEqual([
      expect.objectContaining({
        question: "open",
        subject: "websocket support.keybuzz.io/cable",
        at: WEB,
        rule: "missing: an HTTPRoute attached to it for support.keybuzz.io/cable (prefix)",
        value: `"/" takes its requests, with that route's limits (request 60s, backendRequest 60s); HTTPRoute ${ROUTE}-cable is not served: ${WEB} has no listener "https"`,
        remedy: "expose the route; its HTTPRoute is derived from it",
      }),
    ]);
  });

  test("a route for one method only", () => {
    const finding = only(findingsAfter(prod, withInput(ROUTE, rule("matches", 0, "method"), "GET")), { at: WEB });
    expect(finding.value).toBe("nothing answers without method GET: 404");
  });

  test.each<[string, readonly object[], string]>([
    ["another port", [{ name: "chatwoot-web", port: 1 }], "backend chatwoot-web:1"],
    [
      "one of two backends leads elsewhere",
      [
        { name: "chatwoot-web", port: 3000, weight: 99 },
        { name: "nobody", port: 3000, weight: 1 },
      ],
      "backend nobody:3000",
    ],
    [
      "a Service of another namespace",
      [{ name: "superset-web", namespace: "superset", port: 8088 }],
      "backend superset-web:8088",
    ],
    ["nothing but a weight of 0", [{ name: "chatwoot-web", port: 3000, weight: 0 }], "missing: a backend"],
  ])("%s", (_, refs, expected) => {
    const [finding, ...others] = findingsAfter(prod, withInput(ROUTE, rule("backendRefs"), refs));
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ question: "open", at: `HTTPRoute ${ROUTE}`, rule: expected });
  });

  test("a redirect in its place", () => {
    const edits = [
      withInput(ROUTE, rule("backendRefs"), []),
      withInput(ROUTE, rule("filters"), [{ type: "RequestRedirect", requestRedirect: { hostname: "other.example" } }]),
    ];
    const finding = only(findingsAfter(prod, ...edits), { rule: "redirect" });
    expect(finding.value).toBe("it answers with a redirect (302) to http://other.example, and leads to no pod");
  });

  test("a second route with the same claim: which is older, nobody knows before", () => {
    const stolen = another("stolen", withInput("stolen", rule("backendRefs", 0, "name"), "chatwoot-other"));
    expect(only(findingsAfter(prod, stolen), { at: "HTTPRoute stolen" }).rule).toBe("backend chatwoot-other:3000");
  });
});

describe("closed", () => {
  test("a path that nobody declared, by either form of route", () => {
    const admin = another("admin", withInput("admin", rule("matches", 0, "path", "value"), "/super_admin"));
    expect(findingsAfter(prod, admin)).toEqual([
      expect.objectContaining({
        question: "closed",
        subject: "the internet -> support.keybuzz.io/super_admin",
        at: "HTTPRoute chatwoot/admin",
        exposure: { from: ["the internet"], to: "support.keybuzz.io/super_admin" },
      }),
    ]);
    const byIngress = prodWithChat();
    const path = ["spec", "rules", 0, "http", "paths", 0, "path"];
    const ingress = byIngress.resources.find(({ name }) => name === ROUTE);
    if (ingress === undefined) throw new Error(`prod has no ${ROUTE}`);
    const copy = withInput("admin", path, "/super_admin")({ resources: [{ ...ingress, name: "admin" }] });
    const [finding, ...others] = findingsAfter(byIngress, (graph) => ({
      resources: [...graph.resources, ...copy.resources],
    }));
    expect(others).toEqual([]);
    expect(finding?.subject).toBe("the internet -> support.keybuzz.io/super_admin");
  });

  test("every host name instead of one", () => {
    const findings = findingsAfter(prod, withInput(ROUTE, ["spec", "hostnames"], undefined));
    expect(findings.map(({ subject }) => subject)).toContain("the internet -> */");
  });
});

describe("patient", () => {
  const patient = (...edits: readonly Edit[]) =>
    findingsAfter(prod, ...edits).map(({ at, value, remedy }) => [at, value, remedy]);

  test("the whole request has less time than it may take", () => {
    const edits = [withInput(ROUTE, rule("timeouts"), { request: "30s", backendRequest: "30s" })];
    expect(patient(...edits)).toEqual([
      [
        `${WEB}, whole request`,
        "it gives up after 30 s whatever flows, but a request may take 60 s",
        "raise timeouts.request to 60s at least, or set it to 0s, which is no limit",
      ],
      [
        `${WEB}, one attempt`,
        "it gives up after 30 s whatever flows, but a request may take 60 s",
        "raise timeouts.backendRequest to 60s at least, or set it to 0s, which is no limit",
      ],
    ]);
  });

  test("said nowhere: the shortest default that is documented, and that it is one", () => {
    const finding = only(findingsAfter(prod, withInput(ROUTE, rule("timeouts"), undefined)), {
      at: `${WEB}, whole request`,
    });
    expect(finding.rule).toBe(
      `timeouts.request of HTTPRoute ${ROUTE} (absent: the controller's own; 15 s, Envoy's, is the shortest that is documented)`,
    );
    expect(finding.value).toBe("it gives up after 15 s whatever flows, but a request may take 60 s");
  });

  test("no limit at all: the load balancers cut before the controller answers", () => {
    const found = findingsAfter(prod, withInput(ROUTE, rule("timeouts"), { request: "0s", backendRequest: "0s" }));
    expect(found.map(({ at, value }) => [at, value])).toEqual(
      ["lb-keybuzz-1", "lb-keybuzz-2"].map((name) => [
        `load balancer ${name}`,
        `300 s, but ${WEB} behind it may take without end for an answer`,
      ]),
    );
  });

  test.each([
    [{ request: "60", backendRequest: "60s" }, 'timeouts.request: "60" is refused; allowed: durations such as 90s'],
    [{ request: "60s", backendRequest: "1.5h" }, 'timeouts.backendRequest: "1.5h" is refused'],
    [{ request: "60s", backendRequest: "90s" }, 'timeouts.backendRequest: "90s" is refused; allowed: at most'],
  ])("%j is refused by the API, and so here", (timeouts, words) => {
    const finding = only(findingsAfter(prod, withInput(ROUTE, rule("timeouts"), timeouts)), { rule: "timeouts" });
    expect(finding.at).toBe(`HTTPRoute chatwoot/${ROUTE}`);
    expect(finding.value).toContain(words);
  });

  test.each([
    ["90s", 90],
    ["1m30s", 90],
    ["500ms", 0.5],
    ["1h", 3600],
    ["0s", Infinity],
    ["0h0m", Infinity],
    ["", undefined],
    ["1d", undefined],
    ["-1s", undefined],
  ])("duration %s", (duration, seconds) => expect(durationSeconds(duration)).toBe(seconds));
});

describe("sound, and alive under loss", () => {
  test("another path than the one that the controller is trusted to answer", () => {
    const findings = findingsAfter(
      prod,
      withInput("lb-keybuzz-1-service-443", ["healthCheck", "http", "path"], "/ready"),
    );
    expect(only(findings, { question: "sound" }).value).toContain("GET /ready on 31695");
  });

  test("one web load balancer is not enough", () => {
    const findings = findingsAfter(
      prod,
      without(({ type, name }) => type.endsWith(":LoadBalancerTarget") && name.startsWith("lb-keybuzz-2")),
    );
    expect(findings.map(({ subject }) => subject)).toContain("loss of lb-keybuzz-1");
  });
});

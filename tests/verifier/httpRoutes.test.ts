// How a request finds its HTTPRoute, by the words of the Gateway API's specification.
import { readGateway, type Gateway } from "../../verifier/read/gateways";
import type { EmittedResource } from "../../verifier/read/graph";
import { httpRoutes } from "../../verifier/read/httpRoutes";
import { takers, type WebRoute } from "../../verifier/read/webRoutes";

const HOST = "shop.example.com";

interface Listener {
  readonly name?: string;
  readonly port?: number;
  readonly hostname?: string;
  readonly allowedRoutes?: unknown;
  readonly protocol?: string;
}

function gateway(listeners: readonly Listener[] = [{}], problems: string[] = []): Gateway {
  const metadata = { namespace: "edge", name: "web" };
  const all = listeners.map((one) => ({
    name: "http",
    port: 80,
    protocol: "HTTP",
    allowedRoutes: { namespaces: { from: "All" } },
    ...one,
  }));
  const spec = { gatewayClassName: "eg", listeners: all };
  const service = {
    namespace: "edge",
    name: "controller",
    type: "NodePort",
    headless: false,
    selector: { app: "controller" },
    externalTrafficPolicy: "Local",
    ports: [{ port: 80, targetPort: "http", nodePort: 31695, protocol: "tcp" }],
  };
  return readGateway({ type: "Gateway", name: "web", inputs: { metadata, spec } }, [service], problems);
}

interface Rule {
  readonly [field: string]: unknown;
}

function route(name: string, rules: readonly Rule[], spec: object = {}): EmittedResource {
  const parentRefs = [{ name: "web", namespace: "edge" }];
  const backendRefs = [{ name, port: 80 }];
  return {
    type: "HTTPRoute",
    name,
    inputs: {
      metadata: { namespace: "shop", name },
      spec: { parentRefs, hostnames: [HOST], rules: rules.map((rule) => ({ backendRefs, ...rule })), ...spec },
    },
  };
}

const prefix = (value: string, more: object = {}): Rule => ({
  matches: [{ path: { type: "PathPrefix", value }, ...more }],
});
const exact = (value: string): Rule => ({ matches: [{ path: { type: "Exact", value } }] });

function read(
  resources: readonly EmittedResource[],
  by: Gateway = gateway(),
  grants: readonly EmittedResource[] = [],
): { readonly routes: readonly WebRoute[]; readonly problems: readonly string[] } {
  const problems: string[] = [];
  const world = { gateways: [by], grants, namespaceLabels: (namespace: string) => ({ team: namespace }) };
  return { routes: resources.flatMap((one) => httpRoutes(one, world, problems)), problems };
}

/** Names of the Services that may get a request, by precedence. */
function services(routes: readonly WebRoute[], path: string, host = HOST): readonly string[] {
  return takers(routes, { host, path, match: "exact" }).map(({ backends }) => backends[0]?.service ?? "");
}

describe("paths", () => {
  const { routes } = read([
    route("all", [prefix("/")]),
    route("api", [prefix("/api")]),
    route("api-v2", [prefix("/api/v2/")]),
    route("ready", [exact("/api")]),
  ]);
  test.each([
    ["/", "all"],
    ["/apis", "all"],
    ["/api", "ready"],
    ["/api/", "api"],
    ["/api/v1", "api"],
    ["/api/v2", "api-v2"],
    ["/api/v2/x", "api-v2"],
    ["/api/v20", "api"],
  ])("%s goes to %s", (path, service) => expect(services(routes, path)).toEqual([service]));
});

describe("what else is asked of a request", () => {
  test("method before headers before query parameters, then whoever asks for nothing", () => {
    const { routes } = read([
      route("rest", [prefix("/")]),
      route("query", [prefix("/", { queryParams: [{ name: "a" }, { name: "b" }] })]),
      route("header", [prefix("/", { headers: [{ name: "x" }] })]),
      route("method", [prefix("/", { method: "GET" })]),
    ]);
    expect(services(routes, "/")).toEqual(["method", "header", "query", "rest"]);
    expect(takers(routes, { host: HOST, path: "/", match: "exact" }).map(({ condition }) => condition)).toEqual([
      "method GET",
      "header x",
      "query parameter a, query parameter b",
      undefined,
    ]);
  });

  test("a longer path comes before any condition", () => {
    const { routes } = read([route("get", [prefix("/", { method: "GET" })]), route("api", [prefix("/api")])]);
    expect(services(routes, "/api")).toEqual(["api"]);
  });

  test("within one route the first rule; of two routes that ask the same, nobody knows the older one: both", () => {
    const first = { ...prefix("/"), backendRefs: [{ name: "first", port: 80 }] };
    expect(services(read([route("one", [first, prefix("/")])]).routes, "/")).toEqual(["first"]);
    const two = read([route("one", [prefix("/")]), route("two", [prefix("/")])]).routes;
    expect(services(two, "/")).toEqual(["one", "two"]);
  });

  test("any one of several matches is enough, and each is another path", () => {
    const { routes } = read([
      route("both", [{ matches: [{ path: { value: "/a" } }, { path: { type: "Exact", value: "/b" } }] }]),
    ]);
    expect(services(routes, "/a/x")).toEqual(["both"]);
    expect(services(routes, "/b")).toEqual(["both"]);
    expect(services(routes, "/b/x")).toEqual([]);
  });

  test("a rule without matches takes everything", () =>
    expect(services(read([route("all", [{}])]).routes, "/x")).toEqual(["all"]));
});

describe("host names", () => {
  const hosts = (by: Gateway, hostnames: readonly string[] | undefined): readonly string[] =>
    read([route("x", [prefix("/")], { hostnames })], by)
      .routes.filter(({ unserved }) => unserved === undefined)
      .map(({ host }) => host);
  test.each([
    ["*", ["shop.example.com"], ["shop.example.com"]],
    ["*.example.com", ["shop.example.com", "example.com", "shop.example.net"], ["shop.example.com"]],
    ["*.example.com", ["a.b.example.com"], ["a.b.example.com"]],
    ["shop.example.com", ["*.example.com"], ["shop.example.com"]],
    ["shop.example.com", undefined, ["shop.example.com"]],
    ["shop.example.com", ["other.example.com"], []],
    ["*", undefined, ["*"]],
  ])("listener %s, route %s: %s", (hostname, hostnames, expected) => {
    expect(hosts(gateway(hostname === "*" ? [{}] : [{ hostname }]), hostnames)).toEqual(expected);
  });

  test("the whole name before the longer wildcard before the shorter before none, whatever the path", () => {
    const { routes } = read([
      route("none", [exact("/api")], { hostnames: undefined }),
      route("wide", [prefix("/api")], { hostnames: ["*.example.com"] }),
      route("narrow", [prefix("/")], { hostnames: ["*.b.example.com"] }),
      route("name", [prefix("/")], { hostnames: ["a.b.example.com"] }),
    ]);
    expect(services(routes, "/api", "a.b.example.com")).toEqual(["name"]);
    expect(services(routes, "/api", "c.b.example.com")).toEqual(["narrow"]);
    expect(services(routes, "/api", "c.example.com")).toEqual(["wide"]);
    expect(services(routes, "/api", "example.com")).toEqual(["none"]);
  });
});

describe("who a Gateway takes", () => {
  const why = (by: Gateway, spec: object = {}): string | undefined =>
    read([route("x", [prefix("/")], spec)], by).routes[0]?.unserved;
  const from = (namespaces: object): Gateway => gateway([{ allowedRoutes: { namespaces } }]);
  const parent = (ref: object): object => ({ parentRefs: [{ name: "web", namespace: "edge", ...ref }] });
  test.each([
    ["by its name and section", gateway(), parent({ sectionName: "http" }), undefined],
    ["by a port", gateway(), parent({ port: 80 }), undefined],
    ["of a selected namespace", from({ from: "Selector", selector: { matchLabels: { team: "shop" } } }), {}, undefined],
    ["no parent", gateway(), { parentRefs: [] }, "it names no Gateway (parentRefs)"],
    ["another name", gateway(), parent({ name: "other" }), "there is no Gateway edge/other"],
    ["its own namespace by default", gateway(), { parentRefs: [{ name: "web" }] }, "there is no Gateway shop/web"],
    ["another section", gateway(), parent({ sectionName: "https" }), 'Gateway edge/web has no listener "https"'],
    ["another port", gateway(), parent({ port: 81 }), "Gateway edge/web has no listener on port 81"],
    [
      "a port to which no Service leads",
      gateway([{ port: 8080 }]),
      {},
      "no NodePort Service of namespace edge leads to port 8080 of Gateway edge/web",
    ],
    [
      "another namespace, by default",
      gateway([{ allowedRoutes: undefined }]),
      {},
      'Gateway edge/web takes no HTTPRoutes of namespace shop (allowedRoutes of listener "http")',
    ],
    [
      "another label",
      from({ from: "Selector", selector: { matchLabels: { team: "other" } } }),
      {},
      'Gateway edge/web takes no HTTPRoutes of namespace shop (allowedRoutes of listener "http")',
    ],
    [
      "another kind",
      gateway([{ allowedRoutes: { namespaces: { from: "All" }, kinds: [{ kind: "GRPCRoute" }] } }]),
      {},
      'Gateway edge/web takes no HTTPRoutes of namespace shop (allowedRoutes of listener "http")',
    ],
    [
      "two listeners that cannot be told apart",
      gateway([{}, { name: "again" }]),
      {},
      'Gateway edge/web: listeners "http" and "again" have the same port and host name',
    ],
  ])("%s", (_, by, spec, expected) => expect(why(by, spec)).toBe(expected));
});

describe("backends", () => {
  const backends = (refs: readonly object[], grants: readonly EmittedResource[] = []) =>
    read([route("x", [{ backendRefs: refs }])], gateway(), grants).routes[0]?.backends;
  const grant = (to: object, from: object = {}, namespace = "data"): EmittedResource => ({
    type: "ReferenceGrant",
    name: "grant",
    inputs: {
      metadata: { namespace, name: "grant" },
      spec: {
        from: [{ group: "gateway.networking.k8s.io", kind: "HTTPRoute", namespace: "shop", ...from }],
        to: [{ group: "", kind: "Service", ...to }],
      },
    },
  });
  const elsewhere = { name: "y", namespace: "data", port: 80 };

  test("each one, but none with a weight of 0", () => {
    const refs = [
      { name: "a", port: 80, weight: 9 },
      { name: "b", port: 81 },
      { name: "c", port: 82, weight: 0 },
    ];
    expect(backends(refs)?.map(({ service, port }) => [service, port])).toEqual([
      ["a", 80],
      ["b", 81],
    ]);
  });

  test.each([
    ["no grant", [], false],
    ["a grant for all Services", [grant({})], true],
    ["a grant for this one", [grant({ name: "y" })], true],
    ["a grant for another", [grant({ name: "z" })], false],
    ["a grant for another namespace's routes", [grant({}, { namespace: "other" })], false],
    ["a grant for other routes", [grant({}, { kind: "GRPCRoute" })], false],
    ["a grant in the route's own namespace", [grant({}, {}, "shop")], false],
  ])("of another namespace: %s", (_, grants, allowed) => {
    const [backend] = backends([elsewhere], grants) ?? [];
    expect(backend?.refused === undefined).toBe(allowed);
    if (!allowed) expect(backend?.refused).toContain("no ReferenceGrant lets HTTPRoutes of shop refer to Service y");
  });
});

describe("never passed without being understood", () => {
  test.each([
    [
      "a regular expression",
      { matches: [{ path: { type: "RegularExpression", value: "/a.*" } }] },
      "RegularExpression",
    ],
    ["a match that is new", { matches: [{ cookies: [] }] }, "match by cookies"],
    ["a rewrite", { filters: [{ type: "URLRewrite" }] }, "filter URLRewrite"],
    ["a copy to others", { filters: [{ type: "RequestMirror" }] }, "filter RequestMirror"],
    ["an extension", { filters: [{ type: "ExtensionRef" }] }, "filter ExtensionRef"],
    ["a filter of one backend", { backendRefs: [{ name: "a", port: 1, filters: [{ type: "CORS" }] }] }, "filter CORS"],
    ["a backend of another kind", { backendRefs: [{ kind: "Backend", name: "a" }] }, "backendRefs of kind Backend"],
    ["retries", { retry: { attempts: 3 } }, "rules[0].retry"],
  ])("%s", (_, rule, expected) => {
    expect(read([route("x", [rule])]).problems).toEqual([expect.stringContaining(expected)]);
  });

  test.each([
    ["a mesh's route", { parentRefs: [{ kind: "Service", group: "", name: "web" }] }, "parentRefs of kind Service"],
    ["a field that is new", { useDefaultGateways: "All" }, "spec.useDefaultGateways"],
  ])("%s", (_, spec, expected) => {
    expect(read([route("x", [prefix("/")], spec)]).problems).toEqual([expect.stringContaining(expected)]);
  });

  test.each<[string, readonly Listener[], string]>([
    ["TLS", [{ protocol: "HTTPS" }], "protocol HTTPS of listener http"],
    ["listeners that overlap", [{}, { name: "shop", hostname: HOST }], "share a port and some, not all, host names"],
  ])("a Gateway with %s", (_, listeners, expected) => {
    const problems: string[] = [];
    gateway(listeners, problems);
    expect(problems).toEqual([expect.stringContaining(expected)]);
  });

  test("a redirect is understood: it answers by itself", () => {
    const filters = [{ type: "RequestRedirect", requestRedirect: { statusCode: 301 } }];
    const { routes, problems } = read([route("x", [{ filters, backendRefs: [] }])]);
    expect(problems).toEqual([]);
    expect(routes[0]?.sendsTo).toEqual({ to: "http://the same host", status: 301, keepsPath: true });
  });
});

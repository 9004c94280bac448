import { httpRouteObjects } from "../../../../components/cluster/ingress/gatewayObjects";
import { ingressObjects } from "../../../../components/cluster/ingress/ingressObjects";
import { routePattern } from "../../../../components/cluster/ingress/ingressPatterns";
import { lackingInGateway } from "../../../../components/cluster/ingress/optionMistakes";
import { passwordFile } from "../../../../components/cluster/ingress/routeAttachments";
import { routeMistakes } from "../../../../components/cluster/ingress/routeMistakes";
import type { Route } from "../../../../components/cluster/ingress/routes";
import { toldOf } from "../../../support/mistakesOf";
import { readPattern } from "../../../../verifier/read/ingressPaths";
import { app, estate } from "../support/estate";

describe("what the types refuse", () => {
  test("is checked by tsc: each line below must be an error", () => {
    const refused: readonly Route[] = [
      // @ts-expect-error nobody is let in where nobody comes in
      { kind: "redirect", path: "/", to: "https://keybuzz.io", audience: "operators" },
      // @ts-expect-error ingress-nginx has no redirect for ever that keeps the path
      { kind: "moved", path: "/", to: "https://keybuzz.io", permanent: true },
      // @ts-expect-error nor one for a single path that keeps what is below it
      { kind: "moved", path: "/", to: "https://keybuzz.io", match: "exact" },
      // @ts-expect-error one way to log in
      { kind: "http", path: "/", authentication: { kind: "basic", users: {}, app: "sso" } },
      // @ts-expect-error whose pages may ask is said
      { kind: "http", path: "/", cors: { credentials: true } },
      // @ts-expect-error a cookie has a name
      { kind: "http", path: "/", sticky: {} },
    ];
    expect(refused).toHaveLength(6);
  });
});

describe("patterns", () => {
  test.each<[Route, string | undefined, readonly (readonly [from: string, to: string | undefined])[]]>([
    [{ kind: "http", path: "/api", rewrite: "/v1" }, "/v1$1", [["/api", "/v1"], ["/api/", "/v1/"], ["/api/a/b", "/v1/a/b"], ["/apis", undefined]]],
    [{ kind: "http", path: "/help/", rewrite: "/" }, "/$2", [["/help", "/"], ["/help/faq", "/faq"], ["/helpful", undefined]]],
    [{ kind: "http", path: "/", rewrite: "/shop" }, "/shop/$1", [["/", "/shop/"], ["/a", "/shop/a"]]],
    [{ kind: "http", path: "/a.b", match: "exact", rewrite: "/c" }, "/c", [["/a.b", "/c"], ["/a.b/", undefined], ["/aXb", undefined]]],
    [{ kind: "moved", path: "/", to: "https://keybuzz.io" }, "https://keybuzz.io/$1", [["/a", "https://keybuzz.io/a"]]],
    [{ kind: "http", path: "/plain" }, undefined, [["/plain", "/plain"], ["/plainer", undefined]]],
  ])("%j", (route, target, cases) => {
    const written = routePattern(route);
    expect(written.target).toBe(target);
    const form = new RegExp(`^${written.path.replace(/\(\?#[^)]*\)/, "")}`, "i");
    for (const [from, to] of cases) {
      const groups = form.exec(from);
      const changed = (written.target ?? from).replace(/\$(\d)/g, (_, index: string) => groups?.[Number(index)] ?? "");
      expect([from, groups === null ? undefined : changed]).toEqual([from, to]);
    }
    // The verifier reads back what was meant, and knows nothing of how it was written.
    const trim = (path: string): string => path.replace(/(?<=.)\/$/, "");
    const read = readPattern(written.path, written.target);
    expect(read).toMatchObject({ path: trim(route.path), match: route.match ?? "prefix" });
    expect(read?.rewrite).toBe("rewrite" in route ? route.rewrite : undefined);
    expect(read?.sendsTo).toBe(route.kind === "moved" ? route.to : undefined);
  }); // prettier-ignore

  test("an exact path comes before the prefix of the same path, the longer prefix before the shorter", () => {
    const length = (route: Route): number => routePattern(route).path.length;
    expect(length({ kind: "http", path: "/a", match: "exact" })).toBeGreaterThan(length({ kind: "http", path: "/a" }));
    expect(length({ kind: "http", path: "/ab", rewrite: "/" })).toBeGreaterThan(length({ kind: "http", path: "/a" }));
    expect(length({ kind: "http", path: "/a" })).toBeGreaterThan(
      length({ kind: "moved", path: "/", to: "https://a.io" }),
    );
  });

  test.each(["/a.*", "/a(b|c)", "/a", "/(.*)x", "/a.b((?:/(.*))?)$"])("%s is not understood", (pattern) => {
    expect(readPattern(pattern, "/x$1")).toBeUndefined();
  });

  test("one route that changes paths makes patterns of the whole host, also of another application's", () => {
    const { topology, ingress } = estate();
    const one = app(topology, "a", "a", 80);
    const other = app(topology, "b", "b", 80);
    const host = "x.apps.keybuzz.io";
    ingress.expose(one.endpoint, { host, routes: [{ kind: "http", path: "/a", rewrite: "/" }] });
    ingress.expose(other.endpoint, { host, routes: [{ kind: "http", path: "/b" }] });
    ingress.expose(other.endpoint, { host: "y.apps.keybuzz.io", routes: [{ kind: "http", path: "/b" }] });
    const types = ingressObjects(ingress.routes()).map(({ spec }) => spec.rules[0]?.http.paths[0]?.pathType);
    expect(types).toEqual(["ImplementationSpecific", "ImplementationSpecific", "Prefix"]);
  });
});

describe("as HTTPRoutes", () => {
  const rulesOf = (route: Route, percent?: number): unknown => {
    const { topology, ingress } = estate();
    const { endpoint } = app(topology, "shop", "shop", 80);
    const canary =
      percent === undefined ? {} : { canary: { endpoint: app(topology, "shop", "shop-canary", 80).endpoint, percent } };
    ingress.expose(endpoint, { host: "x.apps.keybuzz.io", routes: [route], ...canary });
    return httpRouteObjects(ingress.routes())[0]?.spec.rules[0];
  };

  test("another path, headers, another version", () => {
    expect(rulesOf({ kind: "http", path: "/api", rewrite: "/v1", responseHeaders: { "X-A": "b" } }, 20)).toMatchObject({
      filters: [
        { type: "URLRewrite", urlRewrite: { path: { type: "ReplacePrefixMatch", replacePrefixMatch: "/v1" } } },
        { type: "ResponseHeaderModifier", responseHeaderModifier: { set: [{ name: "X-A", value: "b" }] } },
      ],
      backendRefs: [
        { name: "shop", port: 80, weight: 80 },
        { name: "shop-canary", port: 80, weight: 20 },
      ],
    });
  });

  test("clients sent elsewhere: no backend, no time to wait", () => {
    const requestRedirect = { scheme: "https", hostname: "keybuzz.io", statusCode: 301, path: { type: "ReplaceFullPath", replaceFullPath: "/start" } }; // prettier-ignore
    expect(rulesOf({ kind: "redirect", path: "/", to: "https://keybuzz.io/start", permanent: true })).toEqual({
      matches: [{ path: { type: "PathPrefix", value: "/" } }],
      filters: [{ type: "RequestRedirect", requestRedirect }],
    });
    expect(rulesOf({ kind: "moved", path: "/", to: "https://keybuzz.io" })).toMatchObject({
      filters: [
        { requestRedirect: { statusCode: 302, path: { type: "ReplacePrefixMatch", replacePrefixMatch: "/" } } },
      ],
    });
  });

  test("what they have no word for is refused", () => {
    const all: Route = {
      kind: "http",
      path: "/",
      audience: "operators",
      authentication: { kind: "oidc", app: "sso" },
      limits: { connections: 1 },
      cors: { origins: ["*"] },
      sticky: { cookie: "a" },
      rewrite: "/a",
      responseHeaders: { "X-A": "b" },
    };
    expect(lackingInGateway(all).map(({ path }) => path)).toEqual([
      "audience",
      "authentication",
      "limits",
      "cors",
      "sticky",
    ]);
    for (const { allowed, fix } of lackingInGateway(all)) expect([allowed, fix]).toEqual([expect.stringMatching(/has no word/), expect.stringMatching(/"nginx"/)]); // prettier-ignore
  });
});

test("one Service has one cookie", () => {
  const { topology, ingress } = estate();
  const { endpoint } = app(topology, "shop", "shop", 80);
  const sticky = (cookie: string, path: string): Route => ({ kind: "http", path, sticky: { cookie } });
  ingress.expose(endpoint, {
    host: "x.apps.keybuzz.io",
    routes: [sticky("a", "/"), sticky("b", "/b"), sticky("a", "/c")],
  });
  expect(toldOf(() => ingress.routes())).toEqual([
    expect.stringMatching(/^x\.apps\.keybuzz\.io\/b .*sticky: .*one cookie/),
  ]);
});

test("a heartbeat may be as slow as three of them fit into what the balancers bear", () => {
  expect(routeMistakes({ kind: "websocket", path: "/", heartbeatSeconds: 60 }, 300)).toEqual([]);
  expect(routeMistakes({ kind: "sse", path: "/", heartbeatSeconds: 60, firstByteSeconds: 2 }, 300)).toEqual([]);
});

describe("a password file", () => {
  test("is the same for the same passwords, and another for each user", () => {
    const passwords = { mara: "a long enough password", bot: "a long enough password" };
    const [bot, mara] = passwordFile(passwords).trimEnd().split("\n");
    expect(passwordFile(passwords)).toBe(`${bot}\n${mara}\n`);
    expect(bot?.replace("bot:", "")).not.toBe(mara?.replace("mara:", ""));
    expect(bot).toMatch(/^bot:\{SSHA\}[A-Za-z0-9+/=]{38,40}$/);
  });

  test("has no password that could be guessed from it, and its refusal does not repeat it", () => {
    expect(() => passwordFile({ mara: "hunter2" })).toThrow(/password of "mara" has 7 characters; allowed: 16/);
    expect(() => passwordFile({ mara: "hunter2" })).not.toThrow(/hunter2/);
  });
});

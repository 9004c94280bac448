import type { NginxAnnotations } from "../../../../components/cluster/ingress/ingressAnnotations";
import {
  nginxAnnotations,
  renderAnnotations,
  unknownNginxAnnotations,
} from "../../../../components/cluster/ingress/ingressAnnotations";
import { ingressObjects, routeName } from "../../../../components/cluster/ingress/ingressObjects";
import { refuse } from "../../../../components/mistakes";
import { IngressService } from "../../../../components/cluster/ingress/ingressService";
import { routeMistakes } from "../../../../components/cluster/ingress/routeMistakes";
import { routeLimits, type PassedRoute, type Route } from "../../../../components/cluster/ingress/routes";
import { toldOf } from "../../../support/mistakesOf";
import { app, estate } from "../support/estate";

describe("what the types refuse", () => {
  test("is checked by tsc: each line below must be an error", () => {
    const refused: readonly (Route | NginxAnnotations)[] = [
      // @ts-expect-error durations are numbers of seconds
      { kind: "http", path: "/", responseTimeoutSeconds: "60s" },
      // @ts-expect-error an SSE route has no buffering option
      { kind: "sse", path: "/api/chat/stream", heartbeatSeconds: 15, firstByteSeconds: 2, buffering: true },
      // @ts-expect-error an SSE route says when its first byte comes
      { kind: "sse", path: "/api/chat/stream", heartbeatSeconds: 15 },
      // @ts-expect-error a WebSocket route says how often it sends something
      { kind: "websocket", path: "/cable" },
      // @ts-expect-error no such kind
      { kind: "grpc", path: "/" },
      // @ts-expect-error the annotation of NGINX Inc. does not exist in ingress-nginx
      { "websocket-services": "backend" },
      // @ts-expect-error nor does this one, which was added in the first incident
      { "upstream-connect-timeout": 60 },
      // @ts-expect-error seconds are bare numbers
      { "proxy-read-timeout": "60s" },
    ];
    expect(refused).toHaveLength(8);
  });
});

describe("annotations", () => {
  test("bare seconds, all strings, sorted", () => {
    const limits = routeLimits({ kind: "http", path: "/", responseTimeoutSeconds: 90, maxBodyMb: 50 });
    expect(renderAnnotations(nginxAnnotations(limits))).toEqual({
      "nginx.ingress.kubernetes.io/proxy-body-size": "50m",
      "nginx.ingress.kubernetes.io/proxy-connect-timeout": "5",
      "nginx.ingress.kubernetes.io/proxy-read-timeout": "90",
      "nginx.ingress.kubernetes.io/proxy-send-timeout": "60",
    });
  });

  test.each<[string, PassedRoute, Readonly<Record<string, string>>]>([
    [
      "websocket",
      { kind: "websocket", path: "/cable", heartbeatSeconds: 3 },
      { "proxy-read-timeout": "30", "proxy-send-timeout": "30" },
    ],
    [
      "sse",
      { kind: "sse", path: "/s", heartbeatSeconds: 15, firstByteSeconds: 2 },
      { "proxy-buffering": "off", "proxy-read-timeout": "45" },
    ],
    [
      "slow sse",
      { kind: "sse", path: "/s", heartbeatSeconds: 15, firstByteSeconds: 100 },
      { "proxy-read-timeout": "200" },
    ],
    [
      "a heartbeat each minute, at one pod: three silences would outlast the balancers",
      { kind: "sse", path: "/s", heartbeatSeconds: 60, firstByteSeconds: 2 },
      { "proxy-read-timeout": "180", "proxy-next-upstream-tries": "1" },
    ],
    [
      "upload",
      { kind: "upload", path: "/u", maxBodyMb: 512 },
      { "proxy-request-buffering": "off", "proxy-body-size": "512m" },
    ],
  ])("%s", (_name, route, expected) => {
    const rendered = renderAnnotations(nginxAnnotations(routeLimits(route)));
    for (const [name, value] of Object.entries(expected))
      expect(rendered[`nginx.ingress.kubernetes.io/${name}`]).toBe(value);
  });

  test("those that do not exist are found", () => {
    expect(
      unknownNginxAnnotations({
        "nginx.ingress.kubernetes.io/upstream-connect-timeout": "60",
        "nginx.ingress.kubernetes.io/websocket-services": "backend",
        "nginx.ingress.kubernetes.io/configuration-snippet": "x",
        "nginx.ingress.kubernetes.io/proxy-read-timeout": "60",
        "nginx.ingress.kubernetes.io/toString": "",
        "pulumi.com/skipAwait": "true",
      }),
    ).toEqual([
      "nginx.ingress.kubernetes.io/upstream-connect-timeout",
      "nginx.ingress.kubernetes.io/websocket-services",
      "nginx.ingress.kubernetes.io/configuration-snippet",
      "nginx.ingress.kubernetes.io/toString",
    ]);
  });
});

describe("mistakes in one route", () => {
  const sound: readonly Route[] = [
    { kind: "http", path: "/" },
    { kind: "http", path: "/api/v1/user-profile_x.json", match: "exact", responseTimeoutSeconds: 299 },
    { kind: "websocket", path: "/cable", heartbeatSeconds: 99 },
    { kind: "websocket", path: "/cable", heartbeatSeconds: 30, idleTimeoutSeconds: 60 },
    { kind: "sse", path: "/s", heartbeatSeconds: 15, firstByteSeconds: 2 },
    { kind: "upload", path: "/u", maxBodyMb: 1 },
  ];
  test.each(sound)("none: %j", (route) => {
    expect(routeMistakes(route, 300)).toEqual([]);
  });

  test.each<[Route, RegExp]>([
    [{ kind: "http", path: "api" }, /path: found "api"/],
    [{ kind: "http", path: "/a b" }, /path: found "\/a b"/],
    [{ kind: "http", path: "/api/ws/{user_id}" }, /path: found "\/api\/ws\/\{user_id\}"/],
    [
      { kind: "http", path: "/", responseTimeoutSeconds: 300 },
      /responseTimeoutSeconds: found a silence of 300 s; allowed: below 300/,
    ],
    [{ kind: "http", path: "/", responseTimeoutSeconds: 0 }, /responseTimeoutSeconds: found 0/],
    [{ kind: "http", path: "/", responseTimeoutSeconds: 1.5 }, /responseTimeoutSeconds: found 1\.5/],
    [{ kind: "http", path: "/", maxBodyMb: 0 }, /maxBodyMb: found 0/],
    [
      { kind: "websocket", path: "/", heartbeatSeconds: 100 },
      /idleTimeoutSeconds: found a silence of 300 s; allowed: below 300/,
    ],
    [
      { kind: "websocket", path: "/", heartbeatSeconds: 31, idleTimeoutSeconds: 60 },
      /heartbeat every 31 s; allowed: at least 62/,
    ],
    [
      { kind: "sse", path: "/", heartbeatSeconds: 100, firstByteSeconds: 2 },
      /heartbeatSeconds: found a silence of 300 s; allowed: below 300/,
    ],
    [
      { kind: "sse", path: "/", heartbeatSeconds: 15, firstByteSeconds: 150 },
      /firstByteSeconds: found a silence of 300 s; allowed: below 300/,
    ],
    [{ kind: "upload", path: "/", maxBodyMb: Number.NaN }, /maxBodyMb: found NaN/],
  ])("%j", (route, expected) => {
    expect(() => refuse("x", routeMistakes(route, 300))).toThrow(expected);
  });

  test("an answer that the load balancer would not wait for is refused at its default of 50 s", () => {
    expect(routeMistakes({ kind: "http", path: "/" }, 50)).toHaveLength(1);
  });
});

describe("exposing", () => {
  test("one Ingress per route, and a changed timeout changes nothing but itself", () => {
    const render = (responseTimeoutSeconds: number) => {
      const { topology, ingress } = estate();
      const { pods, endpoint } = app(topology, "chatwoot", "chatwoot-web", 3000);
      ingress.expose(endpoint, {
        host: "support.keybuzz.io",
        routes: [
          { kind: "http", path: "/", responseTimeoutSeconds, maxBodyMb: 50 },
          { kind: "websocket", path: "/cable", heartbeatSeconds: 3 },
        ],
      });
      return ingressObjects(ingress.routes(pods));
    };
    const [before, after] = [render(60), render(90)];
    expect(before).toMatchSnapshot();
    expect(after[1]).toEqual(before[1]);
    expect(after[0]?.metadata.name).toBe(before[0]?.metadata.name);
    expect(after[0]?.spec).toEqual(before[0]?.spec);
    expect(after[0]?.metadata.annotations["nginx.ingress.kubernetes.io/proxy-read-timeout"]).toBe("90");
  });

  test("opens the way: internet, load balancers, nodes, pods", () => {
    const { topology, ingress } = estate();
    const { endpoint } = app(topology, "chatwoot", "chatwoot-web", 3000);
    ingress.expose(endpoint, { host: "support.keybuzz.io", routes: [{ kind: "http", path: "/" }] });
    const flows = topology.flows.map(({ from, to }) => `${from.kind === "hosts" ? from.group : from.kind} -> ${to.id}`);
    expect(flows).toEqual(
      expect.arrayContaining([
        "internet -> web/lb-keybuzz-1/https",
        "internet -> web/lb-keybuzz-2/https",
        "loadBalancer -> ingress/http",
        "nodes -> chatwoot/chatwoot-web",
      ]),
    );
    expect(flows.filter((flow) => flow.startsWith("internet ->") && !/\/(https|redirect)$/.test(flow))).toEqual([]);
    expect(ingress.hosts).toEqual(["support.keybuzz.io"]);
  });

  test("every mistake of every application at once", () => {
    const { topology, ingress } = estate();
    const web = app(topology, "chatwoot", "chatwoot-web", 3000);
    const front = app(topology, "keybuzz", "front", 80);
    const machine = topology.endpoint({
      id: "db",
      provider: { kind: "hosts", group: "postgres", hosts: [] },
      port: 5432,
      protocol: "tcp",
    });
    ingress.expose(web.endpoint, {
      host: "support.keybuzz.io",
      routes: [
        { kind: "http", path: "/" },
        { kind: "http", path: "/api/", responseTimeoutSeconds: 900 },
      ],
    });
    ingress.expose(front.endpoint, { host: "support.keybuzz.io", routes: [{ kind: "http", path: "/api" }] });
    ingress.expose(front.endpoint, { host: "shop.example.com", routes: [] });
    ingress.expose(machine, { host: "support.keybuzz.io", routes: [{ kind: "http", path: "/db" }] });
    expect(toldOf(() => ingress.routes(web.pods))).toEqual([
      expect.stringMatching(
        /^support\.keybuzz\.io\/api\/ \(chatwoot-web, http\)\.responseTimeoutSeconds: found a silence of 900 s/,
      ),
      expect.stringMatching(
        /^support\.keybuzz\.io\/api \(front, http\): found the same host and path as chatwoot-web's/,
      ),
      expect.stringMatching(
        /^shop\.example\.com \(front\): found no certificate that covers it; allowed: support\.keybuzz\.io/,
      ),
      expect.stringMatching(/^shop\.example\.com \(front\): found no routes/),
      expect.stringMatching(/^support\.keybuzz\.io: found endpoint "db" of hosts\/postgres; allowed: pods/),
    ]);
  });

  test("a wildcard certificate covers one label, not two and not none", () => {
    const covers = (host: string): boolean => {
      const { topology, ingress } = estate();
      ingress.expose(app(topology, "a", "a", 80).endpoint, { host, routes: [{ kind: "http", path: "/" }] });
      try {
        return ingress.routes().length === 1;
      } catch {
        return false;
      }
    };
    expect(["x.apps.keybuzz.io", "y.x.apps.keybuzz.io", "apps.keybuzz.io"].map(covers)).toEqual([true, false, false]);
  });

  test.each([80, 32768, 29999, 31695.5])("node port %d is refused", (nodePort) => {
    const { topology, k3s } = estate();
    expect(
      () =>
        new IngressService({
          topology,
          nodes: k3s.nodes,
          webLoadBalancers: [],
          nodePort,
          idleTimeoutSeconds: 60,
          certificateHosts: [],
        }),
    ).toThrow(`nodePort: found ${nodePort}`);
  });
});

test("different routes have different names", () => {
  const paths = ["/", "/root", "/a/b", "/a-b", "/a_b", "/A/b", "/a/b/", "/a//b", "/-", "/."];
  const names = paths.flatMap((path) => [
    routeName("app", "h.io", path, "prefix"),
    routeName("app", "h.io", path, "exact"),
  ]);
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(name).toMatch(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);
  expect(routeName("chatwoot-web", "support.keybuzz.io", "/cable", "prefix")).toBe(
    "chatwoot-web-support-keybuzz-io-cable",
  );
});

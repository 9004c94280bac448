// What the program writes of routes, answered as ingress-nginx would.
import { answer, ClientLimits, type EntryAnswer } from "@standin/kubernetes-api/webEntry/answer";
import type { JsonObject } from "@standin/kubernetes-api/wire/json";
import { ingressObjects } from "../../components/cluster/ingress/ingressObjects";
import {
  ANSWER_HEADERS,
  configMapData,
  controllerOptions,
  INGRESS_HEADERS_MAP,
} from "../../components/cluster/ingress/ingressNginxConfig";
import { passwordFile, routeHeaders, routeUsers } from "../../components/cluster/ingress/routeAttachments";
import type { Authentication, Guard } from "../../components/cluster/ingress/routeOptions";
import type { Route } from "../../components/cluster/ingress/routes";
import { app, estate } from "../components/cluster/support/estate";

const HOST = "x.apps.keybuzz.io";
const OTHER = "y.apps.keybuzz.io";
const PASSWORD = "a long enough password";
const PLACE = { className: "nginx", configMap: "ingress-nginx/ingress-nginx-controller" };

const COOKIE = { "set-cookie": "session=1; Path=/; HttpOnly" };

type Wish = { readonly host?: string; readonly headers?: Readonly<Record<string, string>>; readonly method?: string };
type Ask = (url: string, wish?: Wish) => Promise<EntryAnswer>;

/** The pods say who got what; "sso" knows whoever has a cookie. */
function entryOf(routes: readonly Route[], change: (objects: JsonObject[]) => void = () => undefined): Ask {
  const { topology, ingress } = estate();
  const shop = app(topology, "shop", "shop", 80).endpoint;
  const sso = app(topology, "sso", "sso", 4180).endpoint;
  const canary = { endpoint: app(topology, "shop", "shop-canary", 80).endpoint, percent: 20 };
  const guard = ({ kind }: Authentication): Guard =>
    kind === "basic"
      ? { kind, passwords: { mara: PASSWORD } }
      : { kind, address: topology.connect(ingress.asks, sso, "who comes"), path: "/oauth2/auth" };
  ingress.expose(shop, { host: HOST, routes, guard, canary });
  ingress.expose(shop, { host: OTHER, routes: [{ kind: "http", path: "/" }] });
  const all = ingress.routes();
  const data = configMapData(controllerOptions({ trustedProxies: ["10.0.0.5"], outerIdleSeconds: 300, routes: all }));
  const objects = [
    ...ingressObjects(all).map((one) => ({ kind: "Ingress", ...one })),
    ...routeHeaders(all).map((one) => ({ kind: "ConfigMap", ...one })),
    ...routeUsers(all).map(({ metadata, passwords }) => ({
      kind: "Secret",
      metadata,
      data: { auth: Buffer.from(passwordFile(passwords)).toString("base64") },
    })),
    { kind: "ConfigMap", metadata: { namespace: "ingress-nginx", name: "ingress-nginx-controller" }, data },
    { kind: "ConfigMap", metadata: { namespace: "ingress-nginx", name: INGRESS_HEADERS_MAP }, data: ANSWER_HEADERS },
    ...["shop/shop", "shop/shop-canary", "sso/sso"].flatMap((label) => {
      const [namespace = "", name = ""] = label.split("/");
      const metadata = { namespace, name };
      const labels = { "app.kubernetes.io/name": name };
      return [
        { kind: "Service", metadata, spec: { selector: labels, ports: [{ port: name === "sso" ? 4180 : 80 }] } },
        { kind: "Deployment", metadata, spec: { template: { metadata: { labels } } }, status: { readyReplicas: 2 } },
      ];
    }),
  ] as unknown as JsonObject[];
  change(objects);
  const state = {
    objects,
    limits: new ClientLimits(() => 0),
    random: () => 0.5,
    application: ({ service, pod }: { service: string; pod: number }, { url, headers }: { url: string; headers: Readonly<Record<string, string>> }) =>
      service === "sso"
        ? { status: headers["cookie"] === "known" ? 202 : 401, headers: {}, body: "" }
        : { status: 200, headers: url === "/login" ? COOKIE : {}, body: `${service} ${pod} ${url}` },
  }; // prettier-ignore
  return (url, { host = HOST, headers = {}, method = "GET" } = {}) =>
    answer({ method, host, url, headers }, PLACE, state);
}

const from = (address: string): Wish => ({ headers: { "x-forwarded-for": address } });

test("other paths, and other addresses", async () => {
  const ask = entryOf([
    { kind: "http", path: "/api", rewrite: "/v1" },
    { kind: "redirect", path: "/old", to: "https://keybuzz.io/start", permanent: true },
    { kind: "moved", path: "/docs", to: "https://docs.keybuzz.io" },
  ]);
  expect((await ask("/api/a?b=1")).body).toBe("shop 1 /v1/a?b=1");
  expect(await ask("/old")).toMatchObject({ status: 308, headers: { location: "https://keybuzz.io/start" } });
  expect(await ask("/docs/a")).toMatchObject({ status: 302, headers: { location: "https://docs.keybuzz.io/a" } });
  expect(await ask("/apis")).toMatchObject({ status: 404, body: "" });
});

test("who comes in: by network, by password, by login", async () => {
  const ask = entryOf([
    { kind: "http", path: "/", audience: ["203.0.113.0/24"] },
    { kind: "http", path: "/desk", authentication: { kind: "basic", users: { mara: "DESK_PASSWORD" } } },
    { kind: "http", path: "/board", authentication: { kind: "oidc", app: "sso" } },
  ]);
  const statuses = async (path: string, ...wishes: readonly Wish[]): Promise<readonly number[]> =>
    Promise.all(wishes.map(async (wish) => (await ask(path, wish)).status));
  expect(await statuses("/", from("203.0.113.9"), from("192.0.2.1"), {})).toEqual([200, 403, 403]);
  const login = (text: string): Wish => ({
    headers: { authorization: `Basic ${Buffer.from(text).toString("base64")}` },
  });
  expect(await statuses("/desk", login(`mara:${PASSWORD}`), login("mara:other"), login(`bot:${PASSWORD}`), {})).toEqual(
    [200, 401, 401, 401],
  );
  expect(await statuses("/board", { headers: { cookie: "known" } }, {})).toEqual([200, 401]);
});

test("limits, pages of other sites, headers, one pod for a client", async () => {
  const ask = entryOf([
    { kind: "http", path: "/", responseHeaders: { "X-Frame-Options": "DENY" }, sticky: { cookie: "pod" } },
    { kind: "http", path: "/few", limits: { requestsPerSecond: 1 } },
    { kind: "http", path: "/widget", cors: { origins: ["https://*.keybuzz.io"] } },
  ]);
  const answers = [];
  for (let i = 0; i < 7; i += 1) answers.push((await ask("/few", from("192.0.2.1"))).status);
  expect(answers).toEqual([200, 200, 200, 200, 200, 200, 429]);
  expect((await ask("/few", from("192.0.2.2"))).status).toBe(200);
  const origin = async (one: string) => (await ask("/widget", { headers: { origin: one } })).headers;
  expect(await origin("https://shop.keybuzz.io")).toMatchObject({
    "access-control-allow-origin": "https://shop.keybuzz.io",
  });
  expect(Object.keys(await origin("https://keybuzz.io.example.org")).join()).not.toContain("access-control");
  const first = await ask("/");
  expect(first.headers).toMatchObject({ "X-Frame-Options": "DENY", "set-cookie": "pod=1; Path=/; Secure; HttpOnly" });
  expect((await ask("/", { headers: { cookie: "pod=0" } })).body).toBe("shop 0 /");
});

test("another version gets its part of the whole Service, also by its other host", async () => {
  const ask = entryOf([{ kind: "http", path: "/" }]);
  expect((await ask("/")).body).toBe("shop 1 /");
  const lucky = (objects: JsonObject[]): void => {
    for (const { kind, metadata } of objects) {
      const annotations = (metadata as { annotations?: Record<string, string> }).annotations ?? {};
      const weight = "nginx.ingress.kubernetes.io/canary-weight";
      if (kind === "Ingress" && annotations[weight] === "20") annotations[weight] = "80";
    }
  };
  const more = entryOf([{ kind: "http", path: "/" }], lucky);
  expect((await more("/")).body).toBe("shop-canary 1 /");
  expect((await more("/", { host: OTHER })).body).toBe("shop-canary 1 /");
});

test("an Ingress that the controller would leave out is none, and why is told", async () => {
  const ask = entryOf([{ kind: "http", path: "/" }], (objects) => {
    for (const { kind, metadata } of objects)
      if (kind === "Ingress")
        Object.assign((metadata as { annotations: object }).annotations, {
          "nginx.ingress.kubernetes.io/server-snippet": "deny all;",
        });
  });
  const { status, body } = await ask("/");
  expect(status).toBe(404);
  expect(body).toContain("Ingress shop/shop-x-apps-keybuzz-io: annotation server-snippet is not among those");
});

test("every answer tells browsers to come by HTTPS alone, and every cookie goes back by it alone", async () => {
  const ask = entryOf([{ kind: "http", path: "/" }]);
  const lasting = { "Strict-Transport-Security": "max-age=31536000" };
  expect((await ask("/login")).headers).toEqual({ ...lasting, "set-cookie": "session=1; Path=/; Secure; HttpOnly" });
  expect(await ask("/", { host: "nobody.keybuzz.io" })).toMatchObject({ status: 404, headers: lasting });
});

test("the controller's own health is answered by its name; by another name nginx answers for itself", async () => {
  const ask = entryOf([{ kind: "http", path: "/" }]);
  expect((await ask("/healthz", { host: "ingress-health" })).status).toBe(200);
  expect((await ask("/", { host: "ingress-health" })).status).toBe(404);
  expect((await ask("/healthz", { host: "10.0.0.100" })).status).toBe(200);
});

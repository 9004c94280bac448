// The page's routes from outside: what the program makes of them, applied to a cluster, and asked by HTTP through what
// stands for ingress-nginx. Validated against the controller's own source, v1.15.1 (template, annotations, balancer).
import { request as ask } from "node:http";
import { startWebEntry, type WebEntry } from "@standin/kubernetes-api";
import type { JsonObject } from "@standin/kubernetes-api/wire/json";
import { configMapData, controllerOptions } from "../../components/cluster/ingress/ingressNginxConfig";
import { ingressObjects, INGRESS_CLASS } from "../../components/cluster/ingress/ingressObjects";
import { passwordFile, routeHeaders, routeUsers } from "../../components/cluster/ingress/routeAttachments";
import { referencedSecrets, substituteSecrets } from "../../components/secrets/secretRef";
import { EXAMPLE_SETTINGS } from "../../stacks/emittedGraph";
import { planEstate } from "../../stacks/plan";
import { allObjects } from "../components/workloads/renderedFile";
import { TestCluster } from "../packages/kubernetes-api/support/testCluster";
import { prodWith, writtenApps } from "./support/page";

jest.setTimeout(180_000);

const NAMES = ["reports", "sso", "board", "gateway", "widget", "portal", "pricing", "desk"];
const PLURAL: Readonly<Record<string, string>> = {
  ServiceAccount: "api/v1", Secret: "api/v1", ConfigMap: "api/v1", Service: "api/v1", Deployment: "apis/apps/v1", Ingress: "apis/networking.k8s.io/v1",
}; // prettier-ignore
/** Each placeholder stands for its own name, so that a test knows every password. */
const resolved = (text: string): string =>
  substituteSecrets(text, new Map(referencedSecrets(text).map((id) => [id, `password of ${id}`])));

let cluster: TestCluster;
let entry: WebEntry;
let random = 0.5;
let knows: (cookie: string) => number = () => 401;

beforeAll(async () => {
  const environment = prodWith(writtenApps().flatMap(({ app }) => (NAMES.includes(app.name) ? [app] : [])));
  const plan = planEstate(environment, EXAMPLE_SETTINGS);
  const apps = plan.apps.filter(({ app }) => NAMES.includes(app.name));
  const routes = apps.flatMap(({ endpoints }) => plan.services.ingress.routesOf(endpoints));
  cluster = await TestCluster.start();
  const apply = async (object: object): Promise<void> => {
    const body = JSON.parse(resolved(JSON.stringify(object))) as JsonObject;
    const { kind, metadata } = body as unknown as { kind: string; metadata: { name: string; namespace: string } };
    const path = `/${PLURAL[kind] ?? ""}/namespaces/${metadata.namespace}/${kind.toLowerCase()}${kind.endsWith("s") ? "es" : "s"}/${metadata.name}`;
    await cluster.apply(path, body);
  };
  for (const name of ["ingress-nginx", ...NAMES])
    await cluster.apply(`/api/v1/namespaces/${name}`, { apiVersion: "v1", kind: "Namespace", metadata: { name } });
  const options = configMapData(controllerOptions({ trustedProxies: ["10.0.0.5"], outerIdleSeconds: 300, routes }));
  const core = { apiVersion: "v1" };
  await apply({
    ...core,
    kind: "ConfigMap",
    metadata: { name: "controller", namespace: "ingress-nginx" },
    data: options,
  });
  for (const { app } of apps)
    for (const object of allObjects(app)) if (object.kind in PLURAL) await apply({ ...object, metadata: { ...object.metadata, namespace: app.namespace } }); // prettier-ignore
  // Images of keybuzzio are fetched with it.
  for (const namespace of NAMES)
    await apply({ ...core, kind: "Secret", metadata: { name: "ghcr-secret", namespace }, type: "kubernetes.io/dockerconfigjson", stringData: { ".dockerconfigjson": "{}" } }); // prettier-ignore
  for (const { metadata, passwords } of routeUsers(routes)) {
    const file = passwordFile(
      Object.fromEntries(Object.entries(passwords).map(([user, text]) => [user, resolved(text)])),
    );
    await apply({ ...core, kind: "Secret", metadata, type: "Opaque", stringData: { auth: file } });
  }
  for (const headers of routeHeaders(routes)) await apply({ ...core, kind: "ConfigMap", ...headers });
  for (const ingress of ingressObjects(routes)) await apply({ apiVersion: "networking.k8s.io/v1", kind: "Ingress", ...ingress }); // prettier-ignore
  await cluster.local.settle();
  entry = await startWebEntry({
    className: INGRESS_CLASS,
    configMap: "ingress-nginx/controller",
    snapshot: () => cluster.local.snapshot(),
    random: () => random,
    application: ({ service, pod }, { url, headers }) => {
      const status = service === "sso" ? knows(headers["cookie"] ?? "") : 200;
      return { status, headers: {}, body: `${service} ${pod} ${url}` };
    },
  });
}, 180_000);
afterAll(async () => {
  await entry.close();
  await cluster.stop();
});
beforeEach(() => {
  random = 0.5;
});

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

/** A request to a host, such as the balancers pass it on. */
function get(address: string, headers: Readonly<Record<string, string>> = {}, method = "GET"): Promise<Answer> {
  const [, host = "", path = "/"] = /^([^/]+)(\/.*)?$/.exec(address) ?? [];
  return new Promise((resolve, reject) => {
    ask(`${entry.url}${path}`, { method, headers: { "x-forwarded-for": "198.51.100.7", ...headers, host } }, (response) => {
      let body = "";
      response.on("data", (part: Buffer) => (body += part.toString()));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    }).on("error", reject).end(); // prettier-ignore
  });
}
const basic = (user: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`,
});

test("operators alone come to the operators' page, everybody to the rest", async () => {
  const from = async (address: string, path: string) =>
    (await get(`desk.keybuzz.io${path}`, { "x-forwarded-for": address })).status;
  const [operators = ""] = EXAMPLE_SETTINGS.operatorCidrs;
  expect(await from(operators.replace(/\d+\/\d+$/, "9"), "/admin")).toBe(200);
  expect(await from("192.0.2.1", "/admin")).toBe(403);
  expect(await from("192.0.2.1", "/")).toBe(200);
});

test("a password: nobody without it, nobody with another, each user with their own", async () => {
  const host = "reports.keybuzz.io";
  const asked = await get(host);
  expect(asked).toMatchObject({ status: 401, headers: { "www-authenticate": 'Basic realm="KeyBuzz"' }, body: "" });
  expect(await get(host, basic("mara", "a wrong password"))).toMatchObject({ status: 401 });
  expect(await get(host, basic("eve", "password of config/reportsMaraPassword"))).toMatchObject({ status: 401 });
  const mara = await get(host, basic("mara", "password of config/reportsMaraPassword"));
  expect(mara).toMatchObject({ status: 200, body: "reports 1 /" });
  expect(await get(host, basic("bot", "password of apps/reports/BOT"))).toMatchObject({ status: 200 });
});

test("a login: whom the application knows comes in, others are sent to it, and come back", async () => {
  const host = "board.keybuzz.io/lists?page=2";
  knows = (cookie) => (cookie === "session=mara" ? 202 : 401);
  expect(await get(host)).toMatchObject({
    status: 302,
    headers: { location: `https://sso.keybuzz.io?rd=https://board.keybuzz.io${encodeURIComponent("/lists?page=2")}` },
  });
  expect(await get(host, { cookie: "session=mara" })).toMatchObject({ status: 200, body: "board 1 /lists?page=2" });
  knows = () => 403;
  expect(await get(host)).toMatchObject({ status: 403 });
});

test.each([
  ["shop.keybuzz.io/api/orders?open=1", "gateway 1 /v1/orders?open=1"],
  ["shop.keybuzz.io/api", "gateway 1 /v1"],
  ["shop.keybuzz.io/api/", "gateway 1 /v1/"],
])("another path for the application: %s", async (address, body) => {
  expect(await get(address)).toMatchObject({ status: 200, body });
});

test("and nothing for what only begins like it", async () => {
  expect(await get("shop.keybuzz.io/apis")).toMatchObject({ status: 404 });
  expect(await get("shop.keybuzz.io/other")).toMatchObject({ status: 404 });
});

test("clients are sent elsewhere: for ever to one address, for now to the same path", async () => {
  const status = await get("shop.keybuzz.io/status/today");
  expect(status).toMatchObject({ status: 308, headers: { location: "https://status.keybuzz.io" }, body: "" });
  const moved = await get("www.shop.keybuzz.io/cart?item=7");
  expect(moved).toMatchObject({ status: 302, headers: { location: "https://shop.keybuzz.io/cart?item=7" } });
});

test("pages of other sites: those that are named may ask, and are told so before they do", async () => {
  const preflight = { origin: "https://app.keybuzz.io", "access-control-request-method": "PUT" };
  const told = await get("widget.keybuzz.io", preflight, "OPTIONS");
  expect(told).toMatchObject({
    status: 204,
    headers: {
      "access-control-allow-origin": "https://app.keybuzz.io",
      "access-control-allow-methods": expect.stringContaining("PUT") as string,
    },
  });
  expect(told.headers).not.toHaveProperty("access-control-allow-credentials");
  const other = await get("widget.keybuzz.io", { origin: "https://keybuzz.example.org" });
  expect(other.headers).not.toHaveProperty("access-control-allow-origin");
});

test("a client that asks too often is refused with 429, another is not", async () => {
  const from = (address: string) => get("widget.keybuzz.io", { "x-forwarded-for": address });
  const statuses = await Promise.all(Array.from({ length: 80 }, async () => (await from("198.51.100.8")).status));
  expect(new Set(statuses)).toEqual(new Set([200, 429]));
  expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(50);
  expect(await from("198.51.100.9")).toMatchObject({ status: 200 });
});

test("headers are set, and a client keeps its pod", async () => {
  const first = await get("portal.keybuzz.io");
  expect(first).toMatchObject({ headers: { "x-frame-options": "DENY" }, body: "portal 1 /" });
  const [set = ""] = [first.headers["set-cookie"]].flat() as string[];
  expect(set).toMatch(/^pod=1; Path=\/; Secure/);
  random = 0;
  expect(await get("portal.keybuzz.io", { cookie: "pod=1" })).toMatchObject({ body: "portal 1 /" });
  expect(await get("portal.keybuzz.io")).toMatchObject({ body: "portal 0 /" });
});

test("ten of a hundred requests come to the other version", async () => {
  const versions: string[] = [];
  for (let i = 0; i < 100; i += 1) {
    random = (i + 0.5) / 100;
    versions.push((await get("pricing.keybuzz.io")).body.split(" ")[0] ?? "");
  }
  expect(versions.filter((one) => one === "pricing-canary")).toHaveLength(10);
  expect(versions.filter((one) => one === "pricing")).toHaveLength(90);
});

import { IPv4, parseCIDR } from "ipaddr.js";
import { labelsMatch } from "../selectors";
import { at, listAt, numberAt, objectAt, textAt, type JsonObject } from "../wire/json";
import { locationFor, locationsOf, pattern, type Location, type Upstream } from "./locations";
import { lets } from "./passwords";

export interface EntryRequest {
  readonly method: string;
  readonly host: string;
  /** With its query. */
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface EntryAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What an application answers. `pod` counts from 0. */
export type Application = (
  upstream: Upstream & { readonly pod: number },
  request: EntryRequest,
) => EntryAnswer | Promise<EntryAnswer>;

/** Every object of a cluster, and what nginx remembers between requests. */
export interface EntryState {
  readonly objects: readonly JsonObject[];
  readonly application: Application;
  readonly limits: ClientLimits;
  /** From 0 to 1. */
  readonly random: () => number;
  /** The controller has been told to stop. Default false. */
  readonly stopping?: boolean;
}

export interface ControllerPlace {
  readonly className: string;
  /** Of its ConfigMap: "ingress-nginx/ingress-nginx-controller". */
  readonly configMap: string;
}

const DEFAULT_METHODS = "GET, PUT, POST, DELETE, PATCH, OPTIONS";
const BURST = 5;

/** Requests of each client, as nginx counts them (limit_req, nodelay). */
export class ClientLimits {
  readonly #seen = new Map<string, { readonly excess: number; readonly at: number }>();

  constructor(readonly now: () => number = Date.now) {}

  admits(zone: string, perSecond: number): boolean {
    const before = this.#seen.get(zone) ?? { excess: -1, at: this.now() };
    const at_ = this.now();
    const excess = Math.max(-1, before.excess - ((at_ - before.at) / 1000) * perSecond) + 1;
    if (excess > perSecond * BURST) return false;
    this.#seen.set(zone, { excess: Math.max(0, excess), at: at_ });
    return true;
  }
}

/** What ingress-nginx answers to a request, with what its configuration adds to every answer. */
export async function answer(request: EntryRequest, place: ControllerPlace, state: EntryState): Promise<EntryAnswer> {
  const options = dataOf(state.objects, "ConfigMap", place.configMap) ?? {};
  const { headers, ...answered } = await answerOfLocation(request, place, options, state);
  const added = dataOf(state.objects, "ConfigMap", options["add-headers"] ?? "") ?? {};
  return { ...answered, headers: { ...headers, ...added } };
}

/** Servers that the configuration itself names, then those of Ingresses: phases in their order (rewrite, limits, access, content). */
async function answerOfLocation(
  request: EntryRequest,
  place: ControllerPlace,
  options: Readonly<Record<string, string>>,
  state: EntryState,
): Promise<EntryAnswer> {
  const own = ownServer(request, options["http-snippet"] ?? "", state.stopping === true);
  if (own !== undefined) return own;
  const { locations, refused } = locationsOf(state.objects, place.className, options);
  const path = request.url.split("?")[0] ?? "/";
  const location = locationFor(locations, request.host, path);
  // The controller says so in its log, which nobody here would read.
  if (location === undefined) return path === "/healthz" ? plain(200) : { ...plain(404), body: refused.join("\n") };
  const { annotations } = location;
  const redirected = redirect(location, request);
  if (redirected !== undefined) return redirected;
  const cors = corsHeaders(annotations, request.headers["origin"]);
  if (cors !== undefined && request.method === "OPTIONS") return { status: 204, headers: cors, body: "" };
  const client = clientOf(request, options);
  const perSecond = Number(annotations["limit-rps"] ?? 0);
  if (perSecond > 0 && !state.limits.admits(`${location.ingress} ${client}`, perSecond))
    return plain(Number(options["limit-req-status-code"] ?? 503));
  const ranges = annotations["whitelist-source-range"];
  if (ranges !== undefined && !isWithin(client, ranges)) return plain(403);
  const denied = await access(location, request, state);
  if (denied !== undefined) return denied;
  const set = customHeaders(location, options, state.objects);
  if (set === undefined) return plain(503);
  const passed = { ...request, url: changed(location, request.url) };
  const { answered: given, cookie } = await content(location, passed, state);
  const answered = withCookiePath(given, options["proxy-cookie-path"] ?? "off");
  return { ...answered, headers: { ...answered.headers, ...set, ...(cors ?? {}), ...cookie } };
}

/** Of a server among http-snippet, with one location that leads to the controller's own health; others are not carried out. */
function ownServer({ host, url }: EntryRequest, snippet: string, stopping: boolean): EntryAnswer | undefined {
  for (const [text, name] of snippet.matchAll(/server \{ listen 80; server_name ([^;]+);.*?\} \}/g)) {
    if (name !== host) continue;
    const [, path, port] = /location = (\S+) \{ proxy_pass http:\/\/127\.0\.0\.1:(\d+); \}/.exec(text) ?? [];
    // The controller's own port, where it answers for its health alone.
    if (path !== url.split("?")[0] || port !== "10254" || path !== "/healthz") return plain(404);
    return plain(stopping ? 500 : 200);
  }
  return undefined;
}

/** nginx' proxy_cookie_path, for a pattern and what takes its place. */
function withCookiePath({ headers, ...answered }: EntryAnswer, setting: string): EntryAnswer {
  const [, from, to] = /^~(\S+) "(.*)"$/.exec(setting) ?? [];
  const cookie = headers["set-cookie"];
  if (from === undefined || to === undefined || cookie === undefined) return { ...answered, headers };
  const changed = cookie.replace(/(; ?path=)([^;]*)/i, (_, name: string, path: string) =>
    name.concat(path.replace(new RegExp(from), to)),
  );
  return { ...answered, headers: { ...headers, "set-cookie": changed } };
}

const plain = (status: number, headers: Readonly<Record<string, string>> = {}): EntryAnswer => ({
  status,
  headers,
  body: "",
});

function redirect(location: Location, { url }: EntryRequest): EntryAnswer | undefined {
  const { annotations } = location;
  for (const [kind, fallback] of [
    ["temporal", 302],
    ["permanent", 301],
  ] as const) {
    const to = annotations[`${kind}-redirect`];
    if (to !== undefined) return plain(Number(annotations[`${kind}-redirect-code`] ?? fallback), { location: to });
  }
  const to = changed(location, url);
  // nginx' rewrite: an address in the place of a path is a redirect, whatever the flag.
  return /^https?:\/\//.test(to) ? plain(302, { location: to }) : undefined;
}

/** The path that pods see. */
function changed(location: Location, url: string): string {
  const target = location.annotations["rewrite-target"];
  if (target === undefined) return url;
  const [path = "/", query] = url.split("?");
  const groups = pattern(location).exec(path) ?? [];
  const to = target.replace(/\$(\d)/g, (_, index: string) => groups[Number(index)] ?? "");
  return query === undefined ? to : `${to}?${query}`;
}

function corsHeaders(
  annotations: Readonly<Record<string, string>>,
  origin: string | undefined,
): Readonly<Record<string, string>> | undefined {
  if (annotations["enable-cors"] !== "true") return undefined;
  const allowed = (annotations["cors-allow-origin"] ?? "*").split(",").map((one) => one.trim());
  const fits = allowed.some((one) => {
    const form = one.replaceAll(".", "\\.").replace("*\\.", "[A-Za-z0-9-]+\\.");
    return origin !== undefined && new RegExp(`${form}$`, "i").test(origin);
  });
  if (!allowed.includes("*") && !fits) return undefined;
  return {
    "access-control-allow-origin": allowed.includes("*") ? "*" : (origin ?? ""),
    ...((annotations["cors-allow-credentials"] ?? "true") === "true"
      ? { "access-control-allow-credentials": "true" }
      : {}),
    "access-control-allow-methods": annotations["cors-allow-methods"] ?? DEFAULT_METHODS,
  };
}

/** Who comes: whom the balancers say it is, where they are believed. */
function clientOf({ headers }: EntryRequest, options: Readonly<Record<string, string>>): string {
  const forwarded = headers["x-forwarded-for"]?.split(",").at(-1)?.trim();
  return options["use-forwarded-headers"] === "true" ? (forwarded ?? "a client") : "a balancer";
}

function isWithin(client: string, ranges: string): boolean {
  if (!IPv4.isValid(client)) return false;
  return ranges.split(",").some((range) => {
    const [network, bits] = parseCIDR(range.trim().includes("/") ? range.trim() : `${range.trim()}/32`);
    return network.kind() === "ipv4" && IPv4.parse(client).match(IPv4.parse(network.toString()), bits);
  });
}

async function access(location: Location, request: EntryRequest, state: EntryState): Promise<EntryAnswer | undefined> {
  const { annotations, namespace } = location;
  if (annotations["auth-type"] === "basic") {
    const secret = annotations["auth-secret"] ?? "";
    const file = secret.startsWith(`${namespace}/`) ? dataOf(state.objects, "Secret", secret)?.["auth"] : undefined;
    // Without its file nginx denies the location.
    if (file === undefined) return plain(503);
    if (!lets(file, request.headers["authorization"]))
      return plain(401, { "www-authenticate": `Basic realm="${annotations["auth-realm"] ?? ""}"` });
  }
  const url = annotations["auth-url"];
  if (url === undefined) return undefined;
  const [, service = "", home = "", port = "80", path = "/"] =
    /^http:\/\/([a-z0-9-]+)\.([a-z0-9-]+)\.svc(?:\.cluster\.local)?(?::(\d+))?(\/.*)$/.exec(url) ?? [];
  const upstream = { namespace: home, service, port: Number(port) };
  if (podsOf(upstream, state.objects) === 0) return plain(500);
  const { status } = await state.application({ ...upstream, pod: 0 }, { ...request, method: "GET", url: path });
  if (status >= 200 && status < 300) return undefined;
  if (status !== 401) return plain(status === 403 ? 403 : 500);
  const signIn = annotations["auth-signin"];
  if (signIn === undefined) return plain(401);
  const back = encodeURIComponent(request.url);
  return plain(302, { location: `${signIn}${signIn.includes("?") ? "&" : "?"}rd=https://${request.host}${back}` });
}

/** Undefined: nginx denies the location. */
function customHeaders(
  { annotations }: Location,
  options: Readonly<Record<string, string>>,
  objects: readonly JsonObject[],
): Readonly<Record<string, string>> | undefined {
  const named = annotations["custom-headers"];
  if (named === undefined) return {};
  const headers = dataOf(objects, "ConfigMap", named);
  const allowed = (options["global-allowed-response-headers"] ?? "").split(",");
  if (headers === undefined || Object.keys(headers).some((name) => !allowed.includes(name))) return undefined;
  return headers;
}

async function content(
  { annotations, upstream, canary }: Location,
  request: EntryRequest,
  state: EntryState,
): Promise<{ readonly answered: EntryAnswer; readonly cookie: Readonly<Record<string, string>> }> {
  const name =
    annotations["affinity"] === "cookie" ? (annotations["session-cookie-name"] ?? "INGRESSCOOKIE") : undefined;
  const [, known] = new RegExp(`(?:^|; )${name ?? "-"}=([a-z0-9.-]+)`).exec(request.headers["cookie"] ?? "") ?? [];
  const chosen = canary !== undefined && state.random() * 100 < canary.weight ? canary.upstream : upstream;
  const pods = podsOf(chosen, state.objects);
  if (pods === 0) return { answered: plain(503), cookie: {} };
  const pod = known === undefined ? Math.floor(state.random() * pods) : Number(known) % pods;
  const secure = annotations["session-cookie-secure"] === "true" ? "; Secure" : "";
  const cookie = name === undefined || known !== undefined ? {} : { "set-cookie": `${name}=${pod}; Path=${annotations["session-cookie-path"] ?? "/"}${secure}; HttpOnly` }; // prettier-ignore
  return { answered: await state.application({ ...chosen, pod }, request), cookie };
}

/** How many ready pods there are behind a Service's port. */
function podsOf({ namespace, service, port }: Upstream, objects: readonly JsonObject[]): number {
  const inside = objects.filter((one) => textAt(one, "metadata", "namespace") === namespace);
  const found = inside.find((one) => one.kind === "Service" && textAt(one, "metadata", "name") === service);
  if (!listAt(found, "spec", "ports").some((one) => at(one, "port") === port)) return 0;
  const selector = objectAt(found, "spec", "selector");
  return inside
    .filter((one) => one.kind === "Deployment" || one.kind === "StatefulSet")
    .filter((one) => labelsMatch(selector, objectAt(one, "spec", "template", "metadata", "labels")))
    .reduce((sum, one) => sum + (numberAt(one, "status", "readyReplicas") ?? 0), 0);
}

function dataOf(
  objects: readonly JsonObject[],
  kind: "ConfigMap" | "Secret",
  name: string,
): Readonly<Record<string, string>> | undefined {
  const found = objects.find(
    (one) => one.kind === kind && `${textAt(one, "metadata", "namespace")}/${textAt(one, "metadata", "name")}` === name,
  );
  if (found === undefined) return undefined;
  const decoded = (value: unknown): string =>
    kind === "Secret" ? Buffer.from(String(value), "base64").toString() : String(value);
  return Object.fromEntries(Object.entries(objectAt(found, "data")).map(([key, value]) => [key, decoded(value)]));
}

import { asText, listAt, numberAt, objectAt, textAt, type JsonObject } from "../wire/json";

// How ingress-nginx 1.15 makes servers and locations of Ingresses (its internal/ingress/controller and template), for
// the annotations that are listed in ANNOTATIONS. Whatever else an Ingress says is refused aloud.

export interface Upstream {
  readonly namespace: string;
  readonly service: string;
  readonly port: number;
}

export interface Location {
  readonly host: string;
  /** "Ingress shop/shop-web" */
  readonly ingress: string;
  readonly namespace: string;
  readonly path: string;
  readonly type: "Prefix" | "Exact" | "ImplementationSpecific";
  readonly annotations: Readonly<Record<string, string>>;
  readonly upstream: Upstream;
  /** Another version that gets so many of a hundred requests. */
  readonly canary?: { readonly upstream: Upstream; readonly weight: number };
}

export const PREFIX = "nginx.ingress.kubernetes.io/";
type Risk = 0 | 1 | 2;
const RISKS: Readonly<Record<string, number>> = { Low: 0, Medium: 1, High: 2, Critical: 3 };

/** Those that are carried out, or that change nothing here; with their risk, which the controller's ConfigMap may refuse. */
const ANNOTATIONS: Readonly<Record<string, Risk>> = {
  "proxy-connect-timeout": 0,
  "proxy-read-timeout": 0,
  "proxy-send-timeout": 0,
  "proxy-body-size": 1,
  "proxy-buffering": 0,
  "proxy-request-buffering": 0,
  "proxy-next-upstream-tries": 0,
  "whitelist-source-range": 1,
  "permanent-redirect": 1,
  "permanent-redirect-code": 0,
  "temporal-redirect": 1,
  "temporal-redirect-code": 0,
  "use-regex": 0,
  "rewrite-target": 1,
  "auth-type": 0,
  "auth-secret": 1,
  "auth-realm": 1,
  "auth-url": 2,
  "auth-signin": 2,
  "auth-response-headers": 1,
  "limit-rps": 0,
  "limit-connections": 0,
  "enable-cors": 0,
  "cors-allow-origin": 1,
  "cors-allow-methods": 1,
  "cors-allow-headers": 1,
  "cors-allow-credentials": 0,
  "custom-headers": 1,
  affinity: 0,
  "affinity-mode": 1,
  "session-cookie-name": 1,
  "session-cookie-path": 1,
  "session-cookie-secure": 0,
  "session-cookie-max-age": 1,
  canary: 0,
  "canary-weight": 0,
};

/** What an annotation must look like (its parser's validators): with another value the Ingress counts for nothing. */
const URL_FORM = /^[-._~a-zA-Z0-9/:,?&=]*$/;
const FORMS: Readonly<Record<string, RegExp>> = {
  "permanent-redirect": URL_FORM,
  "temporal-redirect": URL_FORM,
  "rewrite-target": /^\/?[-._~a-zA-Z0-9/:$]*$/,
  "auth-url": /^[-._~a-zA-Z0-9/:, ?&=$]*$/,
  "auth-signin": /^[-._~a-zA-Z0-9/:, ?&=$]*$/,
  "auth-secret": /^[-._~a-zA-Z0-9/:]*$/,
  "limit-rps": /^-?\d+$/,
  "canary-weight": /^-?\d+$/,
};

/**
 * The locations of all Ingresses of a class, in the order in which nginx tries them, and why others count for nothing.
 *
 * @param options of the controller's ConfigMap
 */
export function locationsOf(
  objects: readonly JsonObject[],
  className: string,
  options: Readonly<Record<string, string>>,
): { readonly locations: readonly Location[]; readonly refused: readonly string[] } {
  const refused: string[] = [];
  const risk = RISKS[options["annotations-risk-level"] ?? "High"] ?? 2;
  const all = objects
    .filter((one) => one.kind === "Ingress" && textAt(one, "spec", "ingressClassName") === className)
    .flatMap((one) => {
      const found = pathsOf(one);
      const wrong = mistakes(found[0]?.annotations ?? {}, risk);
      refused.push(...wrong.map((why) => `${found[0]?.ingress ?? ""}: ${why}`));
      return wrong.length === 0 ? found : [];
    });
  const canaries = all.filter(({ annotations }) => annotations["canary"] === "true");
  const mains = all.filter((one) => !canaries.includes(one));
  return { locations: mains.map((one) => withCanary(one, mains, canaries)).sort(byPath), refused };
}

function pathsOf(ingress: JsonObject): readonly Location[] {
  const namespace = textAt(ingress, "metadata", "namespace") ?? "";
  const annotations = Object.fromEntries(
    Object.entries(objectAt(ingress, "metadata", "annotations"))
      .filter(([name]) => name.startsWith(PREFIX))
      .map(([name, value]) => [name.slice(PREFIX.length), asText(value)]),
  );
  return listAt(ingress, "spec", "rules").flatMap((rule) =>
    listAt(rule, "http", "paths").map((path) => ({
      host: textAt(rule, "host") ?? "_",
      ingress: `Ingress ${namespace}/${textAt(ingress, "metadata", "name") ?? ""}`,
      namespace,
      path: textAt(path, "path") ?? "/",
      type: (textAt(path, "pathType") ?? "Prefix") as Location["type"],
      annotations,
      upstream: {
        namespace,
        service: textAt(path, "backend", "service", "name") ?? "",
        port: numberAt(path, "backend", "service", "port", "number") ?? 0,
      },
    })),
  );
}

function mistakes(annotations: Readonly<Record<string, string>>, risk: number): readonly string[] {
  return Object.entries(annotations).flatMap(([name, value]) => {
    const own = ANNOTATIONS[name];
    if (own === undefined) return [`annotation ${name} is not among those that are carried out here`];
    if (own > risk) return [`annotation ${name} is riskier than the controller allows`];
    return FORMS[name]?.test(value) === false ? [`annotation ${name} has the value ${value}`] : [];
  });
}

const key = ({ namespace, service, port }: Upstream): string => `${namespace}/${service}:${port}`;

/** A canary belongs to the Service of the location that it names, and so to all locations of that Service. */
function withCanary(location: Location, mains: readonly Location[], canaries: readonly Location[]): Location {
  const place = ({ host, path, type, namespace }: Location): string => [namespace, host, type, path].join(" ");
  const twins = mains.filter(({ upstream }) => key(upstream) === key(location.upstream)).map(place);
  const own = canaries.find((canary) => twins.includes(place(canary)));
  if (own === undefined || key(own.upstream) === key(location.upstream)) return location;
  return { ...location, canary: { upstream: own.upstream, weight: Number(own.annotations["canary-weight"] ?? 0) } };
}

/** The longest first; of those as long, the last of the alphabet. */
function byPath(a: Location, b: Location): number {
  return b.path.length - a.path.length || (a.path < b.path ? 1 : -1);
}

/** Which location of a host takes a path: all are patterns where one is (template, enforceRegexModifier). */
export function locationFor(locations: readonly Location[], host: string, path: string): Location | undefined {
  const own = locations.filter((one) => one.host === host);
  const patterns = own.some(
    ({ annotations, path: written }) =>
      annotations["use-regex"] === "true" ||
      (annotations["rewrite-target"] !== undefined && annotations["rewrite-target"] !== written),
  );
  if (patterns) return own.find((one) => pattern(one).test(path));
  const exact = own.find((one) => one.type === "Exact" && one.path === path);
  const plain = (one: Location): string => one.path.replace(/\/+$/, "");
  return exact ?? own.find((one) => one.type !== "Exact" && (path === plain(one) || path.startsWith(`${plain(one)}/`)));
}

/** As nginx matches it: from the beginning, in lower case and upper, open at the end. */
export function pattern({ path }: Location): RegExp {
  // Comments are PCRE's alone.
  return new RegExp(`^${path.replace(/\(\?#[^)]*\)/g, "")}`, "i");
}

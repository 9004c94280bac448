/**
 * What one path of an Ingress, or one match of an HTTPRoute, does with requests: the one shape in which both forms of
 * routes are held against what is declared.
 */
export interface WebRoute {
  readonly form: "Ingress" | "HTTPRoute";
  readonly name: string;
  readonly namespace: string;
  /** "*" is every host; "*.keybuzz.io" every name below it. */
  readonly host: string;
  readonly path: string;
  readonly match: "prefix" | "exact";
  /** Why nobody reads it; undefined: it is served. */
  readonly unserved?: string;
  /** What else a request must have, e.g. "method GET"; undefined: nothing. */
  readonly condition?: string;
  /** Of two that take the same path, the one with the higher rank does. */
  readonly rank: number;
  /** Among those of one object and rank, the first. */
  readonly order: number;
  /** Each gets a part of the requests. */
  readonly backends: readonly WebBackend[];
  /** Requests end here, and reach no pod: where clients are sent. */
  readonly sendsTo?: SentTo;
  /** What the pods see in the place of the path; undefined: the same. */
  readonly rewrite?: string;
  /** Set in each answer. */
  readonly responseHeaders?: Readonly<Record<string, string>>;
  readonly limits: NginxLimits | GatewayLimits;
}

export interface SentTo {
  readonly to: string;
  readonly status: number;
  /** What is below the path is added to `to`. */
  readonly keepsPath: boolean;
}

export interface WebBackend {
  readonly namespace: string;
  readonly service: string;
  readonly port: number;
  /** Of the requests. */
  readonly percent: number;
  /** Why the controller does not send requests there; undefined: it does. */
  readonly refused?: string;
}

/** Annotations without ingress-nginx' prefix. */
export interface NginxLimits {
  readonly controller: "ingress-nginx";
  readonly annotations: Readonly<Record<string, string>>;
}

/** Durations of the Gateway API as they are written; undefined: the controller's own. */
export interface GatewayLimits {
  readonly controller: "gateway";
  /** "Gateway ingress-nginx/web" */
  readonly gateway: string;
  readonly request: string | undefined;
  readonly backendRequest: string | undefined;
}

/** "Ingress chatwoot-web-support-keybuzz-io" */
export const routeLabel = ({ form, name }: WebRoute): string => `${form} ${name}`;

/** A part of a path that no route names: whoever takes it takes everything below a prefix. */
const BELOW = "\u2026";

/** "/api" and "/api/" are the same prefix to Kubernetes. */
export function trimmed(path: string): string {
  return path.replace(/\/+$/, "");
}

/** Whether a route is for exactly these requests. */
export function isFor(route: WebRoute, wanted: Pick<WebRoute, "host" | "path" | "match">): boolean {
  const same = route.match === "exact" ? route.path === wanted.path : trimmed(route.path) === trimmed(wanted.path);
  return route.host === wanted.host && route.match === wanted.match && same;
}

/**
 * Who takes the requests of a host for a path, and of a prefix for all that is below it: those that take some, by
 * precedence, and last the one that takes the rest (Ingress: kubernetes.io, Ingress, multiple matches; HTTPRoute:
 * gateway-api.sigs.k8s.io, HTTPRouteRule, matches). Several that nothing puts before each other may each be the one:
 * in a cluster the older one is.
 */
export function takers(
  routes: readonly WebRoute[],
  wanted: Pick<WebRoute, "host" | "path" | "match">,
): readonly WebRoute[] {
  const path = wanted.match === "exact" ? wanted.path : `${trimmed(wanted.path)}/${BELOW}`;
  const fitting = routes
    .filter((route) => route.unserved === undefined && coversHost(route.host, wanted.host) && coversPath(route, path))
    .sort(byPrecedence);
  const last = fitting.find(({ condition }) => condition === undefined);
  if (last === undefined) return fitting;
  return fitting.filter((route) => {
    const place = byPrecedence(route, last);
    if (place !== 0) return place < 0;
    return route.name !== last.name || route.namespace !== last.namespace || route.order <= last.order;
  });
}

/** Whether a host name, or every name below a wildcard, is among those of `host`. */
export function coversHost(host: string, wanted: string): boolean {
  if (host === "*" || host === wanted) return true;
  return host.startsWith("*.") && wanted.endsWith(host.slice(1));
}

function coversPath({ path, match }: WebRoute, wanted: string): boolean {
  if (match === "exact") return path === wanted;
  return trimmed(path) === trimmed(wanted) || wanted.startsWith(`${trimmed(path)}/`);
}

function byPrecedence(a: WebRoute, b: WebRoute): number {
  const named = (host: string): number => (host.startsWith("*") ? 0 : host.length);
  return (
    named(b.host) - named(a.host) ||
    b.host.length - a.host.length ||
    Number(b.match === "exact") - Number(a.match === "exact") ||
    trimmed(b.path).length - trimmed(a.path).length ||
    b.rank - a.rank
  );
}

import { isAnswered, type Route } from "./routes";

// ingress-nginx changes paths by patterns alone, and where one Ingress of a host has a pattern, it takes the paths of
// all of them as patterns, whatever they say of themselves: case-insensitive, the longest text first, the end open
// (kubernetes/ingress-nginx docs, Ingress Path Matching). So all routes of such a host are written as patterns that
// keep their meaning and their order.

/** Group 1 is what is below a prefix, with its slash; group 2 the same without it. */
const BELOW = "((?:/(.*))?)$";
/** Longer than BELOW, so that an exact path comes before the prefix of the same path. */
const EXACTLY = "$(?#this path alone)";

export interface RoutePattern {
  readonly path: string;
  /** Of the annotation rewrite-target. Undefined: paths stay what they are. */
  readonly target?: string;
}

/** A route's path as a pattern, and what it is changed into. */
export function routePattern(route: Route): RoutePattern {
  const { path, match = "prefix" } = route;
  const to = route.kind === "moved" ? route.to : isAnswered(route) ? undefined : route.rewrite;
  const literal = path.replaceAll(".", "\\.");
  if (match === "exact") return { path: `${literal}${EXACTLY}`, ...(to === undefined ? {} : { target: to }) };
  const prefix = trimmed(literal);
  const root = prefix === "";
  const pattern = root ? "/(.*)" : `${prefix}${BELOW}`;
  if (to === undefined) return { path: pattern };
  const base = trimmed(to);
  if (root) return { path: pattern, target: `${base}/$1` };
  // Below nothing a path still begins with its slash.
  return { path: pattern, target: base === "" ? "/$2" : `${base}$1` };
}

/** Whether a route needs patterns: then its whole host has them. */
export function needsPattern(route: Route): boolean {
  return route.kind === "moved" || (!isAnswered(route) && route.rewrite !== undefined);
}

const trimmed = (path: string): string => path.replace(/\/+$/, "");

import { isAnswered, type AnsweredRoute, type Route } from "./routes";

/** Filters of an HTTPRoute's rule, as far as routes need them (Gateway API, HTTPRouteFilter; all in its standard channel). */
export type HttpRouteFilter = RedirectFilter | RewriteFilter | HeaderFilter;

interface RedirectFilter {
  readonly type: "RequestRedirect";
  readonly requestRedirect: {
    readonly scheme: "https";
    readonly hostname: string;
    readonly path: PathModifier;
    /** Those that every controller has; 307 and 308 are not among them. */
    readonly statusCode: 301 | 302;
  };
}

interface RewriteFilter {
  readonly type: "URLRewrite";
  readonly urlRewrite: { readonly path: PathModifier };
}

interface HeaderFilter {
  readonly type: "ResponseHeaderModifier";
  readonly responseHeaderModifier: { readonly set: readonly { readonly name: string; readonly value: string }[] };
}

type PathModifier =
  | { readonly type: "ReplaceFullPath"; readonly replaceFullPath: string }
  | { readonly type: "ReplacePrefixMatch"; readonly replacePrefixMatch: string };

/** What a route changes on the way. */
export function gatewayFilters(route: Route): readonly HttpRouteFilter[] {
  if (isAnswered(route)) return [redirect(route)];
  const { rewrite, responseHeaders = {} } = route;
  const set = Object.entries(responseHeaders).map(([name, value]) => ({ name, value }));
  return [
    ...(rewrite === undefined
      ? []
      : [{ type: "URLRewrite", urlRewrite: { path: changed(rewrite, route.match === "exact") } } as const]),
    ...(set.length === 0 ? [] : [{ type: "ResponseHeaderModifier", responseHeaderModifier: { set } } as const]),
  ];
}

function redirect(route: AnsweredRoute): RedirectFilter {
  const { hostname, pathname } = new URL(route.to);
  const whole = route.kind === "redirect";
  return {
    type: "RequestRedirect",
    requestRedirect: {
      scheme: "https",
      hostname,
      path: changed(pathname, whole),
      statusCode: whole && route.permanent === true ? 301 : 302,
    },
  };
}

function changed(path: string, whole: boolean): PathModifier {
  return whole
    ? { type: "ReplaceFullPath", replaceFullPath: path }
    : { type: "ReplacePrefixMatch", replacePrefixMatch: path };
}

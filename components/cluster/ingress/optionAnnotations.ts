import { createHash } from "node:crypto";
import { nginxAnnotations, type NginxAnnotations } from "./ingressAnnotations";
import { routePattern } from "./ingressPatterns";
import type { ExposedRoute } from "./exposedRoute";
import type { Cors, Guard, RouteOptions } from "./routeOptions";
import { isAnswered, routeLimits, type AnsweredRoute, type PassedRoute } from "./routes";

/** Words of the browser's question for name and password. */
const REALM = "KeyBuzz";

/**
 * Everything that a route asks of ingress-nginx, in its words.
 *
 * @param name of the route's Ingress, after which its Secret and ConfigMap are called
 */
export function routeAnnotations(exposed: ExposedRoute, name: string): NginxAnnotations {
  const { pods, route, audience, guard, byPattern } = exposed;
  const pattern = byPattern === true ? patternAnnotations(exposed) : {};
  if (isAnswered(route)) return { ...redirect(route), ...pattern };
  return {
    ...nginxAnnotations(routeLimits(route), audience),
    ...options(route),
    ...(guard === undefined ? {} : guardAnnotations(guard, `${pods.namespace}/${authName(name)}`)),
    ...(route.responseHeaders === undefined ? {} : { "custom-headers": `${pods.namespace}/${headersName(name)}` }),
    ...pattern,
  };
}

/** Those of the Ingress that gives a part of a route's requests to another version; all others it has from the route's own. */
export function canaryAnnotations({ canary, byPattern }: ExposedRoute): NginxAnnotations {
  if (canary === undefined) return {};
  return { canary: true, "canary-weight": canary.percent, ...(byPattern === true ? { "use-regex": true } : {}) };
}

function patternAnnotations({ route }: ExposedRoute): NginxAnnotations {
  const { target } = routePattern(route);
  return { "use-regex": true, ...(target === undefined ? {} : { "rewrite-target": target }) };
}

function redirect(route: AnsweredRoute): NginxAnnotations {
  // Its rewrite-target is an address, which nginx answers with 302.
  if (route.kind === "moved") return {};
  const { to, permanent = false } = route;
  return permanent
    ? { "permanent-redirect": to, "permanent-redirect-code": 308 }
    : { "temporal-redirect": to, "temporal-redirect-code": 307 };
}

function options({ path, limits, cors, sticky }: PassedRoute & RouteOptions): NginxAnnotations {
  return {
    ...(limits?.requestsPerSecond === undefined ? {} : { "limit-rps": limits.requestsPerSecond }),
    ...(limits?.connections === undefined ? {} : { "limit-connections": limits.connections }),
    ...(cors === undefined ? {} : corsAnnotations(cors)),
    ...(sticky === undefined
      ? {}
      : {
          affinity: "cookie",
          // A cookie names its pod also after others have come: balanced would move clients then.
          "affinity-mode": "persistent",
          "session-cookie-name": sticky.cookie,
          "session-cookie-path": path,
          // TLS ends before nginx, which would not say so by itself.
          "session-cookie-secure": true,
          ...(sticky.maxAgeSeconds === undefined ? {} : { "session-cookie-max-age": sticky.maxAgeSeconds }),
        }),
  };
}

function corsAnnotations({ origins, methods, headers, credentials = false }: Cors): NginxAnnotations {
  return {
    "enable-cors": true,
    "cors-allow-origin": origins.join(", "),
    ...(methods === undefined ? {} : { "cors-allow-methods": methods.join(", ") }),
    ...(headers === undefined ? {} : { "cors-allow-headers": headers.join(", ") }),
    // nginx' own default is true.
    "cors-allow-credentials": credentials,
  };
}

function guardAnnotations(guard: Guard, secret: string): NginxAnnotations {
  switch (guard.kind) {
    case "basic":
      return { "auth-type": "basic", "auth-secret": secret, "auth-realm": REALM };
    case "oidc":
      return {
        "auth-url": `http://${guard.address.host}:${guard.address.port}${guard.path}`,
        ...(guard.signIn === undefined ? {} : { "auth-signin": guard.signIn }),
        ...(guard.passes === undefined ? {} : { "auth-response-headers": guard.passes.join(",") }),
      };
  }
}

/** Of the Secret with a route's users. */
export const authName = (route: string): string => short(`${route}-users`);

/** Of the ConfigMap with a route's headers. */
export const headersName = (route: string): string => short(`${route}-headers`);

const LONGEST_NAME = 63;

function short(name: string): string {
  if (name.length <= LONGEST_NAME) return name;
  const hash = createHash("sha256").update(name).digest("hex").slice(0, 8);
  return `${name.slice(0, LONGEST_NAME - 9)}-${hash}`;
}

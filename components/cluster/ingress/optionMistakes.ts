import { shown, type Mistake } from "../../mistakes";
import { partyKey } from "../../topology/party";
import type { ExposedRoute } from "./exposedRoute";
import type { Authentication, Cors, RouteOptions } from "./routeOptions";
import { isAnswered, type AnsweredRoute, type PassedRoute, type Route } from "./routes";

/** What ingress-nginx demands of Prefix and Exact paths. */
export const PATH = /^\/[A-Za-z0-9._\-/]*$/;
export const PATH_ALLOWED = '"/" and then letters, digits, ".", "_", "-", "/"';
/** What ingress-nginx takes as an address (its parser, URLIsValidRegex), a query left out. */
export const ADDRESS = /^https:\/\/[a-z0-9][a-z0-9.-]*[a-z0-9](\/[A-Za-z0-9._~\-/]*)?$/;
/** ingress-nginx' customheaders, without its wider set of signs. */
export const HEADER = /^[A-Za-z][A-Za-z0-9-]*$/;
const HEADER_VALUE = /^[\w :;.,\\/"'?!(){}[\]@<>=\-+*#$&`|~^%]+$/;
/** Its cors, corsOriginRegex, with a host. */
const ORIGIN = /^[a-z]+:\/\/(\*\.)?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*(:\d+)?$/;
/** Of basic authentication. */
export const USER = /^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/;
/** A cookie's name. */
export const TOKEN = /^[A-Za-z0-9_-]+$/;
/** Headers that the entry, the balancers or HTTP itself set. */
const NOT_FOR_ROUTES =
  /^(content-length|content-type|connection|transfer-encoding|set-cookie|access-control-.*|www-authenticate|location)$/i;

type Words = readonly [allowed: string, fix: string];
const told = (path: string, found: unknown, [allowed, fix]: Words): Mistake => ({
  path,
  found: shown(found),
  allowed,
  fix,
});

const PATH_WORDS: Words = [PATH_ALLOWED, "correct it"];
const ADDRESS_WORDS: Words = ["an https address without a query", 'write it whole: "https://keybuzz.io/start"'];
const WHOLE_WORDS: Words = ["a whole number from 1", "correct it"];

/** Of what a route asks beside being passed on; paths are within it. */
export function optionMistakes(route: PassedRoute & RouteOptions): readonly Mistake[] {
  const { rewrite, limits, cors, responseHeaders = {}, sticky, authentication } = route;
  const whole = (path: string, value: number | undefined): readonly Mistake[] =>
    value === undefined || (Number.isInteger(value) && value >= 1) ? [] : [told(path, value, WHOLE_WORDS)];
  return [
    ...(rewrite === undefined || PATH.test(rewrite) ? [] : [told("rewrite", rewrite, PATH_WORDS)]),
    ...whole("limits.requestsPerSecond", limits?.requestsPerSecond),
    ...whole("limits.connections", limits?.connections),
    ...(limits !== undefined && Object.keys(limits).length === 0
      ? [told("limits", limits, ["requestsPerSecond, connections", "name one, or take limits away"])]
      : []),
    ...(cors === undefined ? [] : corsMistakes(cors)),
    ...Object.entries(responseHeaders).flatMap(([name, value]) => headerMistakes(name, value)),
    ...(sticky === undefined || TOKEN.test(sticky.cookie)
      ? []
      : [told("sticky.cookie", sticky.cookie, ['letters, digits, "_" and "-"', "correct it"])]),
    ...whole("sticky.maxAgeSeconds", sticky?.maxAgeSeconds),
    ...(authentication === undefined ? [] : authenticationMistakes(authentication)),
  ];
}

export function redirectMistakes({ to }: AnsweredRoute): readonly Mistake[] {
  return ADDRESS.test(to) ? [] : [told("to", to, ADDRESS_WORDS)];
}

function corsMistakes({ origins, methods = [], headers = [], credentials = false }: Cors): readonly Mistake[] {
  const everybody = origins.includes("*");
  return [
    ...(origins.length === 0 ? [told("cors.origins", origins, ["one or more", "name one, or take cors away"])] : []),
    ...origins.flatMap((origin, i) =>
      ORIGIN.test(origin) || (origin === "*" && origins.length === 1)
        ? []
        : [
            told(`cors.origins[${i}]`, origin, [
              'scheme and host, such as "https://shop.keybuzz.io" or "https://*.keybuzz.io"; or "*" alone',
              "correct it",
            ]),
          ],
    ),
    ...(everybody && credentials
      ? [
          told("cors.credentials", credentials, [
            "false, where every origin may ask: any page could act as whoever is logged in",
            "name the origins, or take it away",
          ]),
        ]
      : []),
    ...methods.flatMap((one, i) =>
      /^[A-Z]+$/.test(one) ? [] : [told(`cors.methods[${i}]`, one, ["capital letters", "correct it"])],
    ),
    ...headers.flatMap((one, i) =>
      HEADER.test(one) ? [] : [told(`cors.headers[${i}]`, one, ["a header's name", "correct it"])],
    ),
  ];
}

function headerMistakes(name: string, value: string): readonly Mistake[] {
  const path = `responseHeaders.${name}`;
  if (!HEADER.test(name)) return [told(path, name, ["a header's name: letters, digits and hyphens", "correct it"])];
  if (NOT_FOR_ROUTES.test(name))
    return [told(path, value, ["headers that nothing else sets", "take it away; cors has an option of its own"])];
  return HEADER_VALUE.test(value) ? [] : [told(path, value, ["letters, digits and signs, on one line", "correct it"])];
}

function authenticationMistakes(authentication: Authentication): readonly Mistake[] {
  const at = "authentication";
  if (authentication.kind === "basic") {
    const users = Object.keys(authentication.users);
    return [
      ...(users.length === 0
        ? [told(`${at}.users`, authentication.users, ["one user or more", 'add one: { mara: "DESK_PASSWORD" }'])]
        : []),
      ...users.flatMap((user) =>
        USER.test(user) ? [] : [told(`${at}.users`, user, ['letters, digits, ".", "_", "@" and "-"', "rename it"])],
      ),
    ];
  }
  const { path, signIn, passes = [] } = authentication;
  return [
    ...(path === undefined || PATH.test(path) ? [] : [told(`${at}.path`, path, PATH_WORDS)]),
    ...(signIn === undefined || ADDRESS.test(signIn) ? [] : [told(`${at}.signIn`, signIn, ADDRESS_WORDS)]),
    ...passes.flatMap((one, i) =>
      HEADER.test(one) ? [] : [told(`${at}.passes[${i}]`, one, ["a header's name", "correct it"])],
    ),
  ];
}

/** What an HTTPRoute of the Gateway API's standard channel has no word for, by option. */
const LACKING: readonly (readonly [option: keyof RouteOptions, why: string])[] = [
  ["audience", "who may come in"],
  ["authentication", "who must log in"],
  ["limits", "how often a client may ask"],
  ["cors", "pages of other sites (its filter CORS is experimental)"],
  ["sticky", "one pod for a client (its sessionPersistence is experimental)"],
];

/** Mistakes of a route where a controller of the Gateway API serves; paths are within it. */
export function lackingInGateway(route: Route): readonly Mistake[] {
  if (isAnswered(route)) return [];
  return LACKING.filter(([option]) => route[option] !== undefined && route[option] !== "public").map(
    ([option, why]) => ({
      path: option,
      found: shown(route[option]),
      allowed: `${option === "audience" ? "public" : "nothing"}, where a controller of the Gateway API serves: an HTTPRoute has no word for ${why}`,
      fix: 'use kubernetes.ingress kind "nginx", or do not expose it',
    }),
  );
}

/** What only several routes together have wrong. */
export function togetherMistakes(routes: readonly ExposedRoute[]): readonly Mistake[] {
  const first = new Map<string, ExposedRoute>();
  return routes.flatMap((exposed) => {
    const { route, pods, host } = exposed;
    if (isAnswered(route) || route.sticky === undefined) return [];
    const key = partyKey(pods);
    const other = first.get(key) ?? exposed;
    first.set(key, other);
    const known = isAnswered(other.route) ? undefined : other.route.sticky;
    if (JSON.stringify(known) === JSON.stringify(route.sticky)) return [];
    return [
      {
        path: `${host}${route.path} (${pods.app}, ${route.kind}).sticky`,
        found: shown(route.sticky),
        allowed: `what ${other.host}${other.route.path} says, ${shown(known)}: ingress-nginx keeps one cookie for all routes of a Service`,
        fix: "say the same at both",
      },
    ];
  });
}

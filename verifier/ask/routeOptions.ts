import type { Declaration, DeclaredRoute } from "../declaration";
import type { Finding } from "../finding";
import { routeLabel, type NginxLimits, type WebRoute } from "../read/webRoutes";
import type { World } from "../read/world";
import { authenticationOf } from "./authentication";
import { servedBy } from "./patient";

type Found = Pick<Finding, "question" | "rule" | "value" | "remedy">;

/** What is done to requests beside passing them on: that which was declared, and nothing else. */
export function checkRouteOptions(world: World, declaration: Declaration): readonly Finding[] {
  return declaration.routes.flatMap((declared) =>
    (servedBy(world.cluster, declared) ?? []).flatMap((route) => {
      const subject = `${declared.kind} ${declared.host}${declared.path}`;
      return checkRoute(world, declared, route).map((found) => ({ ...found, subject, at: routeLabel(route) }));
    }),
  );
}

function checkRoute(world: World, declared: DeclaredRoute, route: WebRoute): readonly Found[] {
  if (declared.sentTo !== undefined) return sent(declared.sentTo, route);
  // Where clients are sent elsewhere, checkBackends tells.
  if (route.sendsTo !== undefined) return [];
  const { limits } = route;
  return [
    ...differing("open", "rewrite", route.rewrite, declared.rewrite, "the path that the application sees"),
    ...headers(declared, route),
    ...(limits.controller === "gateway"
      ? wordless(declared)
      : [...authenticationOf(world, declared, route, limits), ...nginxOptions(world, declared, limits)]),
  ];
}

function sent(wanted: NonNullable<DeclaredRoute["sentTo"]>, { sendsTo, form }: WebRoute): readonly Found[] {
  const words = ({ to, keepsPath }: { readonly to: string; readonly keepsPath: boolean }): string =>
    `${to.replace(/\/+$/, "")}${keepsPath ? " and what is below" : ""}`;
  if (sendsTo === undefined)
    return [
      {
        question: "closed",
        rule: "missing: a redirect",
        value: `requests come to pods, but clients are to be sent to ${words(wanted)}`,
        remedy: `let the ${form} redirect`,
      },
    ];
  const lasting = sendsTo.status === 301 || sendsTo.status === 308;
  return [
    ...differing("open", "redirect", words(sendsTo), words(wanted), "where clients are sent"),
    ...differing(
      "open",
      "redirect's status",
      kind(lasting),
      kind(wanted.permanent),
      `what clients remember (${sendsTo.status})`,
    ),
  ];
}

const kind = (permanent: boolean): string => (permanent ? "permanent" : "temporary");

function headers(
  { responseHeaders: wanted = {} }: DeclaredRoute,
  { responseHeaders, limits }: WebRoute,
): readonly Found[] {
  if (responseHeaders === undefined && limits.controller === "ingress-nginx") {
    const named = limits.annotations["custom-headers"];
    if (named !== undefined)
      return [
        {
          question: "open",
          rule: "custom-headers",
          value: `there is no ConfigMap ${named}: nginx denies the route`,
          remedy: "register it, in the namespace of the Ingress",
        },
      ];
  }
  return differing(
    "open",
    "headers of answers",
    sorted(responseHeaders ?? {}),
    sorted(wanted),
    "what is set in each answer",
  );
}

const sorted = (pairs: Readonly<Record<string, string>>): string | undefined =>
  Object.entries(pairs)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}: ${value}`)
    .join("; ") || undefined;

/** An HTTPRoute of the standard channel can say none of these. */
function wordless(declared: DeclaredRoute): readonly Found[] {
  return (["authentication", "limits", "cors", "sticky"] as const)
    .filter((option) => declared[option] !== undefined)
    .map((option) => ({
      question: "closed",
      rule: option,
      value: `declared, but an HTTPRoute has no word for it`,
      remedy: "serve it by ingress-nginx, or take it away",
    }));
}

/** What loosens or tightens limits, and no route can declare. */
const BESIDE_LIMITS = [
  ["closed", "limit-allowlist", "clients without limits"],
  ["closed", "limit-burst-multiplier", "how many requests may come at once"],
  ["open", "limit-rpm", "requests of a client in a minute"],
  ["open", "limit-rate", "bytes of an answer in a second"],
] as const;

function nginxOptions({ cluster }: World, declared: DeclaredRoute, { annotations }: NginxLimits): readonly Found[] {
  const { limits = {}, cors, sticky, responseHeaders = {} } = declared;
  const options = cluster.controller?.options ?? {};
  const number = (name: string): string | undefined => (annotations[name] === "0" ? undefined : annotations[name]);
  const list = (text: string | undefined): string | undefined =>
    text
      ?.split(",")
      .map((one) => one.trim())
      .sort()
      .join(", ");
  const enabled = annotations["enable-cors"] === "true";
  const ifEnabled = (name: string): string | undefined => (enabled ? list(annotations[name]) : undefined);
  const allowed = (options["global-allowed-response-headers"] ?? "").split(",").map((one) => one.trim());
  const refused = Object.keys(responseHeaders).filter((name) => !allowed.includes(name));
  const trusts = options["use-forwarded-headers"] === "true";
  const affine = annotations["affinity"] === "cookie";
  return [
    ...differing("closed", "limit-rps", number("limit-rps"), text(limits.requestsPerSecond), "requests of a client in a second"),
    ...differing("closed", "limit-connections", number("limit-connections"), text(limits.connections), "connections of a client"),
    ...BESIDE_LIMITS.flatMap(([question, name, what]) => differing(question, name, annotations[name], undefined, what)),
    ...(declared.limits === undefined || trusts
      ? []
      : [
          {
            question: "open" as const,
            rule: "use-forwarded-headers",
            value: "the controller sees the load balancers' addresses alone, so all clients share one client's limits",
            remedy: 'set it to "true", with proxy-real-ip-cidr of the load balancers',
          },
        ]),
    ...differing("closed", "cors-allow-origin", enabled ? (list(annotations["cors-allow-origin"]) ?? "*") : undefined, list(cors?.origins.join(",")), "whose pages may ask"),
    ...differing("open", "cors-allow-methods", ifEnabled("cors-allow-methods"), list(cors?.methods?.join(",")), "what they may ask with"),
    ...differing("open", "cors-allow-headers", ifEnabled("cors-allow-headers"), list(cors?.headers?.join(",")), "what they may send"),
    ...differing("closed", "cors-allow-credentials", enabled ? (annotations["cors-allow-credentials"] ?? "true") : undefined, cors === undefined ? undefined : String(cors.credentials), "whether they may ask as who is logged in"),
    ...(refused.length === 0
      ? []
      : [
          {
            question: "open" as const,
            rule: "global-allowed-response-headers",
            value: `${refused.join(", ")} not among them: nginx denies the route`,
            remedy: "let the controller's ConfigMap name them",
          },
        ]),
    ...differing("open", "affinity", affine ? "cookie" : undefined, sticky === undefined ? undefined : "cookie", "whether a client keeps its pod"),
    ...(affine && sticky !== undefined
      ? [
          ...differing("open", "affinity-mode", annotations["affinity-mode"] ?? "balanced", "persistent", "whether it keeps it when others come"),
          ...differing("open", "session-cookie-name", annotations["session-cookie-name"] ?? "INGRESSCOOKIE", sticky.cookie, "the cookie's name"),
          ...differing("open", "session-cookie-max-age", annotations["session-cookie-max-age"], text(sticky.maxAgeSeconds), "how long it is kept"),
          ...differing("closed", "session-cookie-secure", annotations["session-cookie-secure"] ?? "false", "true", "whether it goes over https alone"),
        ]
      : []),
  ]; // prettier-ignore
}

const text = (value: number | undefined): string | undefined => (value === undefined ? undefined : String(value));

function differing(
  question: Found["question"],
  rule: string,
  is: string | undefined,
  should: string | undefined,
  what: string,
): readonly Found[] {
  if (is === should) return [];
  return [
    {
      question,
      rule: is === undefined ? `missing: ${rule}` : rule,
      value: `${is ?? "nothing"}, but ${should ?? "nothing"} is declared: ${what}`,
      remedy: should === undefined ? "remove it, or declare it" : `let it be ${should}`,
    },
  ];
}

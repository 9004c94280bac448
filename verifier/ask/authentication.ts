import type { DeclaredRoute } from "../declaration";
import type { Finding } from "../finding";
import type { Cluster } from "../read/cluster";
import { at, objectKey, texts } from "../read/graph";
import type { NginxLimits, WebRoute } from "../read/webRoutes";
import type { World } from "../read/world";
import { leadsTo, workloadsBehind } from "./backends";

type Found = Pick<Finding, "question" | "rule" | "value" | "remedy">;

/**
 * Must clients show what was declared, and nothing else? Who is asked about them is proved like a backend: whoever
 * answers at another address decides who comes in.
 */
export function authenticationOf(
  world: World,
  declared: DeclaredRoute,
  route: WebRoute,
  limits: NginxLimits,
): readonly Found[] {
  const { authentication } = declared;
  const { annotations } = limits;
  const surplus = undeclared(world, authentication?.kind, annotations);
  switch (authentication?.kind) {
    case undefined:
      return surplus;
    case "basic":
      return [...basic(world, route, annotations), ...surplus];
    case "oidc":
      return [...forward(world, authentication, annotations), ...surplus];
  }
}

type Kind = NonNullable<DeclaredRoute["authentication"]>["kind"];
const ANNOTATION: Readonly<Record<Kind, string>> = { basic: "auth-type", oidc: "auth-url" };
const GLOBAL = "global-auth-url";

/** What clients must show beside it: nginx lets in whom all of them let in. */
function undeclared(
  { cluster }: World,
  kind: Kind | undefined,
  annotations: Readonly<Record<string, string>>,
): readonly Found[] {
  const own = kind === undefined ? undefined : ANNOTATION[kind];
  // A route's own auth-url comes in the place of the controller's.
  const everywhere = annotations["auth-url"] === undefined && cluster.controller?.options[GLOBAL] !== undefined;
  const asked = [
    ...Object.values(ANNOTATION).filter((name) => annotations[name] !== undefined),
    ...(everywhere ? [GLOBAL] : []),
  ];
  const value =
    kind === undefined
      ? "clients must log in, but the route is declared without authentication"
      : `clients must log in here, too, but the route is declared with authentication ${kind} alone`;
  return asked
    .filter((name) => name !== own)
    .map((rule) => ({ question: "open", rule, value, remedy: "remove it, or declare the route's authentication" }));
}

/** Are strangers kept out by a password, or by an application of the cluster that is asked? */
export function asksLogin(cluster: Cluster, { limits }: WebRoute): boolean {
  if (limits.controller === "gateway") return false;
  const { "auth-type": type, "auth-url": url } = limits.annotations;
  // Without its users, or without who is asked, nginx lets nobody in.
  if (type === "basic") return true;
  const asked = url === undefined ? undefined : readAsked(url);
  return asked !== undefined && workloadsBehind(cluster, asked).length > 0;
}

/** Whom an auth-url asks; undefined: it is no Service of the cluster. */
function readAsked(
  url: string,
): { readonly namespace: string; readonly service: string; readonly port: number; readonly path: string } | undefined {
  const parts = /^http:\/\/([a-z0-9-]+)\.([a-z0-9-]+)\.svc(?:\.cluster\.local)?(?::(\d+))?(\/[^?$]*)$/.exec(url);
  if (parts === null) return undefined;
  const [, service = "", namespace = "", port = "80", path = ""] = parts;
  return { namespace, service, port: Number(port), path };
}

function basic(
  { cluster }: World,
  { namespace }: WebRoute,
  annotations: Readonly<Record<string, string>>,
): readonly Found[] {
  const remedy = "let auth-type be basic, and auth-secret name the Secret with the route's users";
  if (annotations["auth-type"] !== "basic")
    return [
      {
        question: "closed",
        rule: annotations["auth-type"] === undefined ? "missing: auth-type" : "auth-type",
        value: `${annotations["auth-type"] ?? "nobody is asked for a password"}, but the route is for its users alone`,
        remedy,
      },
    ];
  const named = annotations["auth-secret"] ?? "";
  const [first = "", second] = named.split("/");
  const [home, name] = second === undefined ? [namespace, first] : [first, second];
  const secret = cluster.objects.find(
    (one) => one.type === "kubernetes:core/v1:Secret" && objectKey(one) === `${home}/${name}`,
  );
  const denied = (value: string): readonly Found[] => [{ question: "open", rule: "auth-secret", value, remedy }];
  if (home !== namespace) return denied(`${named} is in another namespace, which nginx refuses: nobody comes in`);
  if (secret === undefined) return denied(`there is no Secret ${named}: nobody comes in`);
  // Secret values are unknown in a preview, and their keys with them: then nothing is said of them.
  const keys = ["data", "stringData"].flatMap((part) => Object.keys(texts(at(secret.inputs, part))));
  return keys.length === 0 || keys.includes("auth")
    ? []
    : denied(`Secret ${named} has no key "auth" (${keys.join(", ")}): nobody comes in`);
}

function forward(
  { cluster }: World,
  wanted: Extract<NonNullable<DeclaredRoute["authentication"]>, { readonly kind: "oidc" }>,
  annotations: Readonly<Record<string, string>>,
): readonly Found[] {
  const pods = `${wanted.namespace}/${wanted.app}`;
  const url = annotations["auth-url"];
  const remedy = `let auth-url ask ${pods} at port ${wanted.port} for ${wanted.path}`;
  if (url === undefined)
    return [
      {
        question: "closed",
        rule: "missing: auth-url",
        value: `nobody is asked, but ${pods} says who comes in`,
        remedy,
      },
    ];
  const asked = readAsked(url);
  const found: Found[] = [];
  if (asked === undefined || asked.port !== wanted.port || !leadsTo(cluster, asked, pods))
    found.push({
      question: "closed",
      rule: "auth-url",
      value: `${url} says who comes in, which is not ${pods}`,
      remedy,
    });
  else if (asked.path !== wanted.path)
    found.push({
      question: "closed",
      rule: "auth-url",
      value: `it asks for ${asked.path} in the place of ${wanted.path}`,
      remedy,
    });
  const risk = cluster.controller?.options["annotations-risk-level"] ?? "High";
  if (risk === "Low" || risk === "Medium")
    found.push({
      question: "open",
      rule: "annotations-risk-level",
      value: `${risk}: the controller refuses an Ingress with auth-url, whose risk is High, as a whole`,
      remedy: "let the controller's ConfigMap say High",
    });
  for (const [rule, is, should] of [
    ["auth-signin", annotations["auth-signin"], wanted.signIn],
    ["auth-response-headers", annotations["auth-response-headers"], wanted.passes.join(",") || undefined],
  ] as const)
    if (is !== should)
      found.push({
        question: "open",
        rule,
        value: `${is ?? "absent"}, but ${should ?? "nothing"} is declared`,
        remedy: `let it say what the route declares`,
      });
  return found;
}

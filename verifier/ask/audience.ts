import type { Declaration, DeclaredRoute } from "../declaration";
import type { Finding } from "../finding";
import type { Cluster } from "../read/cluster";
import { routeLabel, type WebRoute } from "../read/webRoutes";
import type { World } from "../read/world";
import { servedBy } from "./patient";

/** Both names of the same annotation; the second is the newer one (ingress-nginx, Annotations). */
const RANGES = ["whitelist-source-range", "allowlist-source-range"] as const;

/** Networks that a route lets in, by its own words or the controller's. Undefined: everybody. */
export function networksOf({ controller }: Cluster, { limits }: WebRoute): readonly string[] | undefined {
  if (limits.controller === "gateway") return undefined;
  const written = RANGES.map((name) => limits.annotations[name]).find((value) => value !== undefined);
  return (written ?? controller?.options[RANGES[0]])?.split(",").map((one) => one.trim());
}

/**
 * Who may come in by each route: those that it is for, and nobody else. A route without an audience is for everybody,
 * and no route may say otherwise.
 */
export function checkAudience(world: World, declaration: Declaration): readonly Finding[] {
  return declaration.routes.flatMap((declared) =>
    (servedBy(world.cluster, declared) ?? []).flatMap((route) => checkRoute(world, declared, route)),
  );
}

function checkRoute(world: World, declared: DeclaredRoute, route: WebRoute): readonly Finding[] {
  const { limits } = route;
  const subject = `${declared.kind} ${declared.host}${declared.path}`;
  const at = routeLabel(route);
  const rule = RANGES[0];
  if (limits.controller === "gateway") {
    if (declared.audience === undefined) return [];
    const value = `anybody comes in: an HTTPRoute has no word for ${declared.audience.join(", ")}`;
    return [
      { question: "closed", subject, at, rule: "audience", value, remedy: "serve it by ingress-nginx, or inside" },
    ];
  }
  const allowed = networksOf(world.cluster, route);
  const wanted = declared.audience;
  if (wanted === undefined && allowed === undefined) return [];
  if (wanted === undefined)
    return [
      {
        question: "open",
        subject,
        at,
        rule,
        value: `only ${allowed?.join(", ")} may come in, but the route is for everybody`,
        remedy: `remove ${rule}, or declare the route's audience`,
      },
    ];
  const strangers = (allowed ?? ["anybody"]).filter((one) => !wanted.includes(one));
  const shutOut = wanted.filter((one) => allowed !== undefined && !allowed.includes(one));
  const trusts = world.cluster.controller?.options["use-forwarded-headers"] === "true";
  return [
    ...(strangers.length === 0
      ? []
      : [
          {
            question: "closed" as const,
            subject,
            at,
            rule: allowed === undefined ? `missing: ${rule}` : rule,
            value: `${strangers.join(", ")} may come in, but the route is for ${wanted.join(", ")} alone`,
            remedy: `let ${rule} say ${wanted.join(",")}`,
          },
        ]),
    ...(shutOut.length === 0
      ? []
      : [
          {
            question: "open" as const,
            subject,
            at,
            rule,
            value: `${shutOut.join(", ")} may not come in, but the route is for them, too`,
            remedy: `let ${rule} say ${wanted.join(",")}`,
          },
        ]),
    ...(trusts
      ? []
      : [
          {
            question: "open" as const,
            subject,
            at: "ConfigMap of the ingress controller",
            rule: "use-forwarded-headers",
            value: "the controller sees the load balancers' addresses alone, so nobody of the audience comes in",
            remedy: 'set it to "true", with proxy-real-ip-cidr of the load balancers',
          },
        ]),
  ];
}

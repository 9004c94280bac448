import { createHash } from "node:crypto";
import { podLabels } from "../../topology/party";
import { renderAnnotations } from "./ingressAnnotations";
import { routePattern } from "./ingressPatterns";
import type { ExposedRoute } from "./exposedRoute";
import { canaryAnnotations, routeAnnotations } from "./optionAnnotations";

export const INGRESS_CLASS = "nginx";

/** A networking.k8s.io/v1 Ingress, as far as routes need one. */
export interface IngressObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  };
  readonly spec: {
    readonly ingressClassName: string;
    readonly rules: readonly {
      readonly host: string;
      readonly http: {
        readonly paths: readonly {
          readonly path: string;
          readonly pathType: "Prefix" | "Exact" | "ImplementationSpecific";
          readonly backend: { readonly service: { readonly name: string; readonly port: { readonly number: number } } };
        }[];
      };
    }[];
  };
}

/**
 * One Ingress per route. Annotations hold for a whole Ingress, so routes with different limits cannot share one;
 * and since host and path alone name it, a changed timeout changes one object in place. The controller merges all
 * that name one host. A route with a canary has a second one, for the other version.
 */
export function ingressObjects(routes: readonly ExposedRoute[]): readonly IngressObject[] {
  return routes.flatMap((exposed): readonly IngressObject[] => {
    const { pods, servicePort, canary } = exposed;
    const metadata = routeMetadata(exposed);
    const main: IngressObject = {
      metadata: { ...metadata, annotations: renderAnnotations(routeAnnotations(exposed, metadata.name)) },
      spec: ingressSpec(exposed, pods.app, servicePort),
    };
    if (canary?.endpoint.provider.kind !== "pods") return [main];
    const other = canary.endpoint.provider;
    return [
      main,
      {
        metadata: {
          ...routeMetadata({ ...exposed, pods: other }),
          annotations: renderAnnotations(canaryAnnotations(exposed)),
        },
        spec: ingressSpec(exposed, other.app, canary.endpoint.port),
      },
    ];
  });
}

function ingressSpec({ host, route, byPattern }: ExposedRoute, service: string, number: number): IngressObject["spec"] {
  const place =
    byPattern === true
      ? ({ path: routePattern(route).path, pathType: "ImplementationSpecific" } as const)
      : ({ path: route.path, pathType: route.match === "exact" ? "Exact" : "Prefix" } as const);
  return {
    ingressClassName: INGRESS_CLASS,
    rules: [{ host, http: { paths: [{ ...place, backend: { service: { name: service, port: { number } } } }] } }],
  };
}

/** Name, namespace and labels of a route's object, whichever kind of object it is. */
export function routeMetadata({
  pods,
  host,
  route,
}: Pick<ExposedRoute, "pods" | "host" | "route">): Omit<IngressObject["metadata"], "annotations"> {
  return {
    name: routeName(pods.app, host, route.path, route.match ?? "prefix"),
    namespace: pods.namespace,
    labels: {
      ...podLabels({ kind: "pods", namespace: pods.namespace, app: pods.app }),
      "keybuzz.io/route": route.kind,
    },
  };
}

/**
 * "chatwoot-web-support-keybuzz-io-cable" for "/cable", without an end for "/". Where a path cannot be read back from
 * its name (dashes, capitals, exact matches), the first digits of its hash keep it apart from others.
 */
export function routeName(app: string, host: string, path: string, match: "prefix" | "exact"): string {
  const base = `${app}-${host.replaceAll(".", "-")}`;
  if (path === "/" && match === "prefix") return base;
  const slug = path
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "");
  const readable = match === "prefix" && /^(\/[a-z0-9]+)+$/.test(path);
  const parts = [base, slug, readable ? "" : createHash("sha256").update(`${match} ${path}`).digest("hex").slice(0, 6)];
  return parts.filter((part) => part !== "").join("-");
}

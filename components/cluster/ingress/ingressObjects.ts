import { createHash } from "node:crypto";
import { podLabels } from "../../topology/party";
import { nginxAnnotations, renderAnnotations } from "./ingressAnnotations";
import type { ExposedRoute } from "./ingressService";
import { routeLimits } from "./routes";

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
          readonly pathType: "Prefix" | "Exact";
          readonly backend: { readonly service: { readonly name: string; readonly port: { readonly number: number } } };
        }[];
      };
    }[];
  };
}

/**
 * One Ingress per route. Annotations hold for a whole Ingress, so routes with different limits cannot share one;
 * and since host and path alone name it, a changed timeout changes one object in place. The controller merges all
 * that name one host.
 */
export function ingressObjects(routes: readonly ExposedRoute[]): readonly IngressObject[] {
  return routes.map(({ pods, servicePort, host, route, audience }) => ({
    metadata: {
      ...routeMetadata({ pods, servicePort, host, route }),
      annotations: renderAnnotations(nginxAnnotations(routeLimits(route), audience)),
    },
    spec: {
      ingressClassName: INGRESS_CLASS,
      rules: [
        {
          host,
          http: {
            paths: [
              {
                path: route.path,
                pathType: route.match === "exact" ? "Exact" : "Prefix",
                backend: { service: { name: pods.app, port: { number: servicePort } } },
              },
            ],
          },
        },
      ],
    },
  }));
}

/** Name, namespace and labels of a route's object, whichever kind of object it is. */
export function routeMetadata({ pods, host, route }: ExposedRoute): Omit<IngressObject["metadata"], "annotations"> {
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

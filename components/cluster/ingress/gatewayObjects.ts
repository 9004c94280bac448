import { INGRESS_NAMESPACE } from "../pods/namespaces";
import { routeMetadata } from "./ingressObjects";
import type { ExposedRoute } from "./exposedRoute";
import { gatewayFilters, type HttpRouteFilter } from "./gatewayFilters";
import { isAnswered, routeLimits, type PassedRoute } from "./routes";

/** Release of the Gateway API whose fields are used here (sigs.k8s.io/gateway-api, standard channel). */
export const GATEWAY_API_VERSION = "v1.4.0";
/** Its CRDs. */
export const GATEWAY_API_MANIFEST = `https://github.com/kubernetes-sigs/gateway-api/releases/download/${GATEWAY_API_VERSION}/standard-install.yaml`;
const API = "gateway.networking.k8s.io/v1";

/** The one Gateway of a cluster; every HTTPRoute is attached to it. */
export const GATEWAY = { name: "web", namespace: INGRESS_NAMESPACE, listener: "http" } as const;

/** gateway.networking.k8s.io/v1 Gateway, as far as it is used here. */
export interface GatewayObject {
  readonly apiVersion: typeof API;
  readonly kind: "Gateway";
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: {
    readonly gatewayClassName: string;
    readonly listeners: readonly {
      readonly name: string;
      readonly port: number;
      readonly protocol: "HTTP";
      readonly allowedRoutes: {
        readonly namespaces: {
          readonly from: "Selector";
          readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
        };
      };
    }[];
  };
}

/** gateway.networking.k8s.io/v1 HTTPRoute, as far as routes need one. */
export interface HttpRouteObject {
  readonly apiVersion: typeof API;
  readonly kind: "HTTPRoute";
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels: Readonly<Record<string, string>>;
  };
  readonly spec: {
    readonly parentRefs: readonly { readonly name: string; readonly namespace: string; readonly sectionName: string }[];
    readonly hostnames: readonly string[];
    readonly rules: readonly {
      readonly matches: readonly {
        readonly path: { readonly type: "PathPrefix" | "Exact"; readonly value: string };
      }[];
      readonly filters?: readonly HttpRouteFilter[];
      /** With the backends: none of what is answered at once. */
      readonly timeouts?: GatewayTimeouts;
      readonly backendRefs?: readonly { readonly name: string; readonly port: number; readonly weight?: number }[];
    }[];
  };
}

/** Durations of the Gateway API (GEP-2257); "0s" is no limit. */
export interface GatewayTimeouts {
  /** The whole request, from its first byte to the end of the answer. */
  readonly request: string;
  /** One attempt at a pod. Never longer than `request`, where that has a limit. */
  readonly backendRequest: string;
}

/** TLS has ended at the load balancers: one listener, plain HTTP, for the namespaces that this program made. */
export function gatewayObject(className: string): GatewayObject {
  return {
    apiVersion: API,
    kind: "Gateway",
    metadata: { name: GATEWAY.name, namespace: GATEWAY.namespace },
    spec: {
      gatewayClassName: className,
      listeners: [
        {
          name: GATEWAY.listener,
          port: 80,
          protocol: "HTTP",
          allowedRoutes: {
            namespaces: { from: "Selector", selector: { matchLabels: { "app.kubernetes.io/managed-by": "pulumi" } } },
          },
        },
      ],
    },
  };
}

/** One HTTPRoute per route, named like the Ingress of the same route. */
export function httpRouteObjects(routes: readonly ExposedRoute[]): readonly HttpRouteObject[] {
  return routes.map((exposed) => ({
    apiVersion: API,
    kind: "HTTPRoute",
    metadata: routeMetadata(exposed),
    spec: {
      parentRefs: [{ name: GATEWAY.name, namespace: GATEWAY.namespace, sectionName: GATEWAY.listener }],
      hostnames: [exposed.host],
      rules: [rule(exposed)],
    },
  }));
}

function rule(exposed: ExposedRoute): HttpRouteObject["spec"]["rules"][number] {
  const { pods, servicePort, route, canary } = exposed;
  const filters = gatewayFilters(route);
  const common = {
    matches: [{ path: { type: route.match === "exact" ? "Exact" : "PathPrefix", value: route.path } }],
    ...(filters.length === 0 ? {} : { filters }),
  } as const;
  if (isAnswered(route)) return common;
  const own = { name: pods.app, port: servicePort };
  const backendRefs =
    canary?.endpoint.provider.kind === "pods"
      ? [
          { ...own, weight: 100 - canary.percent },
          { name: canary.endpoint.provider.app, port: canary.endpoint.port, weight: canary.percent },
        ]
      : [own];
  return { ...common, timeouts: gatewayTimeouts(route), backendRefs };
}

/**
 * The Gateway API limits whole requests, ingress-nginx silence. For an ordinary answer that is the same number; a
 * stream has no end that could be told beforehand, so its limit is silence alone, which every hop has by itself: the
 * load balancer's is the shortest that routes are checked against (routeMistakes). An upload takes as long as it
 * takes to arrive; the answer after it has its limit.
 */
export function gatewayTimeouts(route: PassedRoute): GatewayTimeouts {
  const answer = `${routeLimits(route).readSeconds}s`;
  switch (route.kind) {
    case "http":
      return { request: answer, backendRequest: answer };
    case "upload":
      return { request: "0s", backendRequest: answer };
    case "websocket":
    case "sse":
      return { request: "0s", backendRequest: "0s" };
  }
}

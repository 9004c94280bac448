import { pinnedImage } from "../../pins";
import { INGRESS_NAMESPACE } from "../pods/namespaces";
import { CONTROLLER_HEALTH_SERVER } from "./controllerHealth";
import { INGRESS_CLASS } from "./ingressObjects";
import type { ExposedRoute } from "./exposedRoute";
import { isAnswered } from "./routes";

export const INGRESS_CONFIG_MAP = "ingress-nginx-controller";
/** Headers of every answer. */
export const INGRESS_HEADERS_MAP = "ingress-nginx-headers";
export const INGRESS_CONTROLLER = "k8s.io/ingress-nginx";
/** Name of the lease: an argument of the controller, and the only lease that its Role may change. */
export const INGRESS_ELECTION_ID = "ingress-nginx-leader";

/** The last release; upstream retired the project in March 2026 (kubernetes/ingress-nginx, releases). */
export const INGRESS_NGINX_IMAGE = pinnedImage("registry.k8s.io/ingress-nginx/controller:v1.15.1");

/** Seconds that nginx's old workers may take to end their connections; streams end within it. */
export const WORKER_SHUTDOWN_SECONDS = 240;
/**
 * Seconds for which a controller that is told to stop goes on taking requests, and says that it stops: longer than the balancers take to hear it (ingressService.ts), so that nobody is sent to a closed port.
 */
export const SHUTDOWN_GRACE_SECONDS = 30;
/** Seconds until the kill: until nobody comes any more, the workers' time, the controller's own 10, and a reserve. */
export const GRACE_SECONDS = 300;
/** Seconds for which a browser that was here once asks for nothing but HTTPS: a year. */
const HTTPS_ALONE_SECONDS = 31_536_000;

/**
 * Options of the controller's ConfigMap (kubernetes/ingress-nginx docs, ConfigMap), as far as they are set here.
 * Closed: an option that does not exist does not compile.
 */
export interface ControllerOptions {
  readonly "use-forwarded-headers": boolean;
  /** Addresses whose X-Forwarded-* headers are believed. */
  readonly "proxy-real-ip-cidr": readonly string[];
  readonly "enable-underscores-in-headers": boolean;
  readonly "ssl-redirect": boolean;
  readonly "allow-snippet-annotations": boolean;
  readonly "annotations-risk-level": "Low" | "Medium" | "High" | "Critical";
  readonly "server-tokens": boolean;
  /** Seconds that an idle connection of a client (here: a load balancer) is kept. */
  readonly "keep-alive": number;
  readonly "keep-alive-requests": number;
  readonly "worker-shutdown-timeout": `${number}s`;
  readonly "use-gzip": boolean;
  readonly "use-http2": boolean;
  /** ConfigMap with headers of every answer, "namespace/name". */
  readonly "add-headers": string;
  /** Two arguments of nginx' proxy_cookie_path: what is changed of a cookie's path, and into what. */
  readonly "proxy-cookie-path": string;
  /** Text of nginx' configuration, among its servers. */
  readonly "http-snippet": string;
  /** Names, as routes write them: nginx compares letter by letter. */
  readonly "global-allowed-response-headers"?: readonly string[];
  readonly "limit-req-status-code"?: 429;
  readonly "limit-conn-status-code"?: 429;
}

export interface IngressNginxSettings {
  /** Private addresses of the web load balancers: the only ones whose forwarded headers are believed. */
  readonly trustedProxies: readonly string[];
  /** Seconds without a byte until the load balancers close a connection. */
  readonly outerIdleSeconds: number;
  /** Whose annotations decide what the controller must allow. Default: none asks for more than limits and timeouts. */
  readonly routes?: readonly ExposedRoute[];
}

export function controllerOptions({
  trustedProxies,
  outerIdleSeconds,
  routes = [],
}: IngressNginxSettings): ControllerOptions {
  if (trustedProxies.length === 0) {
    throw new Error(
      "ingress: no trusted proxies; an empty proxy-real-ip-cidr means 0.0.0.0/0, which lets anybody forge client addresses; name the web load balancers",
    );
  }
  return {
    "use-forwarded-headers": true,
    "proxy-real-ip-cidr": trustedProxies.map((address) => (address.includes("/") ? address : `${address}/32`)),
    // Chatwoot's api_access_token header.
    "enable-underscores-in-headers": true,
    // TLS ends at the load balancers, which redirect by themselves.
    "ssl-redirect": false,
    "allow-snippet-annotations": false,
    // auth-url and auth-signin are "High": addresses that nginx connects to. Only where a route has them.
    "annotations-risk-level": routes.some(({ guard }) => guard?.kind === "oidc") ? "High" : "Medium",
    "server-tokens": false,
    // Longer than the load balancers': the side that opens connections must be the one that closes idle ones, or
    // it sends a request into a connection that is just being closed.
    "keep-alive": outerIdleSeconds + 15,
    "keep-alive-requests": 10000,
    "worker-shutdown-timeout": `${WORKER_SHUTDOWN_SECONDS}s`,
    // Compression collects what streams must pass on at once.
    "use-gzip": false,
    "use-http2": false,
    // hsts, its own switch, is for TLS that ends at nginx itself.
    "add-headers": `${INGRESS_NAMESPACE}/${INGRESS_HEADERS_MAP}`,
    // Every cookie goes back over HTTPS alone, whatever its application says; twice said is once.
    "proxy-cookie-path": '~^(/.*)$ "$1; Secure"',
    "http-snippet": CONTROLLER_HEALTH_SERVER,
    ...optional(routes),
  };
}

/** Said only where a route needs it, so that the others' configuration stays as it is. */
function optional(routes: readonly ExposedRoute[]): Partial<ControllerOptions> {
  const passed = routes.flatMap(({ route }) => (isAnswered(route) ? [] : [route]));
  const headers = [...new Set(passed.flatMap(({ responseHeaders = {} }) => Object.keys(responseHeaders)))].sort();
  return {
    ...(headers.length === 0 ? {} : { "global-allowed-response-headers": headers }),
    // nginx' own 503 says that the server is unwell.
    ...(passed.some(({ limits }) => limits !== undefined)
      ? { "limit-req-status-code": 429, "limit-conn-status-code": 429 }
      : {}),
  };
}

/** Of every answer. Browsers remember the host alone: beside it there are hosts that are not ours to speak for. */
export const ANSWER_HEADERS: Readonly<Record<string, string>> = {
  "Strict-Transport-Security": `max-age=${HTTPS_ALONE_SECONDS}`,
};

/** ConfigMap data: every value a string, lists comma-separated, sorted. */
export function configMapData(options: ControllerOptions): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(options)
      .map(([name, value]) => [name, Array.isArray(value) ? value.join(",") : String(value)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** Arguments of the controller. No --publish-service: there is none; the nodes' own addresses are the status. */
export const CONTROLLER_ARGS: readonly string[] = [
  "/nginx-ingress-controller",
  `--ingress-class=${INGRESS_CLASS}`,
  `--controller-class=${INGRESS_CONTROLLER}`,
  `--election-id=${INGRESS_ELECTION_ID}`,
  `--configmap=$(POD_NAMESPACE)/${INGRESS_CONFIG_MAP}`,
  "--report-node-internal-ip-address",
  "--enable-metrics=true",
  `--shutdown-grace-period=${SHUTDOWN_GRACE_SECONDS}`,
];

export interface PolicyRule {
  readonly apiGroups: string[];
  readonly resources: string[];
  readonly verbs: string[];
  readonly resourceNames?: string[];
}

/** The controller's rights in the whole cluster (kubernetes/ingress-nginx docs, RBAC). */
export const CLUSTER_RULES: readonly PolicyRule[] = [
  {
    apiGroups: [""],
    resources: ["configmaps", "endpoints", "nodes", "pods", "secrets", "namespaces"],
    verbs: ["list", "watch"],
  },
  { apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["list", "watch"] },
  { apiGroups: [""], resources: ["nodes"], verbs: ["get"] },
  { apiGroups: [""], resources: ["services"], verbs: ["get", "list", "watch"] },
  { apiGroups: ["networking.k8s.io"], resources: ["ingresses", "ingressclasses"], verbs: ["get", "list", "watch"] },
  { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["get", "list", "watch"] },
  { apiGroups: [""], resources: ["events"], verbs: ["create", "patch"] },
  { apiGroups: ["networking.k8s.io"], resources: ["ingresses/status"], verbs: ["update"] },
];

/** The controller's rights in its own namespace. */
export const NAMESPACE_RULES: readonly PolicyRule[] = [
  { apiGroups: [""], resources: ["namespaces"], verbs: ["get"] },
  { apiGroups: [""], resources: ["configmaps", "pods", "secrets", "endpoints"], verbs: ["get", "list", "watch"] },
  { apiGroups: [""], resources: ["services"], verbs: ["get", "list", "watch"] },
  { apiGroups: ["networking.k8s.io"], resources: ["ingresses", "ingressclasses"], verbs: ["get", "list", "watch"] },
  { apiGroups: ["networking.k8s.io"], resources: ["ingresses/status"], verbs: ["update"] },
  { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["get", "list", "watch"] },
  {
    apiGroups: ["coordination.k8s.io"],
    resources: ["leases"],
    resourceNames: [INGRESS_ELECTION_ID],
    verbs: ["get", "update"],
  },
  { apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["create"] },
  { apiGroups: [""], resources: ["events"], verbs: ["create", "patch"] },
];

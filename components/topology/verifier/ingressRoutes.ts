import type { Cluster } from "./cluster";
import { at, integer, list, text, texts } from "./graph";

/** One path of one Ingress, with the limits that its annotations set. */
export interface IngressRoute {
  readonly ingress: string;
  readonly host: string;
  readonly path: string;
  readonly match: "prefix" | "exact";
  readonly served: boolean;
  readonly namespace: string;
  readonly service: string;
  readonly servicePort: number;
  readonly annotations: Readonly<Record<string, string>>;
}

const PREFIX = "nginx.ingress.kubernetes.io/";

/** Annotations that exist in ingress-nginx 1.15 (its documentation, Annotations) and that neither run code nor loosen a filter. */
const KNOWN: ReadonlySet<string> = new Set(
  `proxy-connect-timeout proxy-read-timeout proxy-send-timeout proxy-body-size proxy-buffering proxy-request-buffering
  proxy-buffer-size proxy-buffers-number proxy-busy-buffers-size proxy-max-temp-file-size client-body-buffer-size
  proxy-http-version connection-proxy-header proxy-next-upstream proxy-next-upstream-timeout proxy-next-upstream-tries
  limit-connections limit-rps limit-rpm limit-burst-multiplier limit-rate limit-rate-after limit-allowlist
  service-upstream affinity affinity-mode session-cookie-name session-cookie-max-age upstream-hash-by load-balance
  enable-cors cors-allow-origin cors-allow-methods cors-allow-headers ssl-redirect force-ssl-redirect backend-protocol
  custom-headers`.split(/\s+/),
);
const WHOLE_SECONDS = [
  "proxy-connect-timeout",
  "proxy-read-timeout",
  "proxy-send-timeout",
  "proxy-next-upstream-timeout",
];

/** Every path of every Ingress of the cluster. */
export function ingressRoutes(cluster: Cluster): readonly IngressRoute[] {
  const classes = cluster.controller?.classes ?? [];
  return cluster.ingresses.flatMap(({ inputs, name }) =>
    list(at(inputs, "spec", "rules")).flatMap((rule) =>
      list(at(rule, "http", "paths")).map((path) => ({
        ingress: text(at(inputs, "metadata", "name")) ?? name,
        host: text(at(rule, "host")) ?? "*",
        path: text(at(path, "path")) ?? "/",
        match: text(at(path, "pathType")) === "Exact" ? ("exact" as const) : ("prefix" as const),
        served: classes.includes(text(at(inputs, "spec", "ingressClassName")) ?? ""),
        namespace: text(at(inputs, "metadata", "namespace")) ?? "default",
        service: text(at(path, "backend", "service", "name")) ?? "",
        servicePort: integer(at(path, "backend", "service", "port", "number")) ?? 0,
        annotations: Object.fromEntries(
          Object.entries(texts(at(inputs, "metadata", "annotations")))
            .filter(([key]) => key.startsWith(PREFIX))
            .map(([key, value]) => [key.slice(PREFIX.length), value]),
        ),
      })),
    ),
  );
}

/** Annotations with the controller's prefix that it does not know, and values that it refuses. */
export function annotationMistakes({ annotations }: IngressRoute): readonly string[] {
  return Object.entries(annotations).flatMap(([name, value]) => {
    if (!KNOWN.has(name)) return [`${PREFIX}${name} does not exist in ingress-nginx: it does nothing`];
    if (WHOLE_SECONDS.includes(name) && !/^\d+$/.test(value))
      return [`${PREFIX}${name}: "${value}" is refused; allowed: whole seconds without a unit`];
    return [];
  });
}

/** The route that nginx would choose for a path of a host: exact before the longest prefix. */
export function routeFor(routes: readonly IngressRoute[], host: string, path: string): IngressRoute | undefined {
  const served = routes.filter((route) => route.served && (route.host === host || route.host === "*"));
  const trimmed = (prefix: string): string => prefix.replace(/\/+$/, "");
  return (
    served.find((route) => route.match === "exact" && route.path === path) ??
    served
      .filter((route) => route.match === "prefix")
      .filter(
        ({ path: prefix }) => prefix === "/" || path === trimmed(prefix) || path.startsWith(`${trimmed(prefix)}/`),
      )
      .sort((a, b) => b.path.length - a.path.length)[0]
  );
}

/** MiB of a size as nginx writes it; Infinity for "0", which is no limit. */
export function megabytes(size: string): number {
  const match = /^(\d+)([kKmMgG]?)$/.exec(size);
  if (match === null) return 0;
  const value = Number(match[1]);
  if (value === 0) return Infinity;
  const factor = { "": 1 / (1024 * 1024), k: 1 / 1024, m: 1, g: 1024 }[(match[2] ?? "").toLowerCase()];
  return value * (factor ?? 0);
}

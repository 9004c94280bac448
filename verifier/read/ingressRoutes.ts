import { at, integer, list, text, texts, type EmittedResource } from "./graph";
import type { NginxLimits, WebRoute } from "./webRoutes";

const PREFIX = "nginx.ingress.kubernetes.io/";

/** Annotations that exist in ingress-nginx 1.15 (its documentation, Annotations) and that neither run code nor loosen a filter. */
const KNOWN: ReadonlySet<string> = new Set(
  `proxy-connect-timeout proxy-read-timeout proxy-send-timeout proxy-body-size proxy-buffering proxy-request-buffering
  proxy-buffer-size proxy-buffers-number proxy-busy-buffers-size proxy-max-temp-file-size client-body-buffer-size
  proxy-http-version connection-proxy-header proxy-next-upstream proxy-next-upstream-timeout proxy-next-upstream-tries
  limit-connections limit-rps limit-rpm limit-burst-multiplier limit-rate limit-rate-after limit-allowlist
  service-upstream affinity affinity-mode session-cookie-name session-cookie-max-age upstream-hash-by load-balance
  enable-cors cors-allow-origin cors-allow-methods cors-allow-headers ssl-redirect force-ssl-redirect backend-protocol
  custom-headers whitelist-source-range allowlist-source-range`.split(/\s+/),
);
const WHOLE_SECONDS = [
  "proxy-connect-timeout",
  "proxy-read-timeout",
  "proxy-send-timeout",
  "proxy-next-upstream-timeout",
];

/** Every path of an Ingress, with the limits that its annotations set. `classes`: those that the controller reads. */
export function ingressRoutes(
  { inputs, name: resource }: EmittedResource,
  classes: readonly string[],
): readonly WebRoute[] {
  const name = text(at(inputs, "metadata", "name")) ?? resource;
  const namespace = text(at(inputs, "metadata", "namespace")) ?? "default";
  const className = text(at(inputs, "spec", "ingressClassName")) ?? "";
  const limits: NginxLimits = {
    controller: "ingress-nginx",
    annotations: Object.fromEntries(
      Object.entries(texts(at(inputs, "metadata", "annotations")))
        .filter(([key]) => key.startsWith(PREFIX))
        .map(([key, value]) => [key.slice(PREFIX.length), value]),
    ),
  };
  return list(at(inputs, "spec", "rules")).flatMap((rule) =>
    list(at(rule, "http", "paths")).map((path, order): WebRoute => {
      const service = at(path, "backend", "service");
      return {
        form: "Ingress",
        name,
        namespace,
        host: text(at(rule, "host")) ?? "*",
        path: text(at(path, "path")) ?? "/",
        match: text(at(path, "pathType")) === "Exact" ? "exact" : "prefix",
        ...(classes.includes(className) ? {} : { unserved: `no controller reads class "${className}"` }),
        rank: 0,
        order,
        backends: [
          { namespace, service: text(at(service, "name")) ?? "", port: integer(at(service, "port", "number")) ?? 0 },
        ],
        limits,
      };
    }),
  );
}

/** Annotations with the controller's prefix that it does not know, and values that it refuses. */
export function annotationMistakes({ annotations }: NginxLimits): readonly string[] {
  return Object.entries(annotations).flatMap(([name, value]) => {
    if (!KNOWN.has(name)) return [`${PREFIX}${name} does not exist in ingress-nginx: it does nothing`];
    if (WHOLE_SECONDS.includes(name) && !/^\d+$/.test(value))
      return [`${PREFIX}${name}: "${value}" is refused; allowed: whole seconds without a unit`];
    return [];
  });
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

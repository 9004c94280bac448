import { at, integer, list, text, texts, type EmittedResource } from "./graph";
import { readPattern } from "./ingressPaths";
import type { NginxLimits, SentTo, WebRoute } from "./webRoutes";

const PREFIX = "nginx.ingress.kubernetes.io/";

/**
 * Annotations that exist in ingress-nginx 1.15 (its documentation, Annotations), that run no code, and that loosen no
 * filter or are read here or in ask/.
 */
const KNOWN: ReadonlySet<string> = new Set(
  `proxy-connect-timeout proxy-read-timeout proxy-send-timeout proxy-body-size proxy-buffering proxy-request-buffering
  proxy-buffer-size proxy-buffers-number proxy-busy-buffers-size proxy-max-temp-file-size client-body-buffer-size
  proxy-http-version connection-proxy-header proxy-next-upstream proxy-next-upstream-timeout proxy-next-upstream-tries
  limit-connections limit-rps limit-rpm limit-burst-multiplier limit-rate limit-rate-after limit-allowlist
  service-upstream affinity affinity-mode session-cookie-name session-cookie-max-age session-cookie-path
  session-cookie-secure upstream-hash-by load-balance
  enable-cors cors-allow-origin cors-allow-methods cors-allow-headers cors-allow-credentials
  permanent-redirect permanent-redirect-code temporal-redirect temporal-redirect-code use-regex rewrite-target
  auth-type auth-secret auth-realm auth-url auth-signin auth-response-headers canary canary-weight
  ssl-redirect force-ssl-redirect backend-protocol
  custom-headers whitelist-source-range allowlist-source-range`.split(/\s+/),
);
const WHOLE_SECONDS = [
  "proxy-connect-timeout",
  "proxy-read-timeout",
  "proxy-send-timeout",
  "proxy-next-upstream-timeout",
];

/** One path of an Ingress, and what only all of a host's together say. */
export interface IngressPath {
  readonly route: WebRoute;
  /** Undefined: its Ingress is no canary. */
  readonly canaryPercent: number | undefined;
  /** How the path is written. */
  readonly written: "pattern" | "plain";
  /** Its Ingress makes patterns of all paths of its host. */
  readonly makesPatterns: boolean;
}

/** Every path of an Ingress, with the limits that its annotations set. `classes`: those that the controller reads. */
export function ingressPaths(
  { inputs, name: resource }: EmittedResource,
  classes: readonly string[],
  problems: string[],
): readonly IngressPath[] {
  const name = text(at(inputs, "metadata", "name")) ?? resource;
  const namespace = text(at(inputs, "metadata", "namespace")) ?? "default";
  const className = text(at(inputs, "spec", "ingressClassName")) ?? "";
  const annotations = Object.fromEntries(
    Object.entries(texts(at(inputs, "metadata", "annotations")))
      .filter(([key]) => key.startsWith(PREFIX))
      .map(([key, value]) => [key.slice(PREFIX.length), value]),
  );
  const limits: NginxLimits = { controller: "ingress-nginx", annotations };
  const sent = redirection(annotations);
  return list(at(inputs, "spec", "rules")).flatMap((rule) =>
    list(at(rule, "http", "paths")).flatMap((one, order): readonly IngressPath[] => {
      const service = at(one, "backend", "service");
      const path = text(at(one, "path")) ?? "/";
      const type = text(at(one, "pathType"));
      const target = annotations["rewrite-target"];
      const written = type === "ImplementationSpecific" ? "pattern" : "plain";
      const read =
        written === "pattern"
          ? readPattern(path, target)
          : ({ path, match: type === "Exact" ? "exact" : "prefix" } as const);
      if (read === undefined) {
        problems.push(`Ingress ${namespace}/${name}: pattern ${path}${target === undefined ? "" : `, into ${target}`}`);
        return [];
      }
      const { sendsTo, ...place } = read;
      const there = sent ?? (sendsTo === undefined ? undefined : { to: sendsTo, status: 302, keepsPath: true });
      const route: WebRoute = {
        form: "Ingress",
        name,
        namespace,
        host: text(at(rule, "host")) ?? "*",
        ...place,
        ...(classes.includes(className) ? {} : { unserved: `no controller reads class "${className}"` }),
        ...(there === undefined ? {} : { sendsTo: there }),
        rank: 0,
        order,
        backends: [
          {
            namespace,
            service: text(at(service, "name")) ?? "",
            port: integer(at(service, "port", "number")) ?? 0,
            percent: 100,
          },
        ],
        limits,
      };
      const makesPatterns = annotations["use-regex"] === "true" || (target !== undefined && target !== path);
      return [{ route, written, makesPatterns, canaryPercent: canaryPercent(annotations) }];
    }),
  );
}

/** Temporal comes before permanent (ingress-nginx, redirect). */
function redirection(annotations: Readonly<Record<string, string>>): SentTo | undefined {
  for (const [kind, fallback] of [
    ["temporal", 302],
    ["permanent", 301],
  ] as const) {
    const to = annotations[`${kind}-redirect`];
    const status = Number(annotations[`${kind}-redirect-code`] ?? fallback);
    const usual = status >= 300 && status <= (kind === "temporal" ? 307 : 308);
    if (to !== undefined && to !== "") return { to, status: usual ? status : fallback, keepsPath: false };
  }
  return undefined;
}

function canaryPercent(annotations: Readonly<Record<string, string>>): number | undefined {
  if (annotations["canary"] !== "true") return undefined;
  const weight = Number(annotations["canary-weight"] ?? 0);
  return Number.isInteger(weight) ? weight : 0;
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

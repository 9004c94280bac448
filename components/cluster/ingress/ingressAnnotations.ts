import type { RouteLimits } from "./routes";

/** The only place that writes annotations of ingress-nginx. */
const PREFIX = "nginx.ingress.kubernetes.io/";

type Switch = "on" | "off";
type Size = `${number}${"k" | "m"}`;

/**
 * The annotations of ingress-nginx that exist (kubernetes/ingress-nginx internal/ingress/annotations), as far as
 * routes may use them; a name that is not here does not compile. Times are whole seconds: "60s" fails the
 * controller's validation. Snippets are switched off in the controller and do not appear.
 */
export interface NginxAnnotations {
  readonly "proxy-connect-timeout"?: number;
  readonly "proxy-read-timeout"?: number;
  readonly "proxy-send-timeout"?: number;
  readonly "proxy-body-size"?: Size;
  readonly "proxy-buffering"?: Switch;
  readonly "proxy-request-buffering"?: Switch;
  readonly "proxy-buffer-size"?: Size;
  readonly "proxy-buffers-number"?: number;
  readonly "proxy-busy-buffers-size"?: Size;
  readonly "proxy-max-temp-file-size"?: Size;
  readonly "client-body-buffer-size"?: Size;
  readonly "proxy-http-version"?: "1.0" | "1.1";
  readonly "connection-proxy-header"?: "keep-alive" | "close";
  readonly "proxy-next-upstream"?: "off" | "error timeout" | "error timeout http_502 http_503";
  readonly "proxy-next-upstream-timeout"?: number;
  readonly "proxy-next-upstream-tries"?: number;
  readonly "limit-connections"?: number;
  readonly "limit-rps"?: number;
  readonly "limit-rpm"?: number;
  readonly "limit-burst-multiplier"?: number;
  readonly "limit-rate"?: number;
  readonly "limit-rate-after"?: number;
  readonly "limit-allowlist"?: string;
  readonly "service-upstream"?: boolean;
  readonly affinity?: "cookie";
  readonly "affinity-mode"?: "balanced" | "persistent";
  readonly "session-cookie-name"?: string;
  readonly "session-cookie-max-age"?: number;
  readonly "session-cookie-path"?: string;
  readonly "session-cookie-secure"?: boolean;
  readonly "upstream-hash-by"?: string;
  readonly "load-balance"?: "round_robin" | "ewma";
  readonly "enable-cors"?: boolean;
  readonly "cors-allow-origin"?: string;
  readonly "cors-allow-methods"?: string;
  readonly "cors-allow-headers"?: string;
  readonly "cors-allow-credentials"?: boolean;
  readonly "permanent-redirect"?: string;
  readonly "permanent-redirect-code"?: 308;
  readonly "temporal-redirect"?: string;
  readonly "temporal-redirect-code"?: 307;
  readonly "use-regex"?: boolean;
  readonly "rewrite-target"?: string;
  readonly "auth-type"?: "basic";
  readonly "auth-secret"?: string;
  readonly "auth-realm"?: string;
  readonly "auth-url"?: string;
  readonly "auth-signin"?: string;
  readonly "auth-response-headers"?: string;
  readonly canary?: boolean;
  readonly "canary-weight"?: number;
  readonly "ssl-redirect"?: boolean;
  readonly "force-ssl-redirect"?: boolean;
  readonly "backend-protocol"?: "HTTP" | "HTTPS" | "GRPC" | "GRPCS";
  readonly "custom-headers"?: string;
  readonly "whitelist-source-range"?: string;
}

// A Record, so that adding a name to the interface does not compile until it is here too.
const KNOWN: Readonly<Record<keyof NginxAnnotations, true>> = {
  "proxy-connect-timeout": true,
  "proxy-read-timeout": true,
  "proxy-send-timeout": true,
  "proxy-body-size": true,
  "proxy-buffering": true,
  "proxy-request-buffering": true,
  "proxy-buffer-size": true,
  "proxy-buffers-number": true,
  "proxy-busy-buffers-size": true,
  "proxy-max-temp-file-size": true,
  "client-body-buffer-size": true,
  "proxy-http-version": true,
  "connection-proxy-header": true,
  "proxy-next-upstream": true,
  "proxy-next-upstream-timeout": true,
  "proxy-next-upstream-tries": true,
  "limit-connections": true,
  "limit-rps": true,
  "limit-rpm": true,
  "limit-burst-multiplier": true,
  "limit-rate": true,
  "limit-rate-after": true,
  "limit-allowlist": true,
  "service-upstream": true,
  affinity: true,
  "affinity-mode": true,
  "session-cookie-name": true,
  "session-cookie-max-age": true,
  "session-cookie-path": true,
  "session-cookie-secure": true,
  "upstream-hash-by": true,
  "load-balance": true,
  "enable-cors": true,
  "cors-allow-origin": true,
  "cors-allow-methods": true,
  "cors-allow-headers": true,
  "cors-allow-credentials": true,
  "permanent-redirect": true,
  "permanent-redirect-code": true,
  "temporal-redirect": true,
  "temporal-redirect-code": true,
  "use-regex": true,
  "rewrite-target": true,
  "auth-type": true,
  "auth-secret": true,
  "auth-realm": true,
  "auth-url": true,
  "auth-signin": true,
  "auth-response-headers": true,
  canary: true,
  "canary-weight": true,
  "ssl-redirect": true,
  "force-ssl-redirect": true,
  "backend-protocol": true,
  "custom-headers": true,
  "whitelist-source-range": true,
};

/** The annotations of `metadata.annotations` that carry ingress-nginx's prefix but do not exist, or are not used here. */
export function unknownNginxAnnotations(annotations: Readonly<Record<string, string>>): readonly string[] {
  return Object.keys(annotations).filter(
    (name) => name.startsWith(PREFIX) && !Object.hasOwn(KNOWN, name.slice(PREFIX.length)),
  );
}

/** Annotations as Kubernetes wants them: prefixed, every value a string, sorted. */
export function renderAnnotations(annotations: NginxAnnotations): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(annotations)
      .map(([name, value]) => [`${PREFIX}${name}`, String(value)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/**
 * A route's limits in the words of ingress-nginx. All of them are written out, also where they equal the
 * controller's defaults: a chain of timeouts is only checked when it is on paper.
 *
 * @param audience networks that may come in. Default: everybody.
 */
export function nginxAnnotations(limits: RouteLimits, audience?: readonly string[]): NginxAnnotations {
  return {
    ...(audience === undefined ? {} : { "whitelist-source-range": audience.join(",") }),
    "proxy-connect-timeout": limits.connectSeconds,
    "proxy-read-timeout": limits.readSeconds,
    "proxy-send-timeout": limits.sendSeconds,
    "proxy-body-size": `${limits.maxBodyMb}m`,
    ...(limits.tries === undefined ? {} : { "proxy-next-upstream-tries": limits.tries }),
    ...(limits.streamsAnswer ? { "proxy-buffering": "off" } : {}),
    ...(limits.streamsRequest ? { "proxy-request-buffering": "off" } : {}),
  };
}

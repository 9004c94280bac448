import { pairs, type Gateway } from "../read/gateways";
import type { HopLimits } from "./hops";
import { routeLabel, type GatewayLimits, type WebRoute } from "../read/webRoutes";
import type { Declaration } from "../declaration";
import type { World } from "../read/world";

/**
 * Seconds for which any controller is trusted where a route says nothing: the API leaves it to the controller, and
 * the shortest that is documented is Envoy's (gateway.envoyproxy.io, HTTP timeouts).
 */
export const UNSAID_SECONDS = 15;

/** Durations of the Gateway API (GEP-2257). */
const DURATION = /^([0-9]{1,5}(h|m|s|ms)){1,4}$/;
const UNIT_SECONDS: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 0.001 };

/** Seconds of "1m30s"; Infinity for "0s", which is no limit; undefined where it is no duration. */
export function durationSeconds(duration: string): number | undefined {
  if (!DURATION.test(duration)) return undefined;
  const parts = [...duration.matchAll(/([0-9]+)(ms|h|m|s)/g)];
  const sum = parts.reduce((total, [, count, unit = ""]) => total + Number(count) * (UNIT_SECONDS[unit] ?? 0), 0);
  return sum === 0 ? Infinity : Math.round(sum * 1000) / 1000;
}

/** What the API's own validation refuses. */
export function gatewayMistakes({ request, backendRequest }: GatewayLimits): readonly string[] {
  const wrong = Object.entries({ request, backendRequest }).flatMap(([name, value]) =>
    value === undefined || durationSeconds(value) !== undefined
      ? []
      : [`timeouts.${name}: "${value}" is refused; allowed: durations such as 90s or 1m30s, and 0s for none`],
  );
  if (wrong.length > 0 || request === undefined || backendRequest === undefined) return wrong;
  const whole = durationSeconds(request) ?? Infinity;
  const one = durationSeconds(backendRequest) ?? Infinity;
  return one !== Infinity && one > whole
    ? [`timeouts.backendRequest: "${backendRequest}" is refused; allowed: at most timeouts.request, ${request}`]
    : [];
}

/** Both cover the whole answer: neither cares whether something flows. */
export function gatewayHops(
  route: WebRoute,
  { gateway, request, backendRequest }: GatewayLimits,
): readonly HopLimits[] {
  const hop = (what: string, field: string, value: string | undefined): HopLimits => ({
    hop: `${gateway}, ${what}`,
    rule: `timeouts.${field} of ${routeLabel(route)}${value === undefined ? ` (absent: the controller's own; ${UNSAID_SECONDS} s, Envoy's, is the shortest that is documented)` : ""}`,
    idle: Infinity,
    total: value === undefined ? UNSAID_SECONDS : (durationSeconds(value) ?? UNSAID_SECONDS),
    remedy: (seconds) =>
      seconds === undefined
        ? `set timeouts.${field} to 0s, which is no limit`
        : `raise timeouts.${field} to ${seconds}s at least, or set it to 0s, which is no limit`,
  });
  // Without a limit of its own, one attempt has that of the whole.
  const bounded = backendRequest === undefined && (request === undefined || durationSeconds(request) !== Infinity);
  return [
    hop("whole request", "request", request),
    ...(bounded ? [] : [hop("one attempt", "backendRequest", backendRequest)]),
  ];
}

/** The longest that the controller may take to answer. Retries are not in the standard channel: there is one attempt. */
export function gatewayLongest({ request, backendRequest }: GatewayLimits): number {
  const most = (value: string | undefined): number =>
    value === undefined ? Infinity : (durationSeconds(value) ?? Infinity);
  return Math.min(most(request), most(backendRequest));
}

/** What is trusted of a controller that the program does not install. Said in each verdict. */
export function gatewayAssumptions({ balancers, cluster }: World, { routes }: Declaration): readonly string[] {
  const outer = [...balancers.values()].filter(({ isPublic }) => isPublic);
  const idle = Math.max(0, ...outer.flatMap(({ services }) => services.map(({ idleSeconds }) => idleSeconds ?? 0)));
  const body = Math.max(0, ...routes.map(({ maxBodyMb }) => maxBodyMb));
  return cluster.gateways.flatMap((gateway) => [
    ...shapes(gateway),
    `${gateway.label}: its controller believes forwarded headers of ${outer.map(({ name, addressText }) => `${name} (${addressText})`).join(", ")} only.`,
    `${gateway.label}: its controller bears silence of ${idle} s, and keeps idle connections of the load balancers for longer; it passes on bodies of ${body} MiB, and answers byte by byte as they come; it tries once.`,
  ]);
}

function shapes({ label, namespace, className, services }: Gateway): readonly string[] {
  return services.flatMap((service) => {
    const ports = service.ports.map(({ port, targetPort }) =>
      typeof targetPort === "string" && targetPort !== String(port) ? `${port} named "${targetPort}"` : String(port),
    );
    return [
      `${label}: its controller (class ${className}) is not installed by the program. It is a DaemonSet on every node's own network, in namespace ${namespace}, with the labels ${pairs(service.selector)}, which Service ${service.namespace}/${service.name} selects; it listens on port ${ports.join(", ")}, and answers GET /healthz with 200 for any host.`,
    ];
  });
}

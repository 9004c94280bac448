import { z } from "zod";
import { limitExceeded, refused, invalidField } from "../http/apiError";
import type { LoadBalancerType } from "../model/catalog";
import type { HealthCheck, LoadBalancerService, ServiceHttp } from "../model/rows";
import { id } from "./body";

const port = z.int().min(1).max(65535);

const healthHttp = z.object({
  domain: z.string().max(128).nullish(),
  path: z.string().max(256).nullish(),
  response: z.string().max(256).nullish(),
  status_codes: z
    .array(z.string().regex(/^[1-5][0-9?]{2}$/, "must be a status code such as 200 or 2??"))
    .max(20)
    .nullish(),
  tls: z.boolean().nullish(),
});
const healthCheck = z.object({
  protocol: z.enum(["tcp", "http"]).optional(),
  port: port.optional(),
  interval: z.int().min(3).max(60).optional(),
  timeout: z.int().min(1).max(60).optional(),
  retries: z.int().min(1).max(5).optional(),
  http: healthHttp.nullish(),
});
const http = z.object({
  cookie_name: z.string().min(1).max(100).optional(),
  cookie_lifetime: z.int().min(30).max(86400).optional(),
  timeout_idle: z.int().min(30).max(300).optional(),
  certificates: z.array(id).nullish(),
  redirect_http: z.boolean().optional(),
  sticky_sessions: z.boolean().optional(),
});

/** A service as requests give it; whatever is missing keeps its value, or takes the default. */
export const serviceBody = z.object({
  protocol: z.enum(["tcp", "http", "https"]).optional(),
  listen_port: port.optional(),
  destination_port: port.optional(),
  proxyprotocol: z.boolean().optional(),
  health_check: healthCheck.nullish(),
  http: http.nullish(),
});
export type ServiceBody = z.infer<typeof serviceBody>;

const DEFAULT_HTTP: ServiceHttp = {
  cookie_name: "HCLBSTICKY",
  cookie_lifetime: 300,
  timeout_idle: 50,
  certificates: [],
  redirect_http: false,
  sticky_sessions: false,
};
const DEFAULT_CHECK_HTTP: NonNullable<HealthCheck["http"]> = {
  domain: "",
  path: "/",
  response: "",
  status_codes: ["2??", "3??"],
  tls: false,
};

/** The fields of `wish` that are given, over `base`. */
function over<T extends object>(
  base: T,
  wish: { readonly [K in keyof T]?: T[K] | null | undefined } | null | undefined,
): T {
  const given = Object.entries(wish ?? {}).filter(([, value]) => value !== undefined && value !== null);
  return { ...base, ...Object.fromEntries(given) };
}

function completeCheck(wish: ServiceBody["health_check"], before: HealthCheck): HealthCheck {
  const { http: wishedHttp, ...plain } = wish ?? {};
  const { http: beforeHttp, ...rest } = before;
  const merged = over(rest, plain);
  if (merged.protocol === "tcp") return merged;
  return { ...merged, http: over(beforeHttp ?? DEFAULT_CHECK_HTTP, wishedHttp) };
}

/** A new service, defaults filled in. @throws ApiError invalid_input */
export function newService(wish: ServiceBody): LoadBalancerService {
  if (wish.protocol === undefined) throw invalidField("protocol", "is needed");
  const known = wish.protocol === "tcp" ? undefined : { listen: wish.protocol === "https" ? 443 : 80, destination: 80 };
  const listenPort = wish.listen_port ?? known?.listen;
  const destinationPort = wish.destination_port ?? known?.destination;
  if (listenPort === undefined) throw invalidField("listen_port", "is needed for protocol tcp");
  if (destinationPort === undefined) throw invalidField("destination_port", "is needed for protocol tcp");
  const checkDefaults: HealthCheck = {
    protocol: wish.protocol === "tcp" ? "tcp" : "http",
    port: destinationPort,
    interval: 15,
    timeout: 10,
    retries: 3,
  };
  return {
    protocol: wish.protocol,
    listen_port: listenPort,
    destination_port: destinationPort,
    proxyprotocol: wish.proxyprotocol ?? false,
    health_check: completeCheck(wish.health_check, checkDefaults),
    ...(wish.protocol === "tcp" ? {} : { http: over(DEFAULT_HTTP, wish.http) }),
  };
}

/** A service with the given fields changed. */
export function changedService(before: LoadBalancerService, wish: ServiceBody): LoadBalancerService {
  const protocol = wish.protocol ?? before.protocol;
  const { http: beforeHttp, ...rest } = before;
  return {
    ...rest,
    protocol,
    destination_port: wish.destination_port ?? before.destination_port,
    proxyprotocol: wish.proxyprotocol ?? before.proxyprotocol,
    health_check: completeCheck(wish.health_check, before.health_check),
    ...(protocol === "tcp" ? {} : { http: over(beforeHttp ?? DEFAULT_HTTP, wish.http) }),
  };
}

/** Ports a service listens on: a redirect takes port 80 as well. */
const portsOf = (service: LoadBalancerService): number[] => [
  service.listen_port,
  ...(service.http?.redirect_http === true ? [80] : []),
];

/** Rules over all services of one load balancer. @throws ApiError */
export function checkServices(
  services: readonly LoadBalancerService[],
  type: LoadBalancerType,
  certificateMistake: (id: number) => string | undefined,
): void {
  if (services.length > type.max_services) throw limitExceeded(`services of a ${type.name}`, type.max_services);
  const ports = services.flatMap(portsOf);
  const twice = ports.find((candidate, index) => ports.indexOf(candidate) !== index);
  if (twice !== undefined)
    throw refused("source_port_already_used", `port ${twice} is already used by another service of the load balancer`);
  for (const { protocol, http: settings } of services) {
    if (protocol === "https" && settings?.certificates.length === 0)
      throw invalidField("http.certificates", "at least one is needed for protocol https");
    if (protocol === "http" && settings?.redirect_http === true)
      throw invalidField("http.redirect_http", "is only possible for protocol https");
    if (protocol === "http" && (settings?.certificates.length ?? 0) > 0)
      throw invalidField("http.certificates", "are only possible for protocol https");
    for (const certificate of settings?.certificates ?? []) {
      const mistake = certificateMistake(certificate);
      if (mistake !== undefined) throw invalidField("http.certificates", mistake);
    }
  }
  const certificates = new Set(services.flatMap((service) => service.http?.certificates ?? []));
  if (certificates.size > type.max_assigned_certificates)
    throw limitExceeded(`certificates of a ${type.name}`, type.max_assigned_certificates);
}

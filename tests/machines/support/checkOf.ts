import type { HealthCheck } from "../../../components/topology/healthCheck";

/** A load balancer's health check as Hetzner's API shows it. */
export function checkOf(check: HealthCheck): object {
  const timing = {
    port: check.port,
    interval: check.intervalSeconds,
    timeout: check.timeoutSeconds,
    retries: check.retries,
  };
  if (check.kind !== "http") return { protocol: "tcp", ...timing };
  return {
    protocol: "http",
    ...timing,
    http: { path: check.path, status_codes: check.statuses.map(String), tls: check.tls ?? false },
  };
}

import { stringify } from "yaml";

/** Answers of a public host that prove the whole way to its application: pages, redirects, and refusals of its own. */
const ALIVE = [200, 204, 301, 302, 303, 307, 308, 401, 403, 404] as const;

export const PROBE_MODULES = { web: "web", tls: "tls" } as const;

/** blackbox.yml: what to ask, and which answers are good. `verify`: false where certificates are self-signed. */
export function blackboxConfig({ verify }: { readonly verify: boolean }): string {
  return stringify(
    {
      modules: {
        [PROBE_MODULES.web]: {
          prober: "http",
          timeout: "9s",
          http: {
            method: "GET",
            follow_redirects: false,
            fail_if_not_ssl: true,
            valid_status_codes: [...ALIVE],
            preferred_ip_protocol: "ip4",
            ...(verify ? {} : { tls_config: { insecure_skip_verify: true } }),
          },
        },
        // Only the age of the certificate is asked; whoever uses the service verifies it with its own authority.
        [PROBE_MODULES.tls]: {
          prober: "tcp",
          timeout: "5s",
          tcp: { tls: true, tls_config: { insecure_skip_verify: true }, preferred_ip_protocol: "ip4" },
        },
      },
    },
    { lineWidth: 0 },
  );
}

import type { FileSpec, HostConfigPart } from "../machines/hostConfig";
import { hasSecret } from "../secrets/secretRef";
import { HAPROXY_HEALTH_PORT, haproxyConfig, type HaproxyConfigArgs } from "./haproxyConfig";

const CONFIG_PATH = "/etc/haproxy/haproxy.cfg";

export interface HaproxyFragmentArgs extends HaproxyConfigArgs {
  /** Certificates of authorities that checks verify against. */
  readonly authorities: readonly { readonly path: string; readonly certificate: string }[];
}

/** HAProxy on one host, from the distribution's own package. */
export function haproxyFragment(args: HaproxyFragmentArgs): HostConfigPart {
  return haproxyHost(
    haproxyConfig(args),
    args.authorities.map(({ path, certificate }) => ({ path, content: certificate })),
    { host: args.address, port: HAPROXY_HEALTH_PORT },
  );
}

/** Package, configuration and unit around any haproxy.cfg. `answers`: where it must accept connections in the end. */
export function haproxyHost(
  content: string,
  files: readonly FileSpec[],
  answers: { readonly host: string; readonly port: number },
): HostConfigPart {
  return {
    packages: [{ name: "haproxy" }],
    // Daemons bind the private address, which may come up after them.
    sysctl: [{ key: "net.ipv4.ip_nonlocal_bind", value: 1 }],
    files: [
      ...files,
      {
        path: CONFIG_PATH,
        content,
        group: "haproxy",
        mode: "0640",
        secret: hasSecret(content),
        validate: "haproxy -c -q -f %s",
      },
    ],
    units: [
      {
        name: "haproxy.service",
        enabled: true,
        state: "running",
        reloadOn: [CONFIG_PATH, ...files.map(({ path }) => path)],
      },
    ],
    checks: [
      {
        id: "haproxy-answers",
        command: `timeout 3 bash -c '</dev/tcp/${answers.host}/${answers.port}'`,
        attempts: 15,
        remedy:
          "journalctl -u haproxy shows why it does not listen; haproxy -c -f /etc/haproxy/haproxy.cfg checks the file",
      },
    ],
  };
}

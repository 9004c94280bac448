import { createHash } from "node:crypto";
import type { SimulatedHost } from "@standin/machines/simulated";

/** Where a server has its cluster's authorities. */
export const K3S_TLS = "/var/lib/rancher/k3s/server/tls";

/** Where a machine finds its token: a server's, and what an agent joins with. */
const TOKENS = { server: "/etc/rancher/k3s/token", agent: "/etc/rancher/k3s/agent-token" } as const;

/** Does it hold a member already, and with it its cluster's authorities? */
export const holdsMember = (host: SimulatedHost): boolean => host.read(`${K3S_TLS}/server-ca.crt`) !== undefined;

/**
 * Why K3s does not start with the token of that machine: it names another authority than the cluster that it joins has.
 * An agent asks at each start, a server when it joins, for one with a member of its own asks nobody (k3s-io/k3s
 * pkg/clientaccess, validateCAHash; pkg/cluster, shouldBootstrapLoad). A short token names none, and is not held
 * against any.
 *
 * @param certificate the cluster's server-ca.crt
 */
export function tokenMistake(
  host: SimulatedHost,
  role: keyof typeof TOKENS,
  certificate: string | undefined,
): string | undefined {
  const [, named] = /^K10([0-9a-f]*)::/.exec(host.read(TOKENS[role]) ?? "") ?? [];
  if (named === undefined || certificate === undefined || (role === "server" && holdsMember(host))) return undefined;
  if (named.length !== 64) return "invalid token CA hash length";
  const sum = createHash("sha256").update(certificate).digest("hex");
  return named === sum ? undefined : `token CA hash does not match the Cluster CA certificate hash: ${named} != ${sum}`;
}

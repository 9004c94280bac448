import { parse, stringify } from "yaml";
import { z } from "zod";

// Loose: what a kubeconfig may hold besides is kept.
const KUBECONFIG = z.looseObject({
  apiVersion: z.literal("v1"),
  kind: z.literal("Config"),
  clusters: z.array(
    z.looseObject({
      name: z.string(),
      cluster: z.looseObject({ server: z.string(), "certificate-authority-data": z.string() }),
    }),
  ),
  contexts: z.array(z.looseObject({ name: z.string() })),
  users: z.array(z.looseObject({ name: z.string() })),
  "current-context": z.string(),
});

export interface KubeconfigRewrite {
  /** Where operators reach the API: "https://203.0.113.9:6443". */
  readonly serverUrl: string;
  /** Name or address in the API's certificate: "10.0.0.10". */
  readonly tlsServerName: string;
}

/**
 * The kubeconfig that K3s wrote for its own machine (server: https://127.0.0.1:6443), for use from elsewhere. The
 * server's certificate stays verified: against the cluster's own authority, under the name it is made out to.
 *
 * @throws without a word of the content, which is a credential.
 */
export function rewriteKubeconfig(text: string, { serverUrl, tlsServerName }: KubeconfigRewrite): string {
  if (!/^https:\/\/[^/\s]+$/.test(serverUrl)) {
    throw new Error(`kubeconfig: server "${serverUrl}"; allowed: https://HOST:PORT without a path`);
  }
  const config = KUBECONFIG.safeParse(parseQuietly(text));
  if (!config.success) {
    const fields = config.error.issues.map(({ path }) => (path.length === 0 ? "the whole" : path.join("."))).join(", ");
    throw new Error(
      `kubeconfig of the first server: not what K3s writes (${fields}); look at /etc/rancher/k3s/k3s.yaml on that server`,
    );
  }
  const [entry, ...further] = config.data.clusters;
  if (entry === undefined || further.length > 0) {
    throw new Error(
      `kubeconfig of the first server: ${config.data.clusters.length} clusters; allowed: exactly one, as K3s writes it`,
    );
  }
  const cluster = { ...entry.cluster, server: serverUrl, "tls-server-name": tlsServerName };
  return stringify({ ...config.data, clusters: [{ ...entry, cluster }] }, { lineWidth: 0 });
}

function parseQuietly(text: string): unknown {
  try {
    return parse(text) as unknown;
  } catch {
    return undefined;
  }
}

import { stringify } from "yaml";

export interface KubeconfigArgs {
  /** Of cluster, user and context within the file: "keybuzz-prod". */
  readonly name: string;
  /** Where operators reach the API: "https://203.0.113.9:6443". */
  readonly serverUrl: string;
  /** Name or address in the API's certificate: "10.0.0.10". */
  readonly tlsServerName: string;
  /** Who signs the API's certificate. PEM. */
  readonly serverAuthority: string;
  /** PEM. */
  readonly clientCertificate: string;
  /** PEM. */
  readonly clientKey: string;
}

/**
 * A kubeconfig with one cluster and one user. The server's certificate is verified: against the cluster's own
 * authority, under the name it is made out to.
 *
 * @throws without a word of the key.
 */
export function kubeconfig(args: KubeconfigArgs): string {
  const { name, serverUrl } = args;
  if (!/^https:\/\/[^/\s]+$/.test(serverUrl)) {
    throw new Error(`kubeconfig: server "${serverUrl}"; allowed: https://HOST:PORT without a path`);
  }
  const cluster = {
    server: serverUrl,
    "tls-server-name": args.tlsServerName,
    "certificate-authority-data": encoded("serverAuthority", "CERTIFICATE", args.serverAuthority),
  };
  const user = {
    "client-certificate-data": encoded("clientCertificate", "CERTIFICATE", args.clientCertificate),
    "client-key-data": encoded("clientKey", "PRIVATE KEY", args.clientKey),
  };
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name, cluster }],
    users: [{ name, user }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    "current-context": name,
  };
  return stringify(config, { lineWidth: 0 });
}

function encoded(what: string, label: "CERTIFICATE" | "PRIVATE KEY", pem: string): string {
  if (!new RegExp(`-----BEGIN ([A-Z]+ )?${label}-----`).test(pem)) {
    throw new Error(
      `kubeconfig: ${what} is not a ${label} in PEM; look at /var/lib/rancher/k3s/server/tls on the first server`,
    );
  }
  return Buffer.from(pem, "utf8").toString("base64");
}

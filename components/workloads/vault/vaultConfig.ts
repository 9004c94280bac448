/** How a sealed Vault gets its key back after a start. */
export type VaultUnseal =
  /** People enter their shares: docs/operate.md, Vault. */
  | { readonly kind: "manual" }
  /** Another Vault decrypts the key. Its token is the stack's secret `vaultTransitToken`. */
  | {
      readonly kind: "transit";
      /** "https://vault.example.org:8200", reached over the internet. */
      readonly address: string;
      /** Key in its secrets engine "transit". */
      readonly keyName: string;
    };

export const VAULT_PORTS = { api: 8200, cluster: 8201 } as const;
export const VAULT_FILES = {
  config: "/vault/config/vault.hcl",
  cert: "/vault/tls/tls.crt",
  key: "/vault/tls/tls.key",
  authority: "/vault/tls/ca.crt",
} as const;
export const VAULT_DATA = "/vault/data";
/** In the image; the other Vault's certificate is a public one. */
const PUBLIC_AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt";

/**
 * The server's configuration. It is one text for all members: what differs (names, addresses) comes from the
 * environment. (developer.hashicorp.com/vault/docs/configuration: listener, storage/raft, seal/transit.)
 */
export function vaultConfig(members: readonly string[], unseal: VaultUnseal): string {
  return [
    "ui            = true",
    // With integrated storage its memory-mapped file must not be locked; the hosts have no swap.
    "disable_mlock = true",
    'log_format    = "json"',
    "",
    ...block('listener "tcp"', {
      address: `0.0.0.0:${VAULT_PORTS.api}`,
      cluster_address: `0.0.0.0:${VAULT_PORTS.cluster}`,
      tls_cert_file: VAULT_FILES.cert,
      tls_key_file: VAULT_FILES.key,
      tls_min_version: "tls12",
    }),
    "",
    'storage "raft" {',
    `  path = ${quote(VAULT_DATA)}`,
    // A member tries all of them, itself included, until one that leads takes it in.
    ...members.flatMap((host) =>
      block("retry_join", {
        leader_api_addr: `https://${host}:${VAULT_PORTS.api}`,
        leader_ca_cert_file: VAULT_FILES.authority,
      }).map((line) => `  ${line}`),
    ),
    "}",
    ...(unseal.kind === "manual"
      ? []
      : [
          "",
          // The token comes from VAULT_TOKEN.
          ...block('seal "transit"', {
            address: unseal.address,
            key_name: unseal.keyName,
            mount_path: "transit/",
            tls_ca_cert: PUBLIC_AUTHORITIES,
          }),
        ]),
    "",
  ].join("\n");
}

function block(head: string, values: Readonly<Record<string, string>>): readonly string[] {
  return [`${head} {`, ...Object.entries(values).map(([name, value]) => `  ${name} = ${quote(value)}`), "}"];
}

/** HCL's strings are JSON's, as long as they hold no "${". */
function quote(value: string): string {
  return JSON.stringify(value);
}

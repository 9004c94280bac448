import { VAULT_AUDIENCE, vaultPath, vaultRole } from "../../apps/vaultAgent";

/** An application that has secrets in Vault. */
export interface VaultApp {
  /** Of the application and of its pods' account. */
  readonly name: string;
  readonly namespace: string;
}

/**
 * What whoever keeps Vault runs in one of its pods, as often as wanted: each application reads below its own path, by
 * the account of its own pods, and nothing else. Roles and policies of applications that are gone go; others than
 * "app-..." are left alone.
 */
export function vaultAccessScript(apps: readonly VaultApp[]): string {
  const roles = apps.map(({ name }) => vaultRole(name));
  return [
    "set -eu",
    ...apps.flatMap(({ name, namespace }) => [
      `vault policy write ${vaultRole(name)} - <<'END'`,
      `path "${vaultPath(name, "*")}" {`,
      '  capabilities = ["read"]',
      "}",
      "END",
      [
        `vault write auth/kubernetes/role/${vaultRole(name)}`,
        `bound_service_account_names=${name} bound_service_account_namespaces=${namespace}`,
        `audience=${VAULT_AUDIENCE} token_policies=${vaultRole(name)} token_ttl=1h`,
      ].join(" "),
    ]),
    "for role in $(vault list auth/kubernetes/role 2>/dev/null | grep '^app-' || true); do",
    `  case " ${roles.join(" ")} " in *" $role "*) continue ;; esac`,
    '  vault delete "auth/kubernetes/role/$role"',
    '  vault policy delete "$role"',
    "done",
    "",
  ].join("\n");
}

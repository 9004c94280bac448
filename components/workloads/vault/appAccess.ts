import { join } from "node:path";
import { VAULT_AUDIENCE } from "../../apps/vaultAgent";
import { shellScript } from "../../machines/shellScript";

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
  return shellScript(join(__dirname, "appAccess.sh"), {
    apps: apps.map(({ name, namespace }) => `${name}/${namespace}`).join(" "),
    audience: VAULT_AUDIENCE,
  });
}

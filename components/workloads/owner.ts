import type { Administrator } from "../apps/appArgs";
import type { SecretLedger } from "../secrets/secretLedger";

/**
 * Beside the generated letters and digits: n8n asks for a digit and a capital, Chatwoot for a small letter and a special
 * character as well, and not every generated text has all of them.
 */
const ONE_OF_EACH = "Kb1!";

/** The first account of an application: its password is the secret "<app>/owner". */
export function ownerOf(
  app: string,
  { host, ownerEmail }: { readonly host: string; readonly ownerEmail?: string },
  secrets: SecretLedger,
): Administrator {
  return {
    user: ownerEmail ?? `admin@${host.split(".").slice(1).join(".")}`,
    password: `${ONE_OF_EACH}${secrets.generated(`${app}/owner`)}`,
  };
}

import type { Environment } from "./environment";

/**
 * Secrets that come from configuration, by key, and where an operator gets them. They are not in Pulumi.yaml:
 * the CLI would demand every one of them in every stack, also where nothing uses it.
 */
export const SECRET_CONFIG: Readonly<Record<string, string>> = {
  ghcrToken: "GitHub, Settings, Developer settings: a token that may read packages of keybuzzio",
  webCertificate: 'PEM of the certificate of all public hosts, where the environment says "uploaded"',
  webCertificateKey: "PEM of its private key",
  alertWebhookUrl:
    'address of an incoming webhook (Slack, Mattermost), where the environment says monitoring.alerts "chat"',
  vaultTransitToken: 'token of the other Vault, where the environment says workloads.vault.unseal "transit"',
  chatwootSmtpPassword: "password of the mail relay that the environment names in workloads.chatwoot.smtp",
};

/** Keys of all secrets that an environment may use: these, and those that its applications and registries name. */
export function secretKeys({ workloads: { apps = [], registries = [] } }: Environment): readonly string[] {
  const named = apps.flatMap(({ configuredSecrets = {} }) => Object.values(configuredSecrets));
  return [...new Set([...Object.keys(SECRET_CONFIG), ...named, ...registries.map(({ passwordKey }) => passwordKey)])];
}

/** The provider's own, which is no key of the project. */
const TOKEN = "hcloud:token";

/**
 * Secrets that stand in the stack's configuration in plain text, a sentence each: whoever has the repository has them.
 *
 * @param keys all that the stack has, with their project
 * @param encrypted those of them that are secret
 */
export function plainSecretWarnings(
  environment: Environment,
  keys: readonly string[],
  encrypted: readonly string[],
): readonly string[] {
  const confidential = [TOKEN, ...secretKeys(environment).map((key) => `keybuzz:${key}`)];
  return confidential
    .filter((key) => keys.includes(key) && !encrypted.includes(key))
    .map(
      (key) =>
        `${key} stands in Pulumi.${environment.name}.yaml in plain text. Give it another value, for this one is in the repository's history: pulumi config set --secret ${key}`,
    );
}

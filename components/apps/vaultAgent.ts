import { namedTwice, type Mistake } from "../mistakes";
import type { Volume } from "./podManifests";

/** Pods with this label, set to "inject", are shown to Vault's injector; it does nothing without its own annotations. */
export const INJECTION_LABEL = "keybuzz.io/vault";
export const INJECTION_VALUE = "inject";
/** What a pod's token is good for: Vault alone. */
export const VAULT_AUDIENCE = "vault";

const TOKEN_VOLUME = "vault-token";
const TOKEN_SECONDS = 3600;
const ANNOTATION = "vault.hashicorp.com";

/** A file that Vault's agent writes into /vault/secrets, and keeps up to date. */
export interface VaultFile {
  /** Lower-case: "stripe.env". */
  readonly name: string;
  /** Of the application's own, in Vault's engine "secret" below "apps/<application>/": "stripe". */
  readonly secret: string;
  /** env: KEY=value lines; json: one object; a key: its value alone. */
  readonly as: "env" | "json" | { readonly key: string };
}

/** The role and policy of an application in Vault. */
export const vaultRole = (app: string): string => `app-${app}`;
/** The path of one of its secrets in the API of the KV engine, version 2. */
export const vaultPath = (app: string, secret: string): string => `secret/data/apps/${app}/${secret}`;

/**
 * What makes the injector put an agent into a pod (developer.hashicorp.com, Agent Injector annotations).
 *
 * @param ends it is a Job's: an agent that runs on would keep it from ending
 */
export function vaultAnnotations(
  app: string,
  files: readonly VaultFile[],
  ends: boolean,
): Readonly<Record<string, string>> {
  if (files.length === 0) return {};
  const own = Object.fromEntries(
    files.flatMap(({ name, secret, as }) => [
      [`${ANNOTATION}/agent-inject-secret-${name}`, vaultPath(app, secret)],
      [`${ANNOTATION}/agent-inject-template-${name}`, template(vaultPath(app, secret), as)],
    ]),
  );
  return {
    [`${ANNOTATION}/agent-inject`]: "true",
    [`${ANNOTATION}/role`]: vaultRole(app),
    // The pod's own account has no token of the Kubernetes API.
    [`${ANNOTATION}/agent-service-account-token-volume-name`]: TOKEN_VOLUME,
    // What is done before the start finds the files.
    [`${ANNOTATION}/agent-init-first`]: "true",
    [`${ANNOTATION}/agent-pre-populate-only`]: String(ends),
    [`${ANNOTATION}/agent-requests-cpu`]: "25m",
    ...own,
  };
}

export function vaultLabels(files: readonly VaultFile[]): Readonly<Record<string, string>> {
  return files.length === 0 ? {} : { [INJECTION_LABEL]: INJECTION_VALUE };
}

/** The token by which Vault knows the pod; only the agent mounts it. */
export function vaultVolumes(files: readonly VaultFile[]): readonly Volume[] {
  if (files.length === 0) return [];
  const serviceAccountToken = { path: "token", audience: VAULT_AUDIENCE, expirationSeconds: TOKEN_SECONDS };
  return [{ name: TOKEN_VOLUME, projected: { sources: [{ serviceAccountToken }] } }];
}

export function vaultFileMistakes(path: string, files: readonly VaultFile[]): readonly Mistake[] {
  return namedTwice(
    files.map(({ name }, i) => ({ name, path: `${path}[${i}].name` })),
    "each file once",
    "rename one",
  );
}

/** In the language of Vault's agent (consul-template). */
function template(path: string, as: VaultFile["as"]): string {
  const data = `{{- with secret "${path}" -}}`;
  if (as === "json") return `${data}{{ .Data.data | toJSON }}{{- end -}}`;
  if (as === "env") return `${data}{{ range $key, $value := .Data.data }}{{ $key }}={{ $value }}\n{{ end }}{{- end -}}`;
  return `${data}{{ index .Data.data "${as.key}" }}{{- end -}}`;
}

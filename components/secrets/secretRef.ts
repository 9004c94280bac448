import type { Kept } from "./kept";

/**
 * A secret is named in the plan and only becomes a value while resources are registered. Until then its
 * placeholder stands in texts (files, URLs, environment variables), so that the whole plan can be printed,
 * compared and verified without knowing any secret.
 */
export type SecretSpec = GeneratedSecret | ConfiguredSecret | CertificatePart | DeployPublicKey;

/** Letters and digits only: safe in URLs, shell, SQL, ini and YAML without quoting. Made by @pulumi/random. */
export interface GeneratedSecret {
  readonly kind: "generated";
  /** Unique, readable, stable: "postgres/chatwoot". It is the logical name of the resource: changing it makes a new secret. */
  readonly id: string;
  /** Characters. */
  readonly length: number;
  readonly alphabet: "alphanumeric" | "hex";
  /** How often it was rotated: another number is another value. Default 0. */
  readonly rotation?: number;
  /** What nobody can read any more once it is gone. Default: nothing; another one does as well. */
  readonly kept?: Kept;
}

/** Comes from the stack's secret configuration. */
export interface ConfiguredSecret {
  readonly kind: "configured";
  readonly id: string;
  /** Key in Pulumi.<stack>.yaml, without the project's prefix: "ghcrToken". */
  readonly configKey: string;
}

/** The public half of the key with which the program logs in: no secret, but known only once it is made. */
export interface DeployPublicKey {
  readonly kind: "deployKey";
  readonly id: string;
  /** How often it was rotated: another number is another key. Default 0. */
  readonly rotation?: number;
}

/** One text of a certificate that the stack's own authority signs, for TLS inside the private network: PEM, or a sum. */
export interface CertificatePart {
  readonly kind: "certificate";
  /** "<certificate id>.key", "<certificate id>.cert", "<authority id>.ca", ".ca-key" or ".ca-sum". */
  readonly id: string;
  /** caSum: SHA-256 of the authority's certificate, as its PEM text is: 64 hexadecimal digits, and no secret. */
  readonly part: "key" | "cert" | "ca" | "caKey" | "caSum";
  readonly certificate: CertificateSpec;
}

export interface CertificateSpec {
  /** "postgres/db-master-01". */
  readonly id: string;
  /** Authority: one per cluster of machines, e.g. "postgres". */
  readonly authority: string;
  readonly commonName: string;
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  /** How often it was rotated: another number is another key. Default 0. */
  readonly rotation?: number;
}

const OPEN = "<<secret:";
const CLOSE = ">>";
const PATTERN = /<<secret:([A-Za-z0-9][A-Za-z0-9/._-]*)>>/g;

/** What stands for the secret in a text. */
export function placeholder(id: string): string {
  return `${OPEN}${id}${CLOSE}`;
}

/** Ids of all secrets named in a text, each once, in order of appearance. */
export function referencedSecrets(text: string): readonly string[] {
  return [...new Set([...text.matchAll(PATTERN)].map((match) => match[1] ?? ""))];
}

export function hasSecret(text: string): boolean {
  return referencedSecrets(text).length > 0;
}

/** Has a text a placeholder, or what would become one? To refuse what others wrote. */
export function startsPlaceholder(text: string): boolean {
  return text.includes(OPEN);
}

/** Puts values in the place of placeholders. A missing value is an error naming the id, never the text. */
export function substituteSecrets(text: string, values: ReadonlyMap<string, string>): string {
  return text.replaceAll(PATTERN, (_match, id: string) => {
    const value = values.get(id);
    if (value === undefined)
      throw new Error(`secret "${id}" is used but was never declared; declare it in the SecretLedger`);
    return value;
  });
}

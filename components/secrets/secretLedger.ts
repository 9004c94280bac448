import { alternatingAccount, type Account } from "./account";
import type { Kept } from "./kept";
import { placeholder, type CertificateSpec, type SecretSpec } from "./secretRef";

/** Of the key with which the program logs in, among what can be rotated. */
const DEPLOY_KEY_ID = "ssh/deploy";

/** Placeholders of an authority's certificate and key (PEM), and of the SHA-256 of that certificate's text. */
export interface WholeAuthority {
  readonly certificate: string;
  readonly key: string;
  readonly sum: string;
}

/**
 * Collects every secret that the plan names. Each method returns the placeholder to put into texts.
 * Asking twice for one id gives the same secret; asking for it in another shape is an error.
 *
 * @example
 * const password = secrets.generated("postgres/chatwoot");
 * env.DATABASE_URL = `postgres://chatwoot:${password}@10.0.0.10:5432/chatwoot`;
 */
export class SecretLedger {
  readonly #specs = new Map<string, SecretSpec>();
  readonly #rotatable = new Set<string>();

  /** @param rotations how often each secret was rotated, by id (Environment.rotations). Default: none ever was. */
  constructor(private readonly rotations: Readonly<Record<string, number>> = {}) {}

  /** Letters and digits, 32 characters (190 bits) by default. */
  generated(id: string, length = 32): string {
    return this.#add({ kind: "generated", id, length, alphabet: "alphanumeric" });
  }

  /**
   * One that encrypts data, or that people and machines were given: another one is no replacement. It goes by consent
   * alone.
   */
  kept(id: string, kept: Kept, length = 32): string {
    return this.#add({ kind: "generated", id, length, alphabet: "alphanumeric", kept });
  }

  /** Lower-case hexadecimal digits; 64 by default, which is a 256-bit key. */
  hex(id: string, length = 64): string {
    return this.#add({ kind: "generated", id, length, alphabet: "hex" });
  }

  /** A password that its service accepts beside the one before it, until that is retired. */
  rotated(id: string, length = 32): { readonly password: string; readonly rotation: number } {
    const rotation = this.#rotation(id);
    return {
      password: this.#add({ kind: "generated", id, length, alphabet: "alphanumeric", ...numbered(rotation) }),
      rotation,
    };
  }

  /** A user of a service that knows one password per user, and its password; rotated by taking turns. */
  account(id: string, name: string, length = 32): Account {
    const { password, rotation } = this.rotated(id, length);
    return alternatingAccount(name, rotation, password);
  }

  /** The public half of the program's own key, as a line of authorized_keys. */
  deployKey(): { readonly publicKey: string; readonly rotation: number } {
    const rotation = this.#rotation(DEPLOY_KEY_ID);
    return { publicKey: this.#add({ kind: "deployKey", id: DEPLOY_KEY_ID, ...numbered(rotation) }), rotation };
  }

  /** From the stack's configuration; a missing key is reported before anything is registered. */
  configured(configKey: string): string {
    return this.#add({ kind: "configured", id: `config/${configKey}`, configKey });
  }

  /** A certificate for machines of the private network: placeholders of its key, itself, and the authority to trust. */
  certificate(wanted: CertificateSpec): { readonly key: string; readonly cert: string; readonly ca: string } {
    const certificate = { ...wanted, ...numbered(this.#rotation(wanted.id)) };
    const part = (name: "key" | "cert" | "ca", id: string): string =>
      this.#add({ kind: "certificate", id, part: name, certificate });
    return {
      key: part("key", `${certificate.id}.key`),
      cert: part("cert", `${certificate.id}.cert`),
      ca: this.authority(certificate.authority),
    };
  }

  /** The certificate of an authority alone, for clients that verify. */
  authority(authority: string): string {
    return this.#authority("ca", `${authority}.ca`, authority);
  }

  /** The same with its key, for whoever signs by himself, and its sum, for who is to know it again. */
  wholeAuthority(authority: string): WholeAuthority {
    return {
      certificate: this.authority(authority),
      key: this.#authority("caKey", `${authority}.ca-key`, authority),
      sum: this.#authority("caSum", `${authority}.ca-sum`, authority),
    };
  }

  /** How often something was rotated that is no text of the plan, such as a group of people. */
  turn(id: string): number {
    return this.#rotation(id);
  }

  get specs(): readonly SecretSpec[] {
    return [...this.#specs.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** Ids that may be rotated: consumers' logins and certificates. Whatever else is rotated breaks what was made with it. */
  get rotatable(): readonly string[] {
    return [...this.#rotatable].sort();
  }

  #authority(part: "ca" | "caKey" | "caSum", id: string, authority: string): string {
    const certificate = { id: authority, authority, commonName: authority, dnsNames: [], ipAddresses: [] };
    return this.#add({ kind: "certificate", id, part, certificate });
  }

  #rotation(id: string): number {
    this.#rotatable.add(id);
    return this.rotations[id] ?? 0;
  }

  #add(spec: SecretSpec): string {
    const known = this.#specs.get(spec.id);
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(spec)) {
      throw new Error(
        `secret "${spec.id}" is declared in two shapes: ${JSON.stringify(known)} and ${JSON.stringify(spec)}`,
      );
    }
    this.#specs.set(spec.id, spec);
    return placeholder(spec.id);
  }
}

/** Absent where never rotated: a plan without rotations says nothing of them. */
function numbered(rotation: number): { readonly rotation?: number } {
  return rotation === 0 ? {} : { rotation };
}

import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import * as tls from "@pulumi/tls";
import type { KeptFrom } from "./kept";
import { authorityName, keptSecrets } from "./keptSecrets";
import {
  referencedSecrets,
  substituteSecrets,
  type CertificateSpec,
  type GeneratedSecret,
  type SecretSpec,
} from "./secretRef";
import type { SecretResolver } from "./secretResolver";

/** Ten years: authorities are replaced by rotation, not by expiry. */
const AUTHORITY_HOURS = 10 * 365 * 24;
/** Two years, renewed by the first `up` within the last half year. */
const CERTIFICATE_HOURS = 2 * 365 * 24;
const RENEWAL_HOURS = 182 * 24;

interface Authority {
  readonly key: tls.PrivateKey;
  readonly cert: tls.SelfSignedCert;
}

export interface SecretStoreArgs {
  /** Everything that the plan named: SecretLedger.specs. */
  readonly specs: readonly SecretSpec[];
  /** Values of the configured secrets, by configuration key. */
  readonly configured: Readonly<Record<string, pulumi.Input<string>>>;
  /** The public half of the program's own key. */
  readonly deployKey: pulumi.Output<string>;
  /** Of those with which something is lost for ever, by their id and their owner. Default: all of them are kept. */
  readonly isProtected?: KeptFrom;
}

/**
 * Makes every secret that the plan names, and puts values in the place of placeholders.
 *
 * @example
 * const url = secrets.resolve("postgres://chatwoot:<<secret:postgres/chatwoot>>@10.0.0.10:5432/chatwoot");
 */
export class SecretStore extends pulumi.ComponentResource implements SecretResolver {
  readonly #values = new Map<string, pulumi.Output<string>>();
  /** Names of resources. */
  readonly #protected: ReadonlySet<string>;
  readonly #authorities = new Map<string, Authority>();

  constructor(name: string, args: SecretStoreArgs, opts?: pulumi.ComponentResourceOptions) {
    super("keybuzz:secrets:SecretStore", name, {}, opts);
    const certificates = new Map<string, CertificateSpec>();
    const { isProtected = () => true } = args;
    this.#protected = new Set(keptSecrets(args.specs).flatMap(({ id, owner }) => (isProtected(id, owner) ? [id] : [])));
    for (const spec of args.specs) {
      switch (spec.kind) {
        case "generated":
          this.#values.set(spec.id, this.#generate(spec));
          break;
        case "configured": {
          const value = args.configured[spec.configKey];
          if (value === undefined) throw new Error(`secret "${spec.configKey}" is not configured`);
          this.#values.set(spec.id, pulumi.secret(value));
          break;
        }
        case "deployKey":
          this.#values.set(spec.id, args.deployKey);
          break;
        case "certificate":
          if (spec.part === "key" || spec.part === "cert") certificates.set(spec.certificate.id, spec.certificate);
          else this.#values.set(spec.id, authorityPart(spec.part, this.#authority(spec.certificate.authority)));
          break;
      }
    }
    for (const certificate of certificates.values()) this.#certificate(certificate);
    this.registerOutputs();
  }

  /** The value of one secret; an id that the plan did not name is an error. */
  value(id: string): pulumi.Output<string> {
    const value = this.#values.get(id);
    if (value === undefined)
      throw new Error(`secret "${id}" was never declared; declare it in the SecretLedger of the plan`);
    return value;
  }

  /** The text with values in the place of placeholders: secret if there are any, plain otherwise. */
  resolve(text: string): pulumi.Output<string> {
    return this.use([text], (values) => substituteSecrets(text, values));
  }

  /**
   * Calls `render` with the values of all secrets named in `texts`. The result is secret if any of them is.
   * For texts that must be whole before something is made of them, such as a host's script.
   */
  use<T>(texts: readonly string[], render: (values: ReadonlyMap<string, string>) => T): pulumi.Output<T> {
    const ids = [...new Set(texts.flatMap(referencedSecrets))];
    // pulumi.all keeps the secretness of each value.
    return pulumi
      .all(ids.map((id) => this.value(id)))
      .apply<T>((values) => render(new Map(ids.map((id, i) => [id, values[i] ?? ""]))));
  }

  /** Nothing is said of the others: a child without the option is as its parent. */
  #own(name: string): pulumi.CustomResourceOptions {
    return { parent: this, ...(this.#protected.has(name) ? { protect: true } : {}) };
  }

  #generate({ id, length, alphabet, rotation }: GeneratedSecret): pulumi.Output<string> {
    const opts = this.#own(id);
    const keepers = rotation === undefined ? {} : { keepers: { rotation: String(rotation) } };
    if (alphabet === "hex") return new random.RandomBytes(id, { length: length / 2, ...keepers }, opts).hex;
    return new random.RandomPassword(id, { length, special: false, ...keepers }, opts).result;
  }

  #authority(authority: string): Authority {
    const known = this.#authorities.get(authority);
    if (known !== undefined) return known;
    const name = authorityName(authority);
    const opts = this.#own(name);
    const key = new tls.PrivateKey(name, { algorithm: "ECDSA", ecdsaCurve: "P256" }, opts);
    const cert = new tls.SelfSignedCert(
      name,
      {
        privateKeyPem: key.privateKeyPem,
        isCaCertificate: true,
        subject: { commonName: `KeyBuzz ${authority} authority`, organization: "KeyBuzz" },
        allowedUses: ["cert_signing", "crl_signing", "digital_signature"],
        validityPeriodHours: AUTHORITY_HOURS,
      },
      opts,
    );
    const made = { key, cert };
    this.#authorities.set(authority, made);
    return made;
  }

  #certificate({ id, authority, commonName, dnsNames, ipAddresses, rotation }: CertificateSpec): void {
    const opts = { parent: this };
    const ca = this.#authority(authority);
    // tls.PrivateKey has no keepers: the logical name carries the rotation, so a new number is a new key.
    const name = rotation === undefined ? id : `${id}-${rotation}`;
    const key = new tls.PrivateKey(name, { algorithm: "ECDSA", ecdsaCurve: "P256" }, opts);
    const request = new tls.CertRequest(
      name,
      {
        privateKeyPem: key.privateKeyPem,
        subject: { commonName, organization: "KeyBuzz" },
        dnsNames: [...dnsNames],
        ipAddresses: [...ipAddresses],
      },
      opts,
    );
    const cert = new tls.LocallySignedCert(
      name,
      {
        certRequestPem: request.certRequestPem,
        caPrivateKeyPem: ca.key.privateKeyPem,
        caCertPem: ca.cert.certPem,
        allowedUses: ["digital_signature", "key_encipherment", "server_auth", "client_auth"],
        validityPeriodHours: CERTIFICATE_HOURS,
        earlyRenewalHours: RENEWAL_HOURS,
      },
      opts,
    );
    this.#values.set(`${id}.key`, key.privateKeyPem);
    this.#values.set(`${id}.cert`, cert.certPem);
  }
}

function authorityPart(part: "ca" | "caKey" | "caSum", { key, cert }: Authority): pulumi.Output<string> {
  switch (part) {
    case "ca":
      return cert.certPem;
    case "caKey":
      return key.privateKeyPem;
    case "caSum":
      return cert.certPem.apply((pem) => createHash("sha256").update(pem).digest("hex"));
  }
}

import { createHash, randomBytes, webcrypto } from "node:crypto";
import "@standin/common/reflectMetadata";
import * as x509 from "@peculiar/x509";
import type { CertificateSpec, SecretSpec } from "../../../components/secrets/secretRef";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const DAY_MS = 24 * 3600 * 1000;

interface Authority {
  readonly certificate: x509.X509Certificate;
  readonly keys: webcrypto.CryptoKeyPair;
}

/** Values of a plan's secrets, by id: what SecretStore does with Pulumi's providers. What was not rotated keeps its value. */
export class SecretMaker {
  readonly #authorities = new Map<string, Authority>();
  /** By id and number of rotations. */
  readonly #texts = new Map<string, string>();
  readonly #pairs = new Map<string, { readonly key: string; readonly cert: string }>();

  async values(specs: readonly SecretSpec[]): Promise<ReadonlyMap<string, string>> {
    const values = new Map<string, string>();
    for (const spec of specs) values.set(spec.id, await this.#value(spec));
    return values;
  }

  async #value(spec: SecretSpec): Promise<string> {
    switch (spec.kind) {
      case "configured":
        return this.#text(spec.id, () => `configured${randomBytes(8).toString("hex")}`);
      case "deployKey":
        return this.#text(`${spec.id} ${spec.rotation ?? 0}`, publicKey);
      case "generated":
        return this.#text(`${spec.id} ${spec.rotation ?? 0}`, () =>
          randomBytes(spec.length).toString("hex").slice(0, spec.length),
        );
      case "certificate": {
        const { authority: name, id, rotation = 0 } = spec.certificate;
        const authority = this.#authorities.get(name) ?? (await makeAuthority(name));
        this.#authorities.set(name, authority);
        const pem = authority.certificate.toString("pem");
        if (spec.part === "ca") return pem;
        if (spec.part === "caSum") return createHash("sha256").update(pem).digest("hex");
        if (spec.part === "caKey") {
          const raw = await webcrypto.subtle.exportKey("pkcs8", authority.keys.privateKey);
          return x509.PemConverter.encode(raw, "PRIVATE KEY");
        }
        const pair = this.#pairs.get(`${id} ${rotation}`) ?? (await issue(authority, spec.certificate));
        this.#pairs.set(`${id} ${rotation}`, pair);
        return pair[spec.part];
      }
    }
  }

  #text(key: string, make: () => string): string {
    const text = this.#texts.get(key) ?? make();
    this.#texts.set(key, text);
    return text;
  }
}

/** Of a key that nobody has: machines of a bench are reached from inside. */
function publicKey(): string {
  const body = Buffer.concat([Buffer.from("\0\0\0\x0bssh-ed25519\0\0\0\x20", "latin1"), randomBytes(32)]);
  return `ssh-ed25519 ${body.toString("base64")}`;
}

const validity = () => ({ notBefore: new Date(Date.now() - DAY_MS), notAfter: new Date(Date.now() + 30 * DAY_MS) });
const newKeys = (): Promise<webcrypto.CryptoKeyPair> =>
  webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);

async function makeAuthority(name: string): Promise<Authority> {
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: "01",
    name: `CN=${name}`,
    ...validity(),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate, keys };
}

async function issue(authority: Authority, spec: CertificateSpec): Promise<{ key: string; cert: string }> {
  const keys = await newKeys();
  const names: x509.JsonGeneralName[] = [
    ...spec.dnsNames.map((value) => ({ type: "dns" as const, value })),
    ...spec.ipAddresses.map((value) => ({ type: "ip" as const, value })),
  ];
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: `01${randomBytes(7).toString("hex")}`,
    subject: `CN=${spec.commonName}`,
    issuer: authority.certificate.subject,
    ...validity(),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: authority.keys.privateKey,
    extensions: [
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
      new x509.SubjectAlternativeNameExtension(names),
      // As the provider's have it: Python 3.13 trusts none without.
      await x509.AuthorityKeyIdentifierExtension.create(authority.keys.publicKey),
    ],
  });
  const raw = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
  return { key: x509.PemConverter.encode(raw, "PRIVATE KEY"), cert: certificate.toString("pem") };
}

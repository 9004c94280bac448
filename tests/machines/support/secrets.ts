import { randomBytes, webcrypto } from "node:crypto";
import "../../../rehearsal/kubernetes/reflectMetadata";
import * as x509 from "@peculiar/x509";
import type { CertificateSpec, SecretSpec } from "../../../components/secrets/secretRef";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const DAY_MS = 24 * 3600 * 1000;

interface Authority {
  readonly certificate: x509.X509Certificate;
  readonly keys: webcrypto.CryptoKeyPair;
}

/** A value for every secret of a plan, by id: what SecretStore does with Pulumi's providers. */
export async function makeSecrets(specs: readonly SecretSpec[]): Promise<ReadonlyMap<string, string>> {
  const values = new Map<string, string>();
  const authorities = new Map<string, Authority>();
  const certificates = new Map<string, { readonly key: string; readonly cert: string }>();
  for (const spec of specs) {
    if (spec.kind === "configured") values.set(spec.id, `configured${randomBytes(8).toString("hex")}`);
    else if (spec.kind === "generated")
      values.set(spec.id, randomBytes(spec.length).toString("hex").slice(0, spec.length));
    else {
      const { authority: name, id } = spec.certificate;
      const authority = authorities.get(name) ?? (await makeAuthority(name));
      authorities.set(name, authority);
      if (spec.part === "ca") values.set(spec.id, authority.certificate.toString("pem"));
      else {
        const pair = certificates.get(id) ?? (await issue(authority, spec.certificate));
        certificates.set(id, pair);
        values.set(spec.id, pair[spec.part]);
      }
    }
  }
  return values;
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
    ],
  });
  const raw = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
  return { key: x509.PemConverter.encode(raw, "PRIVATE KEY"), cert: certificate.toString("pem") };
}

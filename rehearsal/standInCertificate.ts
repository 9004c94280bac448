import { randomUUID, X509Certificate, webcrypto } from "node:crypto";
import "@standin/common/reflectMetadata";
import * as x509 from "@peculiar/x509";

export interface CertificatePair {
  readonly certificate: string;
  readonly privateKey: string;
}

const DAY_MS = 86_400_000;
const VALID_DAYS = 365;
/** Days before its end from which another one is made. */
const RENEWED_DAYS = 30;

/** Does a pair of an earlier run still do? */
export function stillGood(certificate: string | undefined, hosts: readonly string[]): boolean {
  try {
    const known = new X509Certificate(certificate ?? "");
    return (
      Date.parse(known.validTo) > Date.now() + RENEWED_DAYS * DAY_MS &&
      hosts.every((host) => known.checkHost(host) !== undefined)
    );
  } catch {
    return false;
  }
}

/** Stands in for a certificate that somebody bought: it covers the hosts, and signs itself. */
export async function standInCertificate(hosts: readonly string[]): Promise<CertificatePair> {
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: "CN=rehearsal",
    keys,
    signingAlgorithm: algorithm,
    serialNumber: randomUUID().replaceAll("-", ""),
    notBefore: new Date(Date.now() - DAY_MS),
    notAfter: new Date(Date.now() + VALID_DAYS * DAY_MS),
    extensions: [new x509.SubjectAlternativeNameExtension(hosts.map((value) => ({ type: "dns" as const, value })))],
  });
  const der = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey)).toString("base64");
  const lines = der.match(/.{1,64}/g) ?? [];
  return {
    certificate: `${certificate.toString("pem")}\n`,
    privateKey: ["-----BEGIN PRIVATE KEY-----", ...lines, "-----END PRIVATE KEY-----", ""].join("\n"),
  };
}

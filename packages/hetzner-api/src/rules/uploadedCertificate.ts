import { createPrivateKey, X509Certificate, type KeyObject } from "node:crypto";
import { invalidField } from "../http/apiError";
import type { CertificateRow } from "../model/rows";

/** Hetzner's limits since October 2026: certificates and bytes of a chain, bytes of a private key. */
const LONGEST_CHAIN = 5;
const LARGEST_CHAIN_BYTES = 30 * 1024;
const LARGEST_KEY_BYTES = 5 * 1024;

/** Fields that the certificate itself tells. */
export type CertificateFacts = Pick<
  CertificateRow,
  "certificate" | "notValidBefore" | "notValidAfter" | "domainNames" | "fingerprint"
>;

export function factsOf(pem: string): CertificateFacts {
  const parsed = new X509Certificate(pem);
  const names = (parsed.subjectAltName ?? "")
    .split(", ")
    .flatMap((entry) => (entry.startsWith("DNS:") ? entry.slice(4) : []));
  return {
    certificate: pem,
    notValidBefore: new Date(parsed.validFrom).toISOString(),
    notValidAfter: new Date(parsed.validTo).toISOString(),
    domainNames: names,
    fingerprint: parsed.fingerprint.toLowerCase(),
  };
}

/** Judges what was uploaded. @throws ApiError invalid_input */
export function uploadedFacts(
  certificate: string | null | undefined,
  privateKey: string | null | undefined,
): CertificateFacts {
  if (typeof certificate !== "string") throw invalidField("certificate", "is needed for type uploaded");
  if (typeof privateKey !== "string") throw invalidField("private_key", "is needed for type uploaded");
  if (Buffer.byteLength(privateKey) > LARGEST_KEY_BYTES)
    throw invalidField("private_key", `is larger than ${LARGEST_KEY_BYTES} bytes`);
  if (certificate.split("-----BEGIN CERTIFICATE-----").length - 1 > LONGEST_CHAIN)
    throw invalidField("certificate", `is a chain of more than ${LONGEST_CHAIN} certificates`);
  if (Buffer.byteLength(certificate) > LARGEST_CHAIN_BYTES)
    throw invalidField("certificate", `is larger than ${LARGEST_CHAIN_BYTES} bytes`);
  let parsed: X509Certificate;
  let key: KeyObject;
  try {
    parsed = new X509Certificate(certificate);
  } catch {
    throw invalidField("certificate", "is no X.509 certificate in PEM form");
  }
  try {
    key = createPrivateKey(privateKey);
  } catch {
    throw invalidField("private_key", "is no private key in PEM form");
  }
  if (!parsed.checkPrivateKey(key)) throw invalidField("private_key", "does not belong to the certificate");
  return factsOf(certificate);
}

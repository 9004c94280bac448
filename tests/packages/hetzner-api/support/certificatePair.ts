import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import "@standin/common/reflectMetadata";
import * as x509 from "@peculiar/x509";

/** A certificate that signs itself, and its key. */
export async function certificatePair(host = "www.example.org"): Promise<{ certificate: string; privateKey: string }> {
  const pair = generateKeyPairSync("ec", {
    namedCurve: "P-256",
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "der" },
  });
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const der = createPrivateKey(pair.privateKey).export({ type: "pkcs8", format: "der" });
  const keys = {
    privateKey: await crypto.subtle.importKey("pkcs8", new Uint8Array(der), algorithm, true, ["sign"]),
    publicKey: await crypto.subtle.importKey("spki", new Uint8Array(pair.publicKey), algorithm, true, ["verify"]),
  };
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${host}`,
    keys,
    signingAlgorithm: algorithm,
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: "dns", value: host }])],
  });
  return { certificate: certificate.toString("pem"), privateKey: pair.privateKey };
}

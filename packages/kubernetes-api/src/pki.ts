import { createHash, webcrypto } from "node:crypto";
import { isIP } from "node:net";
import "@standin/common/reflectMetadata";
import * as x509 from "@peculiar/x509";
import { stringify } from "yaml";

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const yearMs = 365 * 24 * 3600 * 1000;
const LONG = 10 * yearMs;

/** A certificate and its private key, PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly privateKey: string;
}

/** Where clients keep a cluster's pair of credentials; survives restarts. */
export interface PkiSettings {
  get(name: string): string | undefined;
  set(name: string, value: string): void;
}

interface Signer {
  readonly certificate: x509.X509Certificate;
  readonly key: webcrypto.CryptoKey;
}

const newKeys = (): Promise<webcrypto.CryptoKeyPair> =>
  webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
const serial = (): string =>
  Buffer.from(webcrypto.getRandomValues(new Uint8Array(8)))
    .toString("hex")
    .replace(/^[89a-f]/, "1");
const validity = (ms: number): { notBefore: Date; notAfter: Date } => ({
  notBefore: new Date(Date.now() - 3600 * 1000),
  notAfter: new Date(Date.now() + ms),
});

async function toPem(certificate: x509.X509Certificate, key: webcrypto.CryptoKey): Promise<KeyPair> {
  const raw = await webcrypto.subtle.exportKey("pkcs8", key);
  return { certificate: certificate.toString("pem"), privateKey: x509.PemConverter.encode(raw, "PRIVATE KEY") };
}

async function makeAuthority(name: string): Promise<KeyPair> {
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name: `CN=${name}`,
    ...validity(LONG),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return toPem(certificate, keys.privateKey);
}

async function signerOf({ certificate, privateKey }: KeyPair): Promise<Signer> {
  const raw = x509.PemConverter.decodeFirst(privateKey);
  const key = await webcrypto.subtle.importKey("pkcs8", raw, algorithm, true, ["sign"]);
  return { certificate: new x509.X509Certificate(certificate), key };
}

async function issue(
  authority: KeyPair,
  subject: string,
  usage: x509.ExtendedKeyUsage,
  sans: readonly string[] = [],
  lifeMs = LONG,
): Promise<KeyPair> {
  const signer = await signerOf(authority);
  const keys = await newKeys();
  const names = sans.map((value): x509.JsonGeneralName => ({ type: isIP(value) === 0 ? "dns" : "ip", value }));
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serial(),
    subject,
    issuer: signer.certificate.subject,
    ...validity(lifeMs),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: signer.key,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([usage]),
      await x509.AuthorityKeyIdentifierExtension.create(signer.certificate),
      ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)]),
    ],
  });
  return toPem(certificate, keys.privateKey);
}

async function remembered(settings: PkiSettings, name: string, make: () => Promise<KeyPair>): Promise<KeyPair> {
  const known = settings.get(name);
  if (known !== undefined) return JSON.parse(known) as KeyPair;
  const made = await make();
  settings.set(name, JSON.stringify(made));
  return made;
}

/** Names under which the API's certificate is always valid. */
export const standardSans = ["127.0.0.1", "localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc"];

export interface Pki {
  /** Signs the server's certificate, and nothing else. */
  readonly authority: KeyPair;
  /** Signs clients' certificates, and nothing else: another one, as K3s and kubeadm allow. */
  readonly clientAuthority: KeyPair;
  readonly server: KeyPair;
  /** CN=kubernetes-admin, O=system:masters: the stand-in's own, for its user's tools. */
  readonly admin: KeyPair;
  /** CN=system:admin, O=system:masters: what the cluster writes down on its machines, good for a year as everywhere. */
  readonly written: KeyPair;
}

/** The cluster's certificates (ECDSA P-256, ten years where no other time is said): made once, kept in the settings; the server's anew when its names change. */
export async function loadPki(settings: PkiSettings, extraSans: readonly string[]): Promise<Pki> {
  const authority = await remembered(settings, "pki.ca", () => makeAuthority("standin-kubernetes-ca"));
  const clientAuthority = await remembered(settings, "pki.client-ca", () => makeAuthority("standin-client-ca"));
  const sans = [...new Set([...standardSans, ...extraSans])];
  const fingerprint = createHash("sha256").update(sans.join(",")).digest("hex").slice(0, 12);
  const [server, admin, written] = await Promise.all([
    remembered(settings, `pki.server.${fingerprint}`, () =>
      issue(authority, "CN=kube-apiserver", x509.ExtendedKeyUsage.serverAuth, sans),
    ),
    remembered(settings, "pki.client-ca.admin", () =>
      issue(clientAuthority, "CN=kubernetes-admin, O=system:masters", x509.ExtendedKeyUsage.clientAuth),
    ),
    remembered(settings, "pki.client-ca.written", () =>
      issue(clientAuthority, "CN=system:admin, O=system:masters", x509.ExtendedKeyUsage.clientAuth, undefined, yearMs),
    ),
  ]);
  return { authority, clientAuthority, server, admin, written };
}

const base64 = (text: string): string => Buffer.from(text, "utf8").toString("base64");

/** @param url where the API serves, e.g. "https://127.0.0.1:16443". */
export function kubeconfigOf(url: string, { authority }: Pki, client: KeyPair): string {
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      { name: "standin", cluster: { server: url, "certificate-authority-data": base64(authority.certificate) } },
    ],
    users: [
      {
        name: "kubernetes-admin",
        user: { "client-certificate-data": base64(client.certificate), "client-key-data": base64(client.privateKey) },
      },
    ],
    contexts: [{ name: "standin", context: { cluster: "standin", user: "kubernetes-admin" } }],
    "current-context": "standin",
  });
}

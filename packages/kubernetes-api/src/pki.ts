import { createHash, createPrivateKey, webcrypto } from "node:crypto";
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
    // Byte by byte as it is there, or some clients do not find it.
    issuer: signer.certificate.subjectName,
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

/** Under which the stand-in's own tools ask for it (SNI), whatever authority its cluster has. */
export const OWN_NAME = "standin-kubernetes";

/** Two authorities: who signs the API's own certificate, and who clients'. */
export interface Authorities {
  readonly server: KeyPair;
  /** Another one, as K3s and kubeadm allow. */
  readonly client: KeyPair;
}

/** What one pair of authorities has signed. */
export interface Pki {
  /** The stand-in's own, for its user's tools. */
  readonly own: Authorities & {
    readonly serving: KeyPair;
    /** CN=kubernetes-admin, O=system:masters. */
    readonly admin: KeyPair;
  };
  /** The cluster's: the same ones, or those that its first machine brought along. */
  readonly cluster: Authorities & {
    readonly serving: KeyPair;
    /** CN=system:admin, O=system:masters: what the cluster writes down on its machines, good for a year as everywhere. */
    readonly written: KeyPair;
  };
}

/** Whose clients the API believes: its own user's, and the cluster's. PEM. */
export const believed = ({ own, cluster }: Pki): readonly string[] => [
  ...new Set([own.client.certificate, cluster.client.certificate]),
];

/** From now on the cluster's authorities are these: ECDSA P-256, their keys in any PEM. */
export function keepBrought(settings: PkiSettings, { server, client }: Authorities): void {
  const plain = ({ certificate, privateKey }: KeyPair): KeyPair => ({
    certificate,
    privateKey: createPrivateKey(privateKey).export({ type: "pkcs8", format: "pem" }) as string,
  });
  settings.set("pki.brought", JSON.stringify({ server: plain(server), client: plain(client) }));
}

/** The cluster's certificates (ECDSA P-256, ten years where no other time is said): made once, kept in the settings; the server's anew when its names change. */
export async function loadPki(settings: PkiSettings, extraSans: readonly string[]): Promise<Pki> {
  const authority = await remembered(settings, "pki.ca", () => makeAuthority("standin-kubernetes-ca"));
  const clientAuthority = await remembered(settings, "pki.client-ca", () => makeAuthority("standin-client-ca"));
  const sans = [...new Set([...standardSans, OWN_NAME, ...extraSans])];
  const own = { server: authority, client: clientAuthority };
  const known = settings.get("pki.brought");
  const brought = known === undefined ? own : (JSON.parse(known) as Authorities);
  const [serving, admin, clusterServing, written] = await Promise.all([
    remembered(settings, `pki.server.${fingerprint(own.server, sans)}`, () => servingFor(own, sans)),
    remembered(settings, "pki.client-ca.admin", () =>
      issue(clientAuthority, "CN=kubernetes-admin, O=system:masters", x509.ExtendedKeyUsage.clientAuth),
    ),
    remembered(settings, `pki.cluster.${fingerprint(brought.server, sans)}`, () => servingFor(brought, sans)),
    remembered(settings, `pki.written.${fingerprint(brought.client, [])}`, () =>
      issue(brought.client, "CN=system:admin, O=system:masters", x509.ExtendedKeyUsage.clientAuth, undefined, yearMs),
    ),
  ]);
  return { own: { ...own, serving, admin }, cluster: { ...brought, serving: clusterServing, written } };
}

const servingFor = ({ server }: Authorities, sans: readonly string[]): Promise<KeyPair> =>
  issue(server, "CN=kube-apiserver", x509.ExtendedKeyUsage.serverAuth, sans);

const fingerprint = ({ certificate }: KeyPair, sans: readonly string[]): string =>
  createHash("sha256")
    .update([certificate, ...sans].join(","))
    .digest("hex")
    .slice(0, 12);

const base64 = (text: string): string => Buffer.from(text, "utf8").toString("base64");

/**
 * For the stand-in's user, or as the cluster writes it down on its machines.
 *
 * @param url where the API serves, e.g. "https://127.0.0.1:16443".
 */
export function kubeconfigOf(url: string, { own, cluster }: Pki, whose: "user" | "machines"): string {
  const authority = whose === "user" ? own.server : cluster.server;
  const client = whose === "user" ? own.admin : cluster.written;
  const name = whose === "user" ? { "tls-server-name": OWN_NAME } : {};
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      {
        name: "standin",
        cluster: { server: url, "certificate-authority-data": base64(authority.certificate), ...name },
      },
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

import { createHash, randomBytes, webcrypto } from "node:crypto";
import { isIP } from "node:net";
import "@standin/common/reflectMetadata";
import * as x509 from "@peculiar/x509";
import type { Rules } from "../bridge/property";
import type { CheckFailure, Properties } from "../provider";
import type { LocalType } from "./localProvider";
import { signer } from "./tlsSigner";
import type { Signer } from "./tlsSigner";

x509.cryptoProvider.set(webcrypto);

type CryptoKey = webcrypto.CryptoKey;

const KEY_USAGES: { readonly [use: string]: x509.KeyUsageFlags } = {
  digital_signature: x509.KeyUsageFlags.digitalSignature,
  content_commitment: x509.KeyUsageFlags.nonRepudiation,
  key_encipherment: x509.KeyUsageFlags.keyEncipherment,
  data_encipherment: x509.KeyUsageFlags.dataEncipherment,
  key_agreement: x509.KeyUsageFlags.keyAgreement,
  cert_signing: x509.KeyUsageFlags.keyCertSign,
  crl_signing: x509.KeyUsageFlags.cRLSign,
  encipher_only: x509.KeyUsageFlags.encipherOnly,
  decipher_only: x509.KeyUsageFlags.decipherOnly,
};
const EXTENDED_USAGES: { readonly [use: string]: string } = {
  any_extended: "2.5.29.37.0",
  server_auth: "1.3.6.1.5.5.7.3.1",
  client_auth: "1.3.6.1.5.5.7.3.2",
  code_signing: "1.3.6.1.5.5.7.3.3",
  email_protection: "1.3.6.1.5.5.7.3.4",
  ipsec_end_system: "1.3.6.1.5.5.7.3.5",
  ipsec_tunnel: "1.3.6.1.5.5.7.3.6",
  ipsec_user: "1.3.6.1.5.5.7.3.7",
  timestamping: "1.3.6.1.5.5.7.3.8",
  ocsp_signing: "1.3.6.1.5.5.7.3.9",
  microsoft_server_gated_crypto: "1.3.6.1.4.1.311.10.3.3",
  netscape_server_gated_crypto: "2.16.840.1.113730.4.1",
  microsoft_commercial_code_signing: "1.3.6.1.4.1.311.2.1.22",
  microsoft_kernel_code_signing: "1.3.6.1.4.1.311.61.1.1",
};
const SUBJECT_ALTERNATIVE_NAME = "2.5.29.17";
// Distinguished name attributes by OID, in the order in which Go's pkix writes them.
const SUBJECT: readonly (readonly [field: string, oid: string])[] = [
  ["country", "2.5.4.6"],
  ["organization", "2.5.4.10"],
  ["organizationalUnit", "2.5.4.11"],
  ["locality", "2.5.4.7"],
  ["province", "2.5.4.8"],
  ["streetAddresses", "2.5.4.9"],
  ["postalCode", "2.5.4.17"],
  ["commonName", "2.5.4.3"],
  ["serialNumber", "2.5.4.5"],
  ["emailAddress", "1.2.840.113549.1.9.1"],
];

interface Names {
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
  readonly uris?: readonly string[];
}
interface Request extends Names {
  readonly privateKeyPem: string;
  readonly subject?: Properties;
}
interface Validity {
  readonly allowedUses: readonly string[];
  readonly validityPeriodHours: number;
  readonly earlyRenewalHours?: number;
  readonly isCaCertificate?: boolean;
  readonly maxPathLength?: number;
  readonly setSubjectKeyId?: boolean;
}
interface SelfSigned extends Request, Validity {
  readonly setAuthorityKeyId?: boolean;
}
interface LocallySigned extends Validity {
  readonly caCertPem: string;
  readonly caPrivateKeyPem: string;
  readonly certRequestPem: string;
}

const off = { default: false } as const;
const VALIDITY: Rules = {
  allowedUses: { oneOf: [...Object.keys(KEY_USAGES), ...Object.keys(EXTENDED_USAGES)] },
  validityPeriodHours: { between: [0, Number.MAX_SAFE_INTEGER] },
  earlyRenewalHours: { default: 0, between: [0, Number.MAX_SAFE_INTEGER] },
  maxPathLength: { between: [0, Number.MAX_SAFE_INTEGER] },
  isCaCertificate: off,
  setSubjectKeyId: off,
};

/** Certificates and keys in PEM; no write-only inputs, which no state may hold. */
const pemRules =
  (...names: readonly string[]) =>
  (inputs: Properties): CheckFailure[] => [
    ...Object.keys(inputs)
      .filter((property) => /Wo(Version)?$/.test(property))
      .map((property) => ({ property, reason: "is write-only, and not part of the embedded engine" })),
    ...names.flatMap((property) => {
      const value = inputs[property];
      if (typeof value === "string" && value.includes("-----BEGIN ")) return [];
      return [{ property, reason: value === undefined ? "is required and missing" : "is not in PEM format" }];
    }),
    ...((inputs["ipAddresses"] ?? []) as readonly string[])
      .filter((address) => isIP(address) === 0)
      .map((address) => ({ property: "ipAddresses", reason: `"${address}" is no IP address` })),
    ...((inputs["uris"] ?? []) as readonly string[])
      .filter((uri) => !URL.canParse(uri))
      .map((uri) => ({ property: "uris", reason: `"${uri}" is no URI` })),
  ];

function subjectName(given: Properties = {}): x509.JsonName {
  return SUBJECT.flatMap(([field, oid]) => {
    const value = given[field] as string | readonly string[] | undefined;
    if (value === undefined || value.length === 0) return [];
    return [{ [oid]: typeof value === "string" ? [value] : [...value] }];
  });
}

function alternativeNames(v: Names): x509.Extension[] {
  const all: x509.JsonGeneralNames = [
    ...(v.dnsNames ?? []).map((value) => ({ type: "dns" as const, value })),
    ...(v.ipAddresses ?? []).map((value) => ({ type: "ip" as const, value })),
    ...(v.uris ?? []).map((value) => ({ type: "url" as const, value })),
  ];
  return all.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(all)];
}

function usages(uses: readonly string[]): x509.Extension[] {
  const flags = uses.reduce((sum, use) => sum | (KEY_USAGES[use] ?? 0), 0);
  const extended = uses.flatMap((use) => EXTENDED_USAGES[use] ?? []);
  return [
    ...(flags === 0 ? [] : [new x509.KeyUsagesExtension(flags, true)]),
    ...(extended.length === 0 ? [] : [new x509.ExtendedKeyUsageExtension(extended)]),
  ];
}

async function commonExtensions(v: Validity, publicKey: CryptoKey | x509.PublicKey): Promise<x509.Extension[]> {
  const isCa = v.isCaCertificate ?? false;
  return [
    ...usages(v.allowedUses),
    new x509.BasicConstraintsExtension(isCa, isCa ? v.maxPathLength : undefined, true),
    // A CA needs a subject key id to be referred to by.
    ...(v.setSubjectKeyId === true || isCa ? [await x509.SubjectKeyIdentifierExtension.create(publicKey)] : []),
  ];
}

function period(hours: number, now: Date): { readonly notBefore: Date; readonly notAfter: Date } {
  // Certificates count whole seconds.
  const notBefore = new Date(Math.floor(now.getTime() / 1000) * 1000);
  return { notBefore, notAfter: new Date(notBefore.getTime() + hours * 3_600_000) };
}

function serialNumber(): string {
  const bytes = randomBytes(16);
  // Positive and not shorter than 16 bytes.
  bytes[0] = 0x40 | ((bytes[0] ?? 0) & 0x3f);
  return bytes.toString("hex");
}

const withNewline = (text: string): string => `${text.trim()}\n`;
const rfc3339 = (date: Date): string => date.toISOString().replace(".000Z", "Z");

const certificateOutputs = (certificate: x509.X509Certificate, v: Validity): Properties => ({
  certPem: withNewline(certificate.toString("pem")),
  validityStartTime: rfc3339(certificate.notBefore),
  validityEndTime: rfc3339(certificate.notAfter),
  readyForRenewal: (v.earlyRenewalHours ?? 0) >= v.validityPeriodHours,
});

/** As terraform-provider-tls plans it: replaced as soon as what is left is no more than earlyRenewalHours. */
const renewal: LocalType["renewal"] = {
  output: "readyForRenewal",
  isDue: ({ validityEndTime }, { earlyRenewalHours }, now) =>
    typeof validityEndTime === "string" &&
    Date.parse(validityEndTime) - Number(earlyRenewalHours ?? 0) * 3_600_000 <= now.getTime(),
};

/** tls.CertRequest. */
export const certRequest: LocalType = {
  validate: pemRules("privateKeyPem"),
  create: async (inputs) => {
    const v = inputs as unknown as Request;
    const keys = await signer(v.privateKeyPem, "privateKeyPem");
    const request = await x509.Pkcs10CertificateRequestGenerator.create({
      name: subjectName(v.subject),
      keys,
      signingAlgorithm: keys.algorithm,
      extensions: alternativeNames(v),
    });
    const certRequestPem = withNewline(request.toString("pem"));
    return {
      id: createHash("sha1").update(certRequestPem).digest("hex"),
      outputs: { certRequestPem, keyAlgorithm: keys.kind },
    };
  },
};

/** tls.SelfSignedCert. */
export const selfSignedCert: LocalType = {
  rules: { ...VALIDITY, setAuthorityKeyId: off },
  validate: pemRules("privateKeyPem"),
  updatable: ["earlyRenewalHours"],
  renewal,
  create: async (inputs, now) => {
    const v = inputs as unknown as SelfSigned;
    const keys = await signer(v.privateKeyPem, "privateKeyPem");
    const extensions = [
      ...(await commonExtensions(v, keys.publicKey)),
      ...(v.setAuthorityKeyId === true ? [await x509.AuthorityKeyIdentifierExtension.create(keys.publicKey)] : []),
      ...alternativeNames(v),
    ];
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      serialNumber: serialNumber(),
      name: subjectName(v.subject),
      ...period(v.validityPeriodHours, now),
      keys,
      signingAlgorithm: keys.algorithm,
      extensions,
    });
    return {
      id: BigInt(`0x${certificate.serialNumber}`).toString(),
      outputs: { ...certificateOutputs(certificate, v), keyAlgorithm: keys.kind },
    };
  },
};

/** tls.LocallySignedCert: the request's subject, names and key, signed by the CA. */
export const locallySignedCert: LocalType = {
  rules: VALIDITY,
  validate: pemRules("caCertPem", "caPrivateKeyPem", "certRequestPem"),
  updatable: ["earlyRenewalHours"],
  renewal,
  create: async (inputs, now) => {
    const v = inputs as unknown as LocallySigned;
    const ca = await signer(v.caPrivateKeyPem, "caPrivateKeyPem");
    const issuer = new x509.X509Certificate(v.caCertPem);
    if (!(await keysMatch(issuer, ca)))
      throw new Error("caPrivateKeyPem: is not the key of the certificate in caCertPem");
    const request = new x509.Pkcs10CertificateRequest(v.certRequestPem);
    if (!(await request.verify())) throw new Error("certRequestPem: its signature is not valid");
    const alternative = request.getExtension(SUBJECT_ALTERNATIVE_NAME);
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: serialNumber(),
      subject: request.subjectName.toJSON(),
      issuer: issuer.subjectName.toJSON(),
      ...period(v.validityPeriodHours, now),
      signingKey: ca.privateKey,
      publicKey: request.publicKey,
      signingAlgorithm: ca.algorithm,
      extensions: [
        ...(await commonExtensions(v, request.publicKey)),
        await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
        ...(alternative === null ? [] : [alternative]),
      ],
    });
    return {
      id: BigInt(`0x${certificate.serialNumber}`).toString(),
      outputs: { ...certificateOutputs(certificate, v), caKeyAlgorithm: ca.kind },
    };
  },
};

async function keysMatch(certificate: x509.X509Certificate, keys: Signer): Promise<boolean> {
  const own = Buffer.from(await webcrypto.subtle.exportKey("spki", keys.publicKey));
  return own.equals(Buffer.from(certificate.publicKey.rawData));
}

import { createHash, randomBytes, webcrypto } from "node:crypto";
import "@standin/common/reflectMetadata";
import * as x509 from "@peculiar/x509";
import { z } from "zod";
import type { Properties } from "../provider";
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

const name = z.string().optional();
const subject = z.strictObject({
  commonName: name,
  country: name,
  emailAddress: name,
  locality: name,
  organization: name,
  organizationalUnit: name,
  postalCode: name,
  province: name,
  serialNumber: name,
  streetAddresses: z.array(z.string()).optional(),
});
const names = {
  dnsNames: z.array(z.string()).optional(),
  ipAddresses: z.array(z.union([z.ipv4(), z.ipv6()])).optional(),
  uris: z.array(z.url()).optional(),
};
const pem = z.string().regex(/-----BEGIN /, { error: "is not in PEM format" });
const usage = z.string().refine((use) => Object.hasOwn(KEY_USAGES, use) || Object.hasOwn(EXTENDED_USAGES, use), {
  error: `is no allowed use; there are ${[...Object.keys(KEY_USAGES), ...Object.keys(EXTENDED_USAGES)].join(", ")}`,
});
const validity = {
  allowedUses: z.array(usage),
  validityPeriodHours: z.int().min(0),
  earlyRenewalHours: z.int().min(0).optional(),
  isCaCertificate: z.boolean().optional(),
  maxPathLength: z.int().min(0).optional(),
  setSubjectKeyId: z.boolean().optional(),
};
const requestInputs = z.strictObject({ privateKeyPem: pem, subject: subject.optional(), ...names });
const selfSignedInputs = z.strictObject({
  privateKeyPem: pem,
  subject: subject.optional(),
  ...names,
  ...validity,
  setAuthorityKeyId: z.boolean().optional(),
});
const locallySignedInputs = z.strictObject({ caCertPem: pem, caPrivateKeyPem: pem, certRequestPem: pem, ...validity });

function subjectName(given: z.infer<typeof subject> | undefined): x509.JsonName {
  const fields: { readonly [field: string]: string | readonly string[] | undefined } = given ?? {};
  return SUBJECT.flatMap(([field, oid]) => {
    const value = fields[field];
    if (value === undefined || value.length === 0) return [];
    return [{ [oid]: typeof value === "string" ? [value] : [...value] }];
  });
}

function alternativeNames(v: {
  readonly dnsNames?: string[] | undefined;
  readonly ipAddresses?: string[] | undefined;
  readonly uris?: string[] | undefined;
}): x509.Extension[] {
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

type Validity = { readonly [K in keyof typeof validity]?: z.infer<(typeof validity)[K]> } & {
  readonly allowedUses: readonly string[];
  readonly validityPeriodHours: number;
};

async function commonExtensions(v: Validity, publicKey: CryptoKey | x509.PublicKey): Promise<x509.Extension[]> {
  const isCa = v.isCaCertificate ?? false;
  return [
    ...usages(v.allowedUses),
    new x509.BasicConstraintsExtension(isCa, isCa ? v.maxPathLength : undefined, true),
    // A CA needs a subject key id to be referred to by.
    ...(v.setSubjectKeyId === true || isCa ? [await x509.SubjectKeyIdentifierExtension.create(publicKey)] : []),
  ];
}

function period(hours: number): { readonly notBefore: Date; readonly notAfter: Date } {
  // Certificates count whole seconds.
  const notBefore = new Date(Math.floor(Date.now() / 1000) * 1000);
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

function certificateOutputs(certificate: x509.X509Certificate, v: Validity): Properties {
  return {
    certPem: withNewline(certificate.toString("pem")),
    validityStartTime: rfc3339(certificate.notBefore),
    validityEndTime: rfc3339(certificate.notAfter),
    readyForRenewal: false,
    earlyRenewalHours: v.earlyRenewalHours ?? 0,
    isCaCertificate: v.isCaCertificate ?? false,
    setSubjectKeyId: v.setSubjectKeyId ?? false,
  };
}

const COMPUTED = ["certPem", "validityStartTime", "validityEndTime", "readyForRenewal"];

/** tls.CertRequest. */
export const certRequest: LocalType = {
  inputs: requestInputs,
  computed: ["certRequestPem", "keyAlgorithm"],
  secretOutputs: ["privateKeyPem"],
  updatable: [],
  create: async (given) => {
    const v = requestInputs.parse(given);
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
      outputs: { ...given, certRequestPem, keyAlgorithm: keys.kind },
    };
  },
};

/** tls.SelfSignedCert. */
export const selfSignedCert: LocalType = {
  inputs: selfSignedInputs,
  computed: [...COMPUTED, "keyAlgorithm"],
  secretOutputs: ["privateKeyPem"],
  updatable: ["earlyRenewalHours"],
  create: async (given) => {
    const v = selfSignedInputs.parse(given);
    const keys = await signer(v.privateKeyPem, "privateKeyPem");
    const extensions = [
      ...(await commonExtensions(v, keys.publicKey)),
      ...(v.setAuthorityKeyId === true ? [await x509.AuthorityKeyIdentifierExtension.create(keys.publicKey)] : []),
      ...alternativeNames(v),
    ];
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      serialNumber: serialNumber(),
      name: subjectName(v.subject),
      ...period(v.validityPeriodHours),
      keys,
      signingAlgorithm: keys.algorithm,
      extensions,
    });
    return {
      id: BigInt(`0x${certificate.serialNumber}`).toString(),
      outputs: {
        ...given,
        ...certificateOutputs(certificate, v),
        keyAlgorithm: keys.kind,
        setAuthorityKeyId: v.setAuthorityKeyId ?? false,
      },
    };
  },
};

/** tls.LocallySignedCert: the request's subject, names and key, signed by the CA. */
export const locallySignedCert: LocalType = {
  inputs: locallySignedInputs,
  computed: [...COMPUTED, "caKeyAlgorithm"],
  secretOutputs: ["caPrivateKeyPem"],
  updatable: ["earlyRenewalHours"],
  create: async (given) => {
    const v = locallySignedInputs.parse(given);
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
      ...period(v.validityPeriodHours),
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
      outputs: { ...given, ...certificateOutputs(certificate, v), caKeyAlgorithm: ca.kind },
    };
  },
};

async function keysMatch(certificate: x509.X509Certificate, keys: Signer): Promise<boolean> {
  const own = Buffer.from(await webcrypto.subtle.exportKey("spki", keys.publicKey));
  return own.equals(Buffer.from(certificate.publicKey.rawData));
}

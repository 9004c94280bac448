/** The real SDK packages random and tls on the embedded providers. */
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import * as tls from "@pulumi/tls";

const config = new pulumi.Config();
const keepers = { round: config.get("round") ?? "1" };

const password = new random.RandomPassword("password", {
  length: 40,
  minSpecial: 3,
  minNumeric: 5,
  overrideSpecial: "_-",
  keepers,
});
const id = new random.RandomId("id", { byteLength: 8, prefix: "p-" });
const key = new tls.PrivateKey("key", { algorithm: "ED25519" });
const caKey = new tls.PrivateKey("caKey", { algorithm: "ECDSA", ecdsaCurve: "P256" });
const ca = new tls.SelfSignedCert("ca", {
  privateKeyPem: caKey.privateKeyPem,
  subject: { commonName: "Test CA" },
  isCaCertificate: true,
  validityPeriodHours: 24,
  allowedUses: ["cert_signing"],
});
const leafKey = new tls.PrivateKey("leafKey", { algorithm: "RSA", rsaBits: 2048 });
const request = new tls.CertRequest("request", {
  privateKeyPem: leafKey.privateKeyPem,
  dnsNames: ["a.example", "b.example"],
  subject: { commonName: "a.example" },
});
const leaf = new tls.LocallySignedCert("leaf", {
  caCertPem: ca.certPem,
  caPrivateKeyPem: caKey.privateKeyPem,
  certRequestPem: request.certRequestPem,
  validityPeriodHours: 12,
  allowedUses: ["server_auth", "digital_signature", "key_encipherment"],
});

export const result = password.result;
export const hex = id.hex;
export const authorized = key.publicKeyOpenssh;
export const openssh = key.privateKeyOpenssh;
export const caPem = ca.certPem;
export const leafPem = leaf.certPem;
export const leafKeyPem = leafKey.privateKeyPem;

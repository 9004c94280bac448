/** Reaches a cluster with the kubeconfig that it is given, or with one whose client certificate it signs itself. */
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { parse, stringify } from "yaml";

const config = new pulumi.Config();
const given = config.require("kubeconfig");
const base64 = (text: string): string => Buffer.from(text).toString("base64");

function signed(): pulumi.Output<string> {
  const key = new tls.PrivateKey("client", { algorithm: "ECDSA", ecdsaCurve: "P256" });
  const request = new tls.CertRequest("client", {
    privateKeyPem: key.privateKeyPem,
    subject: { commonName: "program", organization: "system:masters" },
  });
  const certificate = new tls.LocallySignedCert("client", {
    certRequestPem: request.certRequestPem,
    caCertPem: config.require("authority"),
    caPrivateKeyPem: config.requireSecret("authorityKey"),
    allowedUses: ["client_auth"],
    validityPeriodHours: 365 * 24,
    earlyRenewalHours: 182 * 24,
  });
  return pulumi.secret(
    pulumi.all([certificate.certPem, key.privateKeyPem]).apply(([cert, privateKey]) => {
      const { users: _users, ...rest } = parse(given) as { users: unknown };
      const user = { "client-certificate-data": base64(cert), "client-key-data": base64(privateKey) };
      return stringify({ ...rest, users: [{ name: "kubernetes-admin", user }] });
    }),
  );
}

const provider = new kubernetes.Provider("cluster", {
  kubeconfig: config.getBoolean("signs") === true ? signed() : given,
  clusterIdentifier: config.get("identifier") ?? "one",
});
new kubernetes.core.v1.ConfigMap(
  "map",
  { metadata: { name: "map", namespace: "default" }, data: { text: config.get("text") ?? "first" } },
  { provider, deleteBeforeReplace: true },
);

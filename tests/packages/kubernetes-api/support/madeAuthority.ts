import type { Authorities } from "@standin/kubernetes-api";
import type { Properties, ResourceContext } from "@standin/pulumi-engine/provider";
import { tlsProviderAt } from "@standin/pulumi-engine/providers/tls";

/** An authority as a program makes it with Pulumi's tls provider. */
export async function madeAuthority(commonName: string): Promise<Authorities["server"]> {
  const tls = await tlsProviderAt(() => new Date())({});
  const make = async (type: string, inputs: Properties): Promise<Properties> => {
    const ctx = { urn: "u", type, preview: false, signal: new AbortController().signal } as unknown as ResourceContext;
    return (await tls.create(ctx, inputs)).outputs;
  };
  const key = await make("tls:index/privateKey:PrivateKey", { algorithm: "ECDSA", ecdsaCurve: "P256" });
  const privateKey = key["privateKeyPem"] as string;
  const certificate = await make("tls:index/selfSignedCert:SelfSignedCert", {
    privateKeyPem: privateKey,
    isCaCertificate: true,
    subject: { commonName, organization: "Example" },
    allowedUses: ["cert_signing", "crl_signing", "digital_signature"],
    validityPeriodHours: 24,
  });
  return { certificate: certificate["certPem"] as string, privateKey };
}

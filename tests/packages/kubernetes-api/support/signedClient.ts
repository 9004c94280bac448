import { createPrivateKey } from "node:crypto";
import type { LocalKubernetes } from "@standin/kubernetes-api";
import { parseKubeconfig } from "@standin/kubernetes-api/wire/connection";
import { KubeClient, KubeError } from "@standin/kubernetes-api/wire/kubeClient";
import type { JsonObject } from "@standin/kubernetes-api/wire/json";
import type { Properties, ResourceContext } from "@standin/pulumi-engine/provider";
import { tlsProviderAt } from "@standin/pulumi-engine/providers/tls";

export interface Certified {
  readonly group?: string;
  /** Default: of clients. */
  readonly uses?: readonly string[];
  /** Who signs. Default: the cluster's client authority. */
  readonly authority?: LocalKubernetes["authorities"]["client"];
  /** Of whoever signs. Default: the machine's clock. */
  readonly now?: () => Date;
}

/** A client with a certificate of a year, as a program makes it that holds the cluster's authority. */
export async function signedClient(
  cluster: Pick<LocalKubernetes, "authorities" | "kubeconfig">,
  user: string,
  { group, uses = ["client_auth"], authority = cluster.authorities.client, now = () => new Date() }: Certified = {},
): Promise<KubeClient> {
  const tls = await tlsProviderAt(now)({});
  const make = async (type: string, inputs: Properties): Promise<Properties> => {
    const ctx = { urn: "u", type, preview: false, signal: new AbortController().signal } as unknown as ResourceContext;
    return (await tls.create(ctx, inputs)).outputs;
  };
  const text = (outputs: Properties, name: string): string => outputs[name] as string;
  const key = text(
    await make("tls:index/privateKey:PrivateKey", { algorithm: "ECDSA", ecdsaCurve: "P256" }),
    "privateKeyPem",
  );
  const subject = { commonName: user, ...(group === undefined ? {} : { organization: group }) };
  const request = await make("tls:index/certRequest:CertRequest", { privateKeyPem: key, subject });
  const certificate = await make("tls:index/locallySignedCert:LocallySignedCert", {
    certRequestPem: text(request, "certRequestPem"),
    caCertPem: authority.certificate,
    // As K3s keeps it.
    caPrivateKeyPem: createPrivateKey(authority.privateKey).export({ type: "sec1", format: "pem" }) as string,
    allowedUses: uses,
    validityPeriodHours: 365 * 24,
  });
  return new KubeClient({ ...parseKubeconfig(cluster.kubeconfig), certificate: text(certificate, "certPem"), key });
}

/** The HTTP code of what the API answers. */
export async function answer(
  who: KubeClient,
  method: "GET" | "POST" | "DELETE",
  path: string,
  body?: JsonObject,
): Promise<number> {
  try {
    await who.request({ method, path, ...(body === undefined ? {} : { body }) });
    return 200;
  } catch (error) {
    if (error instanceof KubeError) return error.code;
    throw error;
  }
}

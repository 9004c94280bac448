import { generateKeyPairSync } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { believed, type Pki } from "../pki";

/** Paths of what the daemons read, all in the state directory, readable by its owner only. */
export interface Files {
  readonly ca: string;
  readonly clientCa: string;
  /** Whose clients the API believes. */
  readonly apiClientCas: string;
  /** As which the API is the cluster's, and as which the stand-in's own tools know it. */
  readonly apiCertificate: string;
  readonly apiKey: string;
  readonly serverCertificate: string;
  readonly serverKey: string;
  readonly adminCertificate: string;
  readonly adminKey: string;
  readonly serviceAccountKey: string;
  readonly kubeconfig: string;
  readonly kwokConfig: string;
  readonly etcdData: string;
}

/** Writes certificates, keys and configuration; the service account key is made once. */
export function writeFiles(directory: string, pki: Pki, kubeconfig: string): Files {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const file = (name: string, content: string): string => {
    const path = join(directory, name);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  };
  const serviceAccountKey = join(directory, "service-account.key");
  if (!existsSync(serviceAccountKey)) {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    file("service-account.key", privateKey.export({ type: "pkcs1", format: "pem" }).toString());
  }
  return {
    ca: file("ca.crt", pki.own.server.certificate),
    clientCa: file("client-ca.crt", pki.own.client.certificate),
    apiClientCas: file("api-client-cas.crt", believed(pki).join("\n")),
    apiCertificate: file("api.crt", pki.cluster.serving.certificate),
    apiKey: file("api.key", pki.cluster.serving.privateKey),
    serverCertificate: file("server.crt", pki.own.serving.certificate),
    serverKey: file("server.key", pki.own.serving.privateKey),
    adminCertificate: file("admin.crt", pki.own.admin.certificate),
    adminKey: file("admin.key", pki.own.admin.privateKey),
    serviceAccountKey,
    kubeconfig: file("admin.conf", kubeconfig),
    kwokConfig: file("kwok.yaml", "kind: KwokConfiguration\napiVersion: config.kwok.x-k8s.io/v1alpha1\n"),
    etcdData: join(directory, "etcd"),
  };
}

import { OWN_NAME } from "../pki";
import type { Files } from "./files";

export interface Ports {
  readonly api: number;
  readonly etcdClient: number;
  readonly etcdPeer: number;
}

/** Nodes with this annotation are kwok's. */
export const fakeNode = { key: "kwok.x-k8s.io/node", value: "fake" };

/** etcd on loopback, with client certificates: the cluster's secrets are in it. */
export function etcdArguments(files: Files, ports: Ports): string[] {
  const client = `https://127.0.0.1:${ports.etcdClient}`;
  const peer = `https://127.0.0.1:${ports.etcdPeer}`;
  return [
    "--name=standin",
    `--data-dir=${files.etcdData}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=standin=${peer}`,
    "--client-cert-auth",
    "--peer-client-cert-auth",
    `--trusted-ca-file=${files.clientCa}`,
    `--peer-trusted-ca-file=${files.ca}`,
    ...["", "peer-"].flatMap((prefix) => [
      `--${prefix}cert-file=${files.serverCertificate}`,
      `--${prefix}key-file=${files.serverKey}`,
    ]),
    // The gateway would call back with the server's certificate, which is none for clients.
    "--enable-grpc-gateway=false",
    // A stand-in's state may be lost with the machine's power, and disks are slow in shared machines.
    "--unsafe-no-fsync",
  ];
}

export function apiServerArguments(files: Files, ports: Ports, host: string, serviceCidr: string): string[] {
  return [
    `--bind-address=${host}`,
    `--secure-port=${ports.api}`,
    // It reads these files again when they change (kubernetes/kubernetes, dynamiccertificates).
    `--tls-cert-file=${files.apiCertificate}`,
    `--tls-private-key-file=${files.apiKey}`,
    `--tls-sni-cert-key=${files.serverCertificate},${files.serverKey}:${OWN_NAME}`,
    `--client-ca-file=${files.apiClientCas}`,
    `--etcd-servers=https://127.0.0.1:${ports.etcdClient}`,
    `--etcd-cafile=${files.ca}`,
    `--etcd-certfile=${files.adminCertificate}`,
    `--etcd-keyfile=${files.adminKey}`,
    "--service-account-issuer=https://kubernetes.default.svc",
    `--service-account-key-file=${files.serviceAccountKey}`,
    `--service-account-signing-key-file=${files.serviceAccountKey}`,
    `--service-cluster-ip-range=${serviceCidr}`,
    "--authorization-mode=RBAC",
    "--allow-privileged=true",
    // No pod ever calls the API from inside: nobody needs endpoints of "kubernetes".
    "--endpoint-reconciler-type=none",
    // Debian 12's etcd 3.4 cannot tell its progress: watches that need it would end only after half a minute.
    "--feature-gates=WatchList=false,SizeBasedListCostEstimate=false",
    "--profiling=false",
    "--shutdown-delay-duration=0s",
  ];
}

export function controllerManagerArguments(files: Files, serviceCidr: string, podCidr: string): string[] {
  return [
    `--kubeconfig=${files.kubeconfig}`,
    `--service-account-private-key-file=${files.serviceAccountKey}`,
    `--root-ca-file=${files.ca}`,
    `--service-cluster-ip-range=${serviceCidr}`,
    "--allocate-node-cidrs=true",
    `--cluster-cidr=${podCidr}`,
    // Nobody should wait for what nobody measures.
    "--horizontal-pod-autoscaler-sync-period=1s",
    "--leader-elect=false",
    "--secure-port=0",
    "--profiling=false",
  ];
}

export const schedulerArguments = (files: Files): string[] => [
  `--kubeconfig=${files.kubeconfig}`,
  "--leader-elect=false",
  "--secure-port=0",
  "--profiling=false",
];

export const kwokArguments = (files: Files, podCidr: string): string[] => [
  `--kubeconfig=${files.kubeconfig}`,
  `--config=${files.kwokConfig}`,
  `--manage-nodes-with-annotation-selector=${fakeNode.key}=${fakeNode.value}`,
  `--cidr=${podCidr}`,
  "--node-lease-duration-seconds=40",
];

import type { ImageRuntime } from "../../apps/appArgs";
import type { AppPlan } from "../../apps/appPlan";
import { planApp } from "../../apps/planApp";
import { appLabels, processPods, serviceHost } from "../../apps/labels";
import type { ClusterMeta } from "../../apps/manifests";
import { INJECTION_LABEL, INJECTION_VALUE } from "../../apps/vaultAgent";
import type { LabelSelector } from "../../apps/podManifests";
import { httpProbes, type Probe } from "../../apps/probe";
import { VAULT_PORTS } from "./vaultConfig";
import type { WorkloadContext } from "../workloadContext";

export const INJECTOR_PODS = processPods("vault", "vault-agent-injector");
export const INJECTOR_PORT = 8080;

const FILES = { cert: "/etc/injector/tls.crt", key: "/etc/injector/tls.key" } as const;
/** Two, so that losing a node stops nobody's start. */
const REPLICAS = 2;
/** The API waits no longer; it allows 1-30. */
const TIMEOUT_SECONDS = 10;

/** The image's user "vault". */
const RUNTIME: ImageRuntime = { uid: 100, gid: 1000, rootFilesystem: "readOnly", writableDirectories: ["/tmp"] };

export interface VaultInjectorArgs {
  readonly image: string;
  /** Of the agents that it puts into pods. */
  readonly vaultImage: string;
  /** DNS name of Vault's Service. */
  readonly vaultHost: string;
  /** Placeholder of the certificate that agents verify Vault with. */
  readonly authority: string;
}

/**
 * The admission webhook that puts an agent into pods which ask for one (hashicorp/vault-k8s). Its certificate comes
 * from the stack's own authority, so it needs no right to write anything in the cluster.
 */
export function planVaultInjector(args: VaultInjectorArgs, { secrets, mistakes }: WorkloadContext): AppPlan {
  const { app: name, namespace } = INJECTOR_PODS;
  const { key, cert } = secrets.certificate({
    id: "vault/injector",
    authority: "vault",
    commonName: serviceHost(INJECTOR_PODS),
    // The API server asks for "<service>.<namespace>.svc".
    dnsNames: [`${name}.${namespace}.svc`, serviceHost(INJECTOR_PODS)],
    ipAddresses: [],
  });
  return planApp(
    {
      name,
      namespace,
      image: args.image,
      runtime: RUNTIME,
      // It watches its own webhook's configuration.
      apiAccess: true,
      config: {
        env: {
          AGENT_INJECT_LISTEN: `:${INJECTOR_PORT}`,
          AGENT_INJECT_LOG_FORMAT: "json",
          AGENT_INJECT_VAULT_ADDR: `https://${args.vaultHost}:${VAULT_PORTS.api}`,
          AGENT_INJECT_VAULT_AUTH_PATH: "auth/kubernetes",
          AGENT_INJECT_VAULT_CACERT_BYTES: args.authority,
          AGENT_INJECT_VAULT_IMAGE: args.vaultImage,
          AGENT_INJECT_TLS_CERT_FILE: FILES.cert,
          AGENT_INJECT_TLS_KEY_FILE: FILES.key,
          AGENT_INJECT_REVOKE_ON_SHUTDOWN: "true",
        },
        files: { [FILES.cert]: cert, [FILES.key]: key },
      },
      processes: [
        {
          name,
          args: ["agent-inject"],
          ports: { https: INJECTOR_PORT },
          scale: REPLICAS,
          probes: overTls(httpProbes({ port: "https", readinessPath: "/health/ready" })),
          resources: { cpu: { request: "50m", limit: "250m" }, memory: { request: "64Mi", limit: "128Mi" } },
          longestRequestSeconds: TIMEOUT_SECONDS,
        },
      ],
    },
    secrets,
    mistakes,
  );
}

function overTls(probes: ReturnType<typeof httpProbes>): ReturnType<typeof httpProbes> {
  const tls = (probe: Probe): Probe =>
    probe.check.kind === "http" ? { ...probe, check: { ...probe.check, tls: true } } : probe;
  return { startup: tls(probes.startup), readiness: tls(probes.readiness), liveness: tls(probes.liveness) };
}

export interface WebhookManifest {
  apiVersion: "admissionregistration.k8s.io/v1";
  kind: "MutatingWebhookConfiguration";
  metadata: ClusterMeta;
  webhooks: {
    name: string;
    admissionReviewVersions: string[];
    sideEffects: "None";
    failurePolicy: "Fail" | "Ignore";
    timeoutSeconds: number;
    matchPolicy: "Equivalent";
    /** Without caBundle: it is known once the authority's certificate is. */
    clientConfig: { service: { name: string; namespace: string; path: string; port: number } };
    rules: { operations: string[]; apiGroups: string[]; apiVersions: string[]; resources: string[]; scope: string }[];
    objectSelector: LabelSelector;
  }[];
}

/** Only pods that carry the label are held up when the injector is away, whatever the failure policy. */
export function injectorWebhook(failurePolicy: "Fail" | "Ignore"): WebhookManifest {
  const { app, namespace } = INJECTOR_PODS;
  return {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "MutatingWebhookConfiguration",
    metadata: { name: app, labels: { ...appLabels(app) } },
    webhooks: [
      {
        name: "vault.hashicorp.com",
        admissionReviewVersions: ["v1"],
        sideEffects: "None",
        failurePolicy,
        timeoutSeconds: TIMEOUT_SECONDS,
        matchPolicy: "Equivalent",
        clientConfig: { service: { name: app, namespace, path: "/mutate", port: INJECTOR_PORT } },
        rules: [
          {
            operations: ["CREATE"],
            apiGroups: [""],
            apiVersions: ["v1"],
            resources: ["pods"],
            scope: "Namespaced",
          },
        ],
        objectSelector: { matchLabels: { [INJECTION_LABEL]: INJECTION_VALUE } },
      },
    ],
  };
}

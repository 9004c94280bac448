import type { Hosts } from "../../topology/party";
import type { Endpoint, Topology } from "../../topology/topology";
import type { ImageRuntime } from "../../apps/appArgs";
import type { StatefulArgs } from "../../apps/processArgs";
import type { AppPlan } from "../../apps/appPlan";
import { planApp } from "../../apps/planApp";
import { processPods, serviceHost } from "../../apps/labels";
import { allowOutbound } from "../../topology/outbound";
import type { Probe, ProbeCheck } from "../../apps/probe";
import { VAULT_DATA, VAULT_FILES, VAULT_PORTS, vaultConfig, type VaultUnseal } from "./vaultConfig";
import { INJECTOR_PODS, INJECTOR_PORT, planVaultInjector } from "./vaultInjector";
import { serviceEndpoint } from "../../apps/serviceEndpoint";
import type { SecretVault } from "../services";
import type { WorkloadContext } from "../workloadContext";

export interface VaultArgs {
  readonly image: string;
  /** hashicorp/vault-k8s. */
  readonly injectorImage: string;
  /** Members of the raft: 1, 3 or 5, each on a worker of its own. */
  readonly replicas: number;
  readonly unseal: VaultUnseal;
  /** May a pod that asks for secrets start while the injector is away? "Fail": no. */
  readonly failurePolicy: "Fail" | "Ignore";
  /** Who calls the injector: the Kubernetes API. */
  readonly apiServers: Hosts;
}

export interface PlannedVault {
  /** Of one stateful process. */
  readonly server: AppPlan;
  readonly injector: AppPlan;
  readonly failurePolicy: "Fail" | "Ignore";
  /** TLS, with a certificate of the authority "vault". Pods that the injector gives an agent connect to it. */
  readonly endpoint: Endpoint;
  /** Placeholder of the authority's certificate: what the Kubernetes API verifies the injector with. */
  readonly authority: string;
}

export const VAULT_NAMESPACE = "vault";
const AUTHORITY = "vault";
const NAME = "vault";
const HEADLESS = "vault-members";
/** Configuration key of the other Vault's token, for unseal "transit". */
const TRANSIT_TOKEN = "vaultTransitToken";
const VOLUME_GB = 10;
/** Variable with a member's own name. */
const POD_NAME = "POD_NAME";
/** Vault ends requests after 90 s (default_max_request_duration); on SIGTERM it gives up leadership at once. */
const SHUTDOWN_SECONDS = 30;

/** The image's user "vault". The command goes past its entrypoint, which wants to change owners and capabilities. */
const RUNTIME: ImageRuntime = { uid: 100, gid: 1000, rootFilesystem: "readOnly", writableDirectories: ["/tmp"] };

/**
 * Vault with integrated storage. Its members find each other by name (retry_join) and speak TLS throughout.
 * Pods are replaced one by one, by people: each one is sealed when it comes back.
 *
 * It is reached from inside the cluster only.
 *
 * @throws MistakesError with every mistake, where the context collects none
 */
export function planVault(args: VaultArgs, context: WorkloadContext): PlannedVault {
  const { topology, secrets } = context;
  const pods = processPods(VAULT_NAMESPACE, NAME);
  const members = memberNames(args.replicas);
  const { key, cert, ca } = secrets.certificate({
    id: "vault/server",
    authority: AUTHORITY,
    commonName: serviceHost(pods),
    dnsNames: [NAME, `${NAME}.${VAULT_NAMESPACE}.svc`, serviceHost(pods), ...members, "localhost"],
    ipAddresses: ["127.0.0.1"],
  });
  const injector = planVaultInjector(
    { image: args.injectorImage, vaultImage: args.image, vaultHost: serviceHost(pods), authority: ca },
    context,
  );
  const server = planApp(
    {
      name: NAME,
      namespace: VAULT_NAMESPACE,
      image: args.image,
      runtime: RUNTIME,
      // It asks the API whose token a pod shows (TokenReview).
      apiAccess: true,
      config: {
        env: args.unseal.kind === "transit" ? { VAULT_TOKEN: secrets.configured(TRANSIT_TOKEN) } : {},
        files: {
          [VAULT_FILES.config]: vaultConfig(members, args.unseal),
          [VAULT_FILES.cert]: cert,
          [VAULT_FILES.key]: key,
          [VAULT_FILES.authority]: ca,
        },
      },
      processes: [serverProcess(args.replicas)],
    },
    secrets,
    context.mistakes,
  );

  const endpoint = serviceEndpoint(topology, "vault/api", pods, VAULT_PORTS.api);
  const cluster = topology.endpoint({ id: "vault/raft", provider: pods, port: VAULT_PORTS.cluster, protocol: "tcp" });
  topology.allow(pods, endpoint, "Vault's members join each other");
  topology.allow(pods, cluster, "Vault's members replicate, and pass requests on to the leader");
  if (args.unseal.kind === "transit")
    allowOutbound(topology, pods, portOf(args.unseal.address), "another Vault decrypts this one's key");
  const webhook = serviceEndpoint(topology, "vault/injector", INJECTOR_PODS, INJECTOR_PORT);
  topology.allow(args.apiServers, webhook, "the API asks the injector to complete pods");

  return {
    server,
    injector,
    failurePolicy: args.failurePolicy,
    endpoint,
    authority: ca,
  };
}

/** What applications are given of a Vault; one with mistakes of its own gives nothing, and its users are not blamed. */
export function secretVault(vault: PlannedVault | undefined, topology: Topology): SecretVault {
  return {
    reach: (consumer) => {
      if (vault !== undefined) topology.allow(consumer, vault.endpoint, "its agent fetches secrets from Vault");
      return vault?.endpoint;
    },
  };
}

function memberNames(replicas: number): readonly string[] {
  return Array.from({ length: replicas }, (_, i) => `${NAME}-${i}.${HEADLESS}.${VAULT_NAMESPACE}.svc.cluster.local`);
}

function serverProcess(replicas: number): StatefulArgs {
  const own = `https://$(${POD_NAME}).${HEADLESS}.${VAULT_NAMESPACE}.svc.cluster.local`;
  return {
    kind: "stateful",
    name: NAME,
    headless: HEADLESS,
    volume: { path: VAULT_DATA, sizeGb: VOLUME_GB },
    // A pod is sealed when it comes back, and not ready until people have unsealed it.
    rollout: "byPeople",
    command: ["vault"],
    args: ["server", `-config=${VAULT_FILES.config}`],
    podFields: { [POD_NAME]: "metadata.name" },
    env: {
      VAULT_RAFT_NODE_ID: `$(${POD_NAME})`,
      VAULT_API_ADDR: `${own}:${VAULT_PORTS.api}`,
      VAULT_CLUSTER_ADDR: `${own}:${VAULT_PORTS.cluster}`,
      // For the vault command in the pod.
      VAULT_ADDR: `https://127.0.0.1:${VAULT_PORTS.api}`,
      VAULT_CACERT: VAULT_FILES.authority,
      HOME: "/tmp",
    },
    ports: { api: VAULT_PORTS.api, raft: VAULT_PORTS.cluster },
    scale: replicas,
    probes: {
      startup: { ...probe(ALIVE), failureThreshold: 24 },
      readiness: probe(READY),
      liveness: { ...probe(ALIVE), periodSeconds: 15, failureThreshold: 4 },
    },
    resources: { cpu: { request: "100m", limit: "1" }, memory: { request: "256Mi", limit: "1Gi" } },
    longestRequestSeconds: SHUTDOWN_SECONDS,
  };
}

/**
 * /v1/sys/health answers 200 when active, 429 as a standby, 501 uninitialised, 503 sealed. A standby serves (it
 * passes requests on), so it is ready. Sealed or uninitialised it serves nobody, but a restart mends neither.
 */
const READY = "/v1/sys/health?standbyok=true";
const ALIVE = `${READY}&sealedcode=204&uninitcode=204`;

function probe(path: string): Probe {
  const check: ProbeCheck = { kind: "http", path, port: "api", tls: true };
  return { check, periodSeconds: 5, timeoutSeconds: 3, failureThreshold: 2 };
}

function portOf(address: string): number {
  const { port } = new URL(address);
  return port === "" ? 443 : Number(port);
}

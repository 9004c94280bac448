import type { Route } from "../components/cluster/ingress/routes";
import type { DataNeed } from "../components/workloads/dataNeeds";
import type { VaultUnseal } from "../components/workloads/vault/vaultConfig";

/** What every workload has. */
export interface WorkloadSpec {
  /** With its tag or digest; "latest" is refused. */
  readonly image: string;
  readonly replicas: number;
  /** Public host name; undefined: reached only from inside the cluster. */
  readonly host?: string;
}

export interface ApiSpec extends WorkloadSpec {
  /** Upper bound of the HorizontalPodAutoscaler; `replicas` is the lower one. */
  readonly maxReplicas: number;
}

export interface ChatwootSpec extends WorkloadSpec {
  readonly host: string;
  readonly workerReplicas: number;
  /** Timeout of ordinary requests at the ingress. Default 60. rack-timeout ends a request after 15 s anyway. */
  readonly requestTimeoutSeconds?: number;
}

/** n8n's main process is one, ever; what scales are its workers and the receivers of webhooks. */
export interface N8nSpec {
  readonly image: string;
  /** Public host name of editor and webhooks. */
  readonly host: string;
  readonly workerReplicas: number;
  readonly webhookReplicas: number;
}

/** `replicas` are those of the web process. */
export interface SupersetSpec extends WorkloadSpec {
  readonly host: string;
  readonly workerReplicas: number;
  /** Address of the first administrator. */
  readonly adminEmail: string;
}

/** `replicas` are those of nginx and of the web process. Needs hosts of roles "mariadb" and "proxysql". */
export interface ErpNextSpec extends WorkloadSpec {
  readonly host: string;
  /** Of each of the two kinds of workers. */
  readonly workerReplicas: number;
  /** GB for attached files. */
  readonly filesGb: number;
  /** Storage class that several nodes can mount. Default: local, all of ERPNext on one node (docs/decisions/0007). */
  readonly sharedClass?: string;
}

/** A marketplace connector or an AI service, whole: an application of KeyBuzz' own that answers HTTP. */
export interface ConnectorSpec extends WorkloadSpec {
  /** Names its Deployment, database, vhost and bucket; unique in the estate. */
  readonly name: string;
  /** "connectors", "ai". */
  readonly namespace: string;
  /** Of the container and of the Service. */
  readonly port: number;
  /** Answers 200-399 when it can take requests. */
  readonly readinessPath: string;
  /** Default: readinessPath. */
  readonly livenessPath?: string;
  /** Upper bound of an autoscaler; `replicas` is the lower one. Default: no autoscaler. */
  readonly maxReplicas?: number;
  /** Default: none. */
  readonly needs?: readonly DataNeed[];
  /** Number of its Redis database, 5-13; only with need "redis". Default 5; a second connector needs another. */
  readonly redisIndex?: number;
  /** It calls HTTPS services on the internet. Default false. */
  readonly outbound?: boolean;
  /** Plain variables. Default: none. */
  readonly env?: Readonly<Record<string, string>>;
  /** Variables by key of the stack's secret configuration: { SHOP_TOKEN: "shopToken" }. Default: none. */
  readonly configuredSecrets?: Readonly<Record<string, string>>;
  /** What the internet may ask of it at `host`. Default, with a host: ordinary requests below "/". */
  readonly routes?: readonly Route[];
}

export interface VaultSpec {
  readonly image: string;
  /** Of the agent injector. */
  readonly injectorImage: string;
  /** Members of its raft: 1, 3 or 5, each on a worker of its own. */
  readonly replicas: number;
  readonly unseal: VaultUnseal;
  /** May a pod that asks for secrets start while the injector is away: "Ignore", or not: "Fail"? */
  readonly failurePolicy: "Fail" | "Ignore";
}

import type { Endpoint } from "../topology/topology";
import type { Probes } from "./probe";
import type { Resources } from "./quantity";

/** An application: one image and one configuration, run as one or more processes ("web", "worker"). */
export interface AppArgs {
  /** Unique within the estate: "chatwoot". */
  readonly name: string;
  readonly namespace: string;
  /** With its tag or digest; "latest" is refused. */
  readonly image: string;
  readonly runtime: ImageRuntime;
  readonly config: AppConfig;
  /** Do its pods speak to the Kubernetes API? Then they get the token of its ServiceAccount. Default false. */
  readonly apiAccess?: boolean;
  /** Default: none, the image is public. */
  readonly pullSecret?: PullSecret;
  /** Default: none. */
  readonly migration?: Migration;
  readonly processes: readonly ProcessArgs[];
  /** Default: none; pods keep nothing. */
  readonly volume?: SharedVolume;
  /** The endpoints whose addresses are in the configuration: what must be up before this application starts. */
  readonly uses?: readonly Endpoint[];
}

/** What the image needs of the machine. Nothing here makes it root or privileged; that is not on offer. */
export interface ImageRuntime {
  /** User that the processes run as; from 1. */
  readonly uid: number;
  /** Default: uid. */
  readonly gid?: number;
  /** Some images write beside their own files; the reason is kept as an annotation of the pods. */
  readonly rootFilesystem: "readOnly" | { readonly writableBecause: string };
  /** Empty at every start of a pod. Default: ["/tmp"]. */
  readonly writableDirectories?: readonly string[];
}

/** Environment and files of every process and of the migration. Values that hold a secret's placeholder go into Secrets. */
export interface AppConfig {
  readonly env: Readonly<Record<string, string>>;
  /** Content by absolute path. Default: none. */
  readonly files?: Readonly<Record<string, string>>;
  /** Default: "<app>-config". */
  readonly configMapName?: string;
  /** Default: "<app>-secrets". */
  readonly secretName?: string;
}

/** Files that all pods of an application share, its migration's among them. */
export interface SharedVolume {
  /** Of its claim: "erpnext-sites". */
  readonly name: string;
  /** Where it is mounted in every container; absolute. */
  readonly path: string;
  readonly sizeGb: number;
  /**
   * local: on the disk of the node that the first pod comes to. All pods of the application follow it there, and it
   * is lost with that node. Other classes can be shared between nodes, where the cluster has one. Default "local".
   */
  readonly storage?: "local" | { readonly sharedClass: string };
}

/** Credentials for a private registry, one Secret per namespace. */
export interface PullSecret {
  readonly name: string;
  /** "ghcr.io" */
  readonly registry: string;
  readonly username: string;
  /** A secret's placeholder. */
  readonly password: string;
}

/** Runs to its end before any process of the new version starts. If it fails, the old version keeps running. */
export interface Migration {
  /** "chatwoot-migrate"; a hash of all that it depends on is added. */
  readonly name: string;
  readonly command: readonly string[];
  /** In the place of the configuration's values; may hold secrets' placeholders. Default: none. */
  readonly env?: Readonly<Record<string, string>>;
  /** Seconds for all attempts together. */
  readonly timeoutSeconds: number;
  /** Further attempts after a failed one. Default 2. */
  readonly retries?: number;
  readonly resources: Resources;
}

/** A worker that general applications should leave alone (HostSpec.duty). */
export type Duty = "ai" | "monitoring";

export interface Placement {
  /** Nodes to stay away from, by their label keybuzz.io/duty. */
  readonly avoid: readonly Duty[];
  /** true: rather not run at all than there; false: only when nothing else is free. */
  readonly strict: boolean;
}

/** Pods are added and removed to keep their mean CPU use at `cpuPercent` of their request. */
export interface Autoscale {
  readonly min: number;
  readonly max: number;
  readonly cpuPercent: number;
}

/** A Deployment with what belongs to it: Service, autoscaler, disruption budget. */
export interface ProcessArgs {
  /** Names the Deployment, its Service, and the pods in NetworkPolicies: "chatwoot-web". */
  readonly name: string;
  /** Default: the image's. */
  readonly command?: readonly string[];
  /** Default: the image's. */
  readonly args?: readonly string[];
  /** Plain values for this process alone. Default: none. */
  readonly env?: Readonly<Record<string, string>>;
  /** Number by name; the Service listens on the same numbers. Default: none, no Service. */
  readonly ports?: Readonly<Record<string, number>>;
  readonly scale: number | Autoscale;
  readonly probes: Probes;
  readonly resources: Resources;
  /** Seconds that the longest request or job may still take once the pod is told to stop. */
  readonly longestRequestSeconds: number;
  /** Seconds between leaving the Service and being told to stop, so that no router still sends requests. Default: 10 with ports, else 0. */
  readonly drainSeconds?: number;
  /** Seconds from the order to stop until the kill. Default: drain + longest request + 15. */
  readonly gracePeriodSeconds?: number;
  /** Pods that a node's drain may take at once. Default: 1 where there are two or more, else no budget. */
  readonly maxUnavailable?: number;
  /** recreate: never two at a time (schedulers). Default "rolling". */
  readonly rollout?: "rolling" | "recreate";
  /** Default: away from AI and monitoring workers where possible. */
  readonly placement?: Placement;
}

import type { Endpoint } from "../topology/topology";
import type { CronArgs } from "./cronArgs";
import type { ClusterRule } from "./manifests";
import type { ObjectPatch } from "./objectPatch";
import type { ProcessArgs } from "./processArgs";
import type { Resources } from "./quantity";
import type { VaultFile } from "./vaultAgent";

/** An application: one image and one configuration, run as one or more processes ("web", "worker"). */
export interface AppArgs {
  /** Unique within the estate: "chatwoot". */
  readonly name: string;
  /** What it belongs to, as the labels of its objects say: "monitoring". Default: only to itself. */
  readonly partOf?: string;
  readonly namespace: string;
  /** With its tag or digest; "latest" is refused. */
  readonly image: string;
  readonly runtime: ImageRuntime;
  readonly config: AppConfig;
  /** Do its pods speak to the Kubernetes API? Then they get the token of its ServiceAccount. Default: where it has cluster rights. */
  readonly apiAccess?: boolean;
  /** What that token may ask of the whole cluster. Default: nothing. */
  readonly clusterRights?: readonly ClusterRule[];
  /** Default: none, the image is public. */
  readonly pullSecret?: PullSecret;
  /** Default: none. */
  readonly migration?: Migration;
  /**
   * Makes the first account of an application whose first visitor would become its owner: a Job that runs when its
   * processes are up and before it has any public route. Where there is an owner it must change nothing, say so, and
   * end well: it runs again with each new version. Default: none.
   */
  readonly firstAccount?: Migration;
  /** Who was made its administrator, for the stack's output. Default: nobody. */
  readonly administrator?: Administrator;
  readonly processes: readonly ProcessArgs[];
  /** Programs that run at their times. Default: none. */
  readonly crons?: readonly CronArgs[];
  /** Default: none; pods keep nothing. */
  readonly volume?: SharedVolume;
  /** Secrets that people keep in Vault, as files of every pod. Default: none. */
  readonly vaultFiles?: readonly VaultFile[];
  /** Changes its objects where nothing else does. Default: none. */
  readonly patch?: ObjectPatch;
  /** What must be up before this application starts: the endpoints whose addresses are in the configuration, Vault. */
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
  /** Default: none. */
  readonly directories?: readonly ConfigDirectory[];
  /** Default: "<app>-config". */
  readonly configMapName?: string;
  /** Default: "<app>-secrets". */
  readonly secretName?: string;
}

/** A whole directory, read-only: a ConfigMap of its own, or a Secret where any of its texts holds a secret's placeholder. */
export interface ConfigDirectory {
  /** Of that ConfigMap or Secret: "prometheus-rules". */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  /** Content by file name. */
  readonly files: Readonly<Record<string, string>>;
  /** The processes notice a change by themselves, so that no pod is replaced for it. Default false: pods are. */
  readonly watched?: boolean;
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

/** Someone who may do everything in an application. */
export interface Administrator {
  /** As it is typed at the login. */
  readonly user: string;
  /** Holds a secret's placeholder. */
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

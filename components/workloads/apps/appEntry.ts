import type { ImageRuntime, PullSecret } from "../../apps/appArgs";
import type { ObjectPatch } from "../../apps/objectPatch";
import type { BesideArgs, Placement } from "../../apps/processArgs";
import type { Resources } from "../../apps/quantity";
import type { Route } from "../../cluster/ingress/routes";
import type { AppNeeds } from "./appNeeds";

/** Any application, described and nothing more: what an environment says of it. */
export interface AppEntry {
  /** Unique in the estate. Names its database, queue, bucket and objects. */
  readonly name: string;
  /** Default: its name. */
  readonly namespace?: string;
  readonly image: string;
  /** Default: user 1000, read-only but for /tmp. */
  readonly runtime?: ImageRuntime;
  readonly processes: readonly AppProcess[];
  /** Runs to its end before any process of a new version starts. Default: none. */
  readonly migration?: AppMigration;
  /** What it uses of the estate and of the world. Default: nothing. */
  readonly needs?: AppNeeds;
  /** Plain variables; "{{NAME}}" stands for another variable's value. Default: none. */
  readonly env?: Readonly<Record<string, string>>;
  /** Content by absolute path; "{{NAME}}" stands for a variable's value. Default: none. */
  readonly files?: Readonly<Record<string, string>>;
  /** Variables by key of the stack's secret configuration: { SHOP_TOKEN: "shopToken" }. Default: none. */
  readonly configuredSecrets?: Readonly<Record<string, string>>;
  /** Variables whose secret value is made once and kept: ["SESSION_SECRET"]. Default: none. */
  readonly generatedSecrets?: readonly string[];
  /** Changes its objects where no option does; judged like all else. Default: none. */
  readonly patch?: ObjectPatch;
  /** Files that all its pods share. Default: none. */
  readonly sharedFiles?: SharedFiles;
  /** Credentials of the image's registry. Default: none, the image is public. */
  readonly pullSecret?: PullSecret;
}

export interface SharedFiles {
  /** Where they are in every container; absolute. */
  readonly path: string;
  readonly sizeGb: number;
  /** Storage class that several nodes can mount. Default: local, all pods of the application on one node. */
  readonly sharedClass?: string;
}

export interface AppMigration {
  readonly command: readonly string[];
  /** Plain values in the place of the application's. Default: none. */
  readonly env?: Readonly<Record<string, string>>;
  /** Seconds for all attempts together. Default 600. */
  readonly timeoutSeconds?: number;
  /** Further attempts after a failed one. Default 2. */
  readonly retries?: number;
  /** Default: 100m-1 core, 256-512 MiB. */
  readonly resources?: Resources;
}

export type AppProcess = WebProcess | WorkerProcess | CronProcess | DaemonProcess;

interface AnyProcess {
  /** After the application's: "report" of "shop" is "shop-report". Default: its kind; "web" has the application's own name. */
  readonly name?: string;
  /** Default: the image's. */
  readonly command?: readonly string[];
  /** Default: the image's. */
  readonly args?: readonly string[];
  /** Plain variables for this process alone. Default: none. */
  readonly env?: Readonly<Record<string, string>>;
  /** Default: 100m-1 core, 256-512 MiB. */
  readonly resources?: Resources;
}

interface LastingProcess extends AnyProcess {
  /** Seconds that a start may take. Default 60. */
  readonly startupSeconds?: number;
  /** Run one after the other, each to its end, before the process starts. Default: none. */
  readonly init?: readonly BesideProcess[];
  /** Run beside it in the same pod. Default: none. */
  readonly sidecars?: readonly BesideProcess[];
}

/** A further container of a process' pods: the same user, configuration, files and network. */
export interface BesideProcess extends Omit<BesideArgs, "resources"> {
  /** Default: 50m-500m cores, 64-256 MiB. */
  readonly resources?: Resources;
}

/** Answers requests: from other applications, and where it is exposed, from outside. */
export interface WebProcess extends LastingProcess {
  readonly kind: "web";
  /** Of the container and of the Service. */
  readonly port: number;
  /** Further ports of both by name, such as { metrics: 9090 }. Default: none. */
  readonly ports?: Readonly<Record<string, number>>;
  readonly health: AppHealth;
  readonly scale: AppScale;
  /** recreate: never two at a time. Default "rolling". */
  readonly rollout?: "rolling" | "recreate";
  /** Default: away from AI and monitoring workers where possible. */
  readonly placement?: Placement;
  /** Seconds of the longest request. Default 60. */
  readonly longestRequestSeconds?: number;
  /** A volume for each pod, on its node's disk. Default: none; pods keep nothing. */
  readonly ownVolume?: { readonly path: string; readonly sizeGb: number };
  /** Another version that gets a part of what is asked from outside. Default: none. */
  readonly canary?: CanaryVersion;
  /** What may be asked of it from outside. Default: nothing, it is reached from inside the cluster only. */
  readonly expose?: readonly AppExposure[];
}

/** Pods like the process' own, but for these. It has the same needs, and the migration is the application's alone. */
export interface CanaryVersion {
  readonly image: string;
  /** 1-99 of all requests from outside, by chance. */
  readonly percent: number;
  /** Pods. Default 2. */
  readonly scale?: number;
  /** Plain variables beside the process' own. Default: none. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface AppExposure {
  /** Public host name. Several applications may have parts of one. */
  readonly host: string;
  /** Default: ordinary requests below "/". */
  readonly routes?: readonly Route[];
}

/** Works without being asked: queues, streams. */
export interface WorkerProcess extends LastingProcess {
  readonly kind: "worker";
  readonly health: AppHealth;
  readonly scale: AppScale;
  /** recreate: never two at a time (schedulers). Default "rolling". */
  readonly rollout?: "rolling" | "recreate";
  /** Default: away from AI and monitoring workers where possible. */
  readonly placement?: Placement;
  /** Seconds that the longest job may still take once a pod is told to stop. Default 60. */
  readonly longestJobSeconds?: number;
}

/** Runs at its times, never twice at once. */
export interface CronProcess extends AnyProcess {
  readonly kind: "cron";
  /** Minute, hour, day of the month, month, day of the week: "0 3 * * *". */
  readonly schedule: string;
  /** Of the schedule, by its name in the IANA database. Default "Etc/UTC". */
  readonly timeZone?: string;
  /** Seconds for all attempts of one run together. Default 3600. */
  readonly timeoutSeconds?: number;
  /** Further attempts after a failed one. Default 0. */
  readonly retries?: number;
  /** Default: away from AI and monitoring workers where possible. */
  readonly placement?: Placement;
}

/** One pod on every node. */
export interface DaemonProcess extends LastingProcess {
  readonly kind: "daemon";
  readonly health: AppHealth;
}

/** How Kubernetes learns how a process is. */
export type AppHealth =
  | {
      /** `path` answers 200-399 when requests can be taken, `livenessPath` (default: the same) as long as it is sound. */
      readonly kind: "http";
      readonly path: string;
      readonly livenessPath?: string;
      /** Default: the process' port. */
      readonly port?: number;
    }
  | {
      /** The port accepts connections. */
      readonly kind: "tcp";
      /** Default: the process' port. */
      readonly port?: number;
    }
  | {
      /** The command ends with 0. */
      readonly kind: "exec";
      readonly command: readonly string[];
    }
  /** Nothing can be asked of it: it ends when it is unwell, and is started again. */
  | { readonly kind: "exit" };

/** Pods, or what an autoscaler keeps to; by CPU at 70 per cent of the request where no measure is named. */
export type AppScale =
  | number
  | { readonly min: number; readonly max: number; readonly cpuPercent?: number; readonly memoryPercent?: number };

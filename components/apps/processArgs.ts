import type { Health } from "./probe";
import type { Resources } from "./quantity";

/** A worker that general applications should leave alone (HostSpec.duty). */
export type Duty = "ai" | "monitoring";

/** On which nodes, by their label keybuzz.io/duty. */
export type Placement =
  | {
      /** Nodes to stay away from. */
      readonly avoid: readonly Duty[];
      /** true: rather not run at all than there; false: only when nothing else is free. */
      readonly strict: boolean;
    }
  /** On the workers kept for that, and nowhere else. */
  | { readonly only: Duty }
  /** On general workers, and on those kept for that as well. */
  | { readonly also: Duty };

/** Pods are added and removed to keep their mean use at so many per cent of their request; of both, what asks for more pods. */
export interface Autoscale {
  readonly min: number;
  readonly max: number;
  readonly cpuPercent?: number;
  readonly memoryPercent?: number;
}

/** What only the pod itself knows: its name, or the address of its node. */
export type PodField = "metadata.name" | "status.hostIP";

/** One program of an application; its kind says how pods run it. */
export type ProcessArgs = DeploymentArgs | StatefulArgs | DaemonArgs;

interface CommonArgs {
  /** Names the workload, its Service, and the pods in NetworkPolicies: "chatwoot-web". */
  readonly name: string;
  /** Default: the application's. */
  readonly image?: string;
  /** Default: the image's. */
  readonly command?: readonly string[];
  /** Default: the image's. Like values of `env` they may name variables of the pod as "$(NAME)". */
  readonly args?: readonly string[];
  /** Plain values for this process alone. Default: none. */
  readonly env?: Readonly<Record<string, string>>;
  /** Fields of the pod by variable. Default: none. */
  readonly podFields?: Readonly<Record<string, PodField>>;
  /** Number by name; the Service listens on the same numbers. Default: none, no Service. */
  readonly ports?: Readonly<Record<string, number>>;
  readonly probes: Health;
  readonly resources: Resources;
  /** Seconds that the longest request or job may still take once the pod is told to stop. */
  readonly longestRequestSeconds: number;
  /** Seconds between leaving the Service and being told to stop, so that no router still sends requests. Default: 10 with a Service, else 0. */
  readonly drainSeconds?: number;
  /** Seconds from the order to stop until the kill. Default: drain + longest request + 15. */
  readonly gracePeriodSeconds?: number;
  /** Run one after the other, each to its end, before the process starts. Default: none. */
  readonly init?: readonly BesideArgs[];
  /** Run beside it in the same pod, from before its start until after its end. Default: none. */
  readonly sidecars?: readonly BesideArgs[];
}

/** A further container of a process' pods: the same user, configuration, files and network; what it is filters do not tell. */
export interface BesideArgs {
  /** Unique in the pod. */
  readonly name: string;
  /** Default: the application's. */
  readonly image?: string;
  /** Default: the image's. */
  readonly command?: readonly string[];
  /** Default: the image's. */
  readonly args?: readonly string[];
  /** Plain values for this container alone. Default: none. */
  readonly env?: Readonly<Record<string, string>>;
  readonly resources: Resources;
}

interface ScheduledArgs extends CommonArgs {
  /** Pods that a node's drain may take at once. Default: 1 where there are two or more, else no budget. */
  readonly maxUnavailable?: number;
  /** Default: away from AI and monitoring workers where possible. */
  readonly placement?: Placement;
}

/** Pods that are all alike, with a Service, an autoscaler and a disruption budget. */
export interface DeploymentArgs extends ScheduledArgs {
  /** Default "deployment". */
  readonly kind?: "deployment";
  readonly scale: number | Autoscale;
  /** recreate: never two at a time (schedulers). Default "rolling". */
  readonly rollout?: "rolling" | "recreate";
}

/** Pods that keep their names and a volume each, never two on one node. They need a port: a Service names them. */
export interface StatefulArgs extends ScheduledArgs {
  readonly kind: "stateful";
  readonly scale: number;
  readonly volume: PodVolume;
  /**
   * A second Service, which gives each pod a name, ready or not: "<pod>.<headless>.<namespace>.svc". With it pods are
   * members that look for each other, and are started together: the first is not ready before a second answers it.
   * Default: none; pods are started one after the other.
   */
  readonly headless?: string;
  /**
   * byPeople: pods are replaced only when people delete them, and may be not ready for as long as people take: a run
   * does not wait for them. Default "rolling".
   */
  readonly rollout?: "rolling" | "byPeople";
}

/** A pod's own volume, on the disk of the node that the pod was first put on: there it stays. Kept when pod or set go. */
export interface PodVolume {
  /** Absolute. */
  readonly path: string;
  readonly sizeGb: number;
}

/** One pod on every node, whatever the node is kept for. It has no Service. */
export interface DaemonArgs extends CommonArgs {
  readonly kind: "daemon";
  /** How many nodes there are, from 1: a roll-out takes them one after the other, and is waited for as long. */
  readonly nodes: number;
  /** On the node's own network: its ports are the node's. Only a "privileged" namespace allows it. Default false. */
  readonly nodeNetwork?: boolean;
  /** Where it sees the node's files, read-only. Only a "privileged" namespace allows it. Default: nowhere. */
  readonly nodeFilesAt?: string;
}

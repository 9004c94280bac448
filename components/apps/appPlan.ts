import type { Endpoint } from "../topology/topology";
import type { Autoscale, ImageRuntime, Migration, ProcessArgs, PullSecret, SharedVolume } from "./appArgs";

/** An application with all defaults in place and no mistake in it; what `renderApp` turns into objects. */
export interface AppPlan {
  readonly name: string;
  readonly namespace: string;
  readonly image: string;
  readonly runtime: Required<ImageRuntime>;
  readonly apiAccess: boolean;
  readonly configMap: ConfigData;
  /** Values hold placeholders. */
  readonly secret: ConfigData;
  readonly files: readonly MountedFile[];
  /** Placeholder of the key that hides secrets behind their checksum; undefined where there are no secrets. */
  readonly checksumKey: string | undefined;
  readonly pullSecret: PullSecret | undefined;
  readonly migration: MigrationPlan | undefined;
  readonly processes: readonly ProcessPlan[];
  readonly volume: SharedVolume | undefined;
  readonly uses: readonly Endpoint[];
}

/** A ConfigMap or Secret: it exists only when it has entries. */
export interface ConfigData {
  readonly name: string;
  readonly entries: Readonly<Record<string, string>>;
}

export interface MountedFile {
  /** Absolute path in the container. */
  readonly path: string;
  /** Key in the ConfigMap or Secret of files. */
  readonly key: string;
  readonly content: string;
  readonly secret: boolean;
}

export interface MigrationPlan extends Required<Migration> {
  /** The overrides that hold secrets. */
  readonly secret: ConfigData;
}

type Defaulted =
  "env" | "ports" | "drainSeconds" | "gracePeriodSeconds" | "rollout" | "placement" | "scale" | "maxUnavailable";

export interface ProcessPlan
  extends Omit<ProcessArgs, Defaulted>, Required<Pick<ProcessArgs, Exclude<Defaulted, "scale" | "maxUnavailable">>> {
  /** Replicas where they are fixed, else the lower bound. */
  readonly minReplicas: number;
  readonly autoscale: Autoscale | undefined;
  /** Undefined: no budget, the only pod may be evicted. */
  readonly maxUnavailable: number | undefined;
}

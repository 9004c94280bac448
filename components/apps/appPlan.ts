import type { Endpoint } from "../topology/topology";
import type { Administrator, ConfigDirectory, ImageRuntime, Migration, PullSecret, SharedVolume } from "./appArgs";
import type { CronPlan } from "./cronArgs";
import type { ClusterRule } from "./manifests";
import type { ObjectPatch } from "./objectPatch";
import type { ProcessPlan } from "./processPlan";
import type { VaultFile } from "./vaultAgent";

/** An application with all defaults in place and no mistake in it; what `renderApp` turns into objects. */
export interface AppPlan {
  readonly name: string;
  readonly partOf: string;
  readonly namespace: string;
  readonly image: string;
  readonly runtime: Required<ImageRuntime>;
  readonly apiAccess: boolean;
  readonly clusterRights: readonly ClusterRule[];
  readonly configMap: ConfigData;
  /** Values hold placeholders. */
  readonly secret: ConfigData;
  readonly files: readonly MountedFile[];
  readonly directories: readonly MountedDirectory[];
  /** Placeholder of the key that hides secrets behind their checksum; undefined where there are no secrets. */
  readonly checksumKey: string | undefined;
  readonly pullSecret: PullSecret | undefined;
  readonly migration: MigrationPlan | undefined;
  readonly firstAccount: MigrationPlan | undefined;
  readonly administrator: Administrator | undefined;
  readonly processes: readonly ProcessPlan[];
  readonly crons: readonly CronPlan[];
  readonly volume: SharedVolume | undefined;
  readonly vaultFiles: readonly VaultFile[];
  readonly patch: ObjectPatch | undefined;
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

export interface MountedDirectory extends ConfigDirectory {
  readonly secret: boolean;
}

export interface MigrationPlan extends Required<Migration> {
  /** The overrides that hold secrets. */
  readonly secret: ConfigData;
}

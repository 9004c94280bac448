import type {
  ClaimManifest,
  ClusterRoleBindingManifest,
  ClusterRoleManifest,
  ConfigMapManifest,
  CronJobManifest,
  JobManifest,
  SecretManifest,
  ServiceAccountManifest,
} from "./manifests";
import type { RenderedProcess } from "./renderProcess";

/** Every Kubernetes object of an application, as plain data. Secrets still hold placeholders. */
export interface RenderedApp {
  readonly serviceAccount: ServiceAccountManifest;
  /** What its account may ask of the whole cluster. */
  readonly clusterRights: RenderedRights | undefined;
  readonly configMaps: readonly ConfigMapManifest[];
  readonly secrets: readonly SecretManifest[];
  /** Of the shared volume. */
  readonly claim: ClaimManifest | undefined;
  readonly migration: JobManifest | undefined;
  readonly firstAccount: JobManifest | undefined;
  readonly processes: readonly RenderedProcess[];
  readonly crons: readonly CronJobManifest[];
}

export interface RenderedRights {
  readonly role: ClusterRoleManifest;
  readonly binding: ClusterRoleBindingManifest;
}

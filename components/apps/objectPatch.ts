import type {
  AutoscalerManifest,
  ClaimManifest,
  ConfigMapManifest,
  CronJobManifest,
  DaemonSetManifest,
  DeploymentManifest,
  DisruptionBudgetManifest,
  ServiceAccountManifest,
  ServiceManifest,
  StatefulSetManifest,
} from "./manifests";

/** What of an application's objects may be changed. Secrets hold what is nobody's to see; a Job cannot change in place. */
export type PatchableObject =
  | AutoscalerManifest
  | ClaimManifest
  | ConfigMapManifest
  | CronJobManifest
  | DaemonSetManifest
  | DeploymentManifest
  | DisruptionBudgetManifest
  | ServiceAccountManifest
  | ServiceManifest
  | StatefulSetManifest;

/** One of an application's objects as it shall be: the same object, with whatever fields Kubernetes has for it. */
export type ObjectPatch = (object: PatchableObject) => object;

import type { AppPlan } from "./appPlan";
import type { SharedVolume } from "./appArgs";
import { appLabels, SKIP_AWAIT } from "./labels";
import type { ClaimManifest } from "./manifests";

/** K3s' own provisioner (rancher/local-path-provisioner): a directory on one node's disk. */
export const LOCAL_CLASS = "local-path";

/**
 * The claim of an application's shared files. ReadWriteOnce means one node, not one pod: all pods of the application
 * are scheduled to the node that has the volume.
 */
export function renderClaim(plan: AppPlan, { name, sizeGb, storage = "local" }: SharedVolume): ClaimManifest {
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    // Bound by its first pod only, which waits for it in turn.
    metadata: {
      name,
      namespace: plan.namespace,
      labels: { ...appLabels(plan.partOf) },
      annotations: { ...SKIP_AWAIT },
    },
    spec: {
      storageClassName: storage === "local" ? LOCAL_CLASS : storage.sharedClass,
      accessModes: [storage === "local" ? "ReadWriteOnce" : "ReadWriteMany"],
      resources: { requests: { storage: `${sizeGb}Gi` } },
    },
  };
}

import { at, list, text } from "./graph";
import type { Cluster } from "./cluster";
import { podSpec, type Workload } from "./workload";

/** A claim that pods of a workload share. What a StatefulSet's template makes is each pod's own. */
export interface SharedClaim {
  readonly name: string;
  /** One node at a time: all pods that have it are there. */
  readonly oneNode: boolean;
  /** Its volume is a directory of the node that its first pod came to, and stays there. */
  readonly local: boolean;
}

/** K3s' own provisioner (rancher/local-path-provisioner). */
const LOCAL_CLASSES: ReadonlySet<string> = new Set(["local-path"]);
const ONE_NODE: ReadonlySet<unknown> = new Set(["ReadWriteOnce", "ReadWriteOncePod"]);

/** The claims that all pods of a workload mount. */
export function sharedClaims({ objects }: Cluster, workload: Workload): readonly SharedClaim[] {
  const volumes = list(at(podSpec(workload), "volumes"));
  const named = volumes.flatMap((volume) => text(at(volume, "persistentVolumeClaim", "claimName")) ?? []);
  return objects.flatMap(({ type, inputs }): readonly SharedClaim[] => {
    if (type !== "kubernetes:core/v1:PersistentVolumeClaim") return [];
    const name = text(at(inputs, "metadata", "name")) ?? "";
    if (text(at(inputs, "metadata", "namespace")) !== workload.namespace || !named.includes(name)) return [];
    const modes = list(at(inputs, "spec", "accessModes"));
    return [
      {
        name,
        oneNode: modes.every((mode) => ONE_NODE.has(mode)),
        local: LOCAL_CLASSES.has(text(at(inputs, "spec", "storageClassName")) ?? ""),
      },
    ];
  });
}

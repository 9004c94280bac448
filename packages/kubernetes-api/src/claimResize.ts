import { forbidden } from "./wire/apiError";
import { at, equal, textAt, type JsonObject } from "./wire/json";
import { quantity } from "./wire/quantity";
import type { Store } from "./store";

const storage = (claim: JsonObject) => at(claim, "spec", "resources", "requests", "storage");

/**
 * Another size of a claim, as the admission plugin PersistentVolumeClaimResize judges it: only of a bound one, and only
 * where its class says that it can be expanded. local-path does not.
 *
 * @throws ApiError 403
 */
export function requireResizable(store: Store, name: string, before: JsonObject, after: JsonObject): void {
  const [was, wanted] = [storage(before), storage(after)];
  if (equal(was ?? null, wanted ?? null)) return;
  const no = (why: string) => forbidden(`persistentvolumeclaims "${name}" is forbidden: ${why}`);
  if (textAt(before, "status", "phase") !== "Bound") throw no("Only bound persistent volume claims can be expanded");
  if ((quantity(wanted) ?? 0) < (quantity(was) ?? 0))
    throw no("spec.resources.requests.storage: Forbidden: field can not be less than status.capacity");
  const className = textAt(before, "spec", "storageClassName") ?? "";
  const storageClass = store.get({ group: "storage.k8s.io", plural: "storageclasses", namespace: "", name: className });
  if (storageClass === undefined || at(storageClass, "allowVolumeExpansion") !== true)
    throw no(
      "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize",
    );
}

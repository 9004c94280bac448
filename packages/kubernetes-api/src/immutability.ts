import { wrong, type Cause } from "./wire/apiError";
import { asText, at, equal, textAt, type Json, type JsonObject } from "./wire/json";

// Fields that the API server refuses to change, by kind (Kubernetes' own validation code).
const fields: Readonly<Record<string, readonly string[]>> = {
  Deployment: ["spec.selector"],
  DaemonSet: ["spec.selector"],
  ReplicaSet: ["spec.selector"],
  Job: ["spec.selector", "spec.template", "spec.completions", "spec.completionMode"],
  RoleBinding: ["roleRef"],
  ClusterRoleBinding: ["roleRef"],
  Secret: ["type"],
  StorageClass: ["provisioner", "parameters", "reclaimPolicy", "volumeBindingMode"],
  PriorityClass: ["value", "preemptionPolicy"],
  IngressClass: ["spec.controller"],
  PersistentVolumeClaim: [
    "spec.accessModes",
    "spec.storageClassName",
    "spec.selector",
    "spec.volumeName",
    "spec.volumeMode",
  ],
};

// What may change of a StatefulSet; everything else is refused with one message.
const statefulSetMutable = new Set([
  "replicas",
  "ordinals",
  "template",
  "updateStrategy",
  "revisionHistoryLimit",
  "persistentVolumeClaimRetentionPolicy",
  "minReadySeconds",
]);

const immutable = (field: string): Cause => wrong(field, "Invalid value: field is immutable");
const spec = (object: JsonObject, field: string): Json | undefined => at(object, ...field.split("."));

function statefulSetChanges(before: JsonObject, after: JsonObject): Cause[] {
  const names = new Set([...Object.keys(before.spec ?? {}), ...Object.keys(after.spec ?? {})]);
  const changed = [...names].filter((name) => !equal(at(before, "spec", name), at(after, "spec", name)));
  if (changed.every((name) => statefulSetMutable.has(name))) return [];
  const allowed = [...statefulSetMutable].map((name) => `'${name}'`).join(", ");
  const message = `Forbidden: updates to statefulset spec for fields other than ${allowed} are forbidden`;
  return [{ reason: "FieldValueForbidden", field: "spec", message }];
}

function serviceChanges(before: JsonObject, after: JsonObject): Cause[] {
  const old = textAt(before, "spec", "clusterIP");
  const isExternal =
    textAt(after, "spec", "type") === "ExternalName" || textAt(before, "spec", "type") === "ExternalName";
  if (isExternal || old === undefined || old === textAt(after, "spec", "clusterIP")) return [];
  return [wrong("spec.clusterIPs[0]", "Invalid value: may not change once set")];
}

/** Every immutable field that differs. */
export function immutabilityCauses(before: JsonObject, after: JsonObject): Cause[] {
  const kind = asText(after.kind);
  const causes = (fields[kind] ?? []).filter((path) => !equal(spec(before, path), spec(after, path))).map(immutable);
  if (kind === "StatefulSet") causes.push(...statefulSetChanges(before, after));
  if (kind === "Service") causes.push(...serviceChanges(before, after));
  if ((kind === "ConfigMap" || kind === "Secret") && before.immutable === true) {
    const changed = ["data", "binaryData"].filter((name) => !equal(before[name], after[name]));
    causes.push(...changed.map((name) => ({ ...immutable(name), reason: "FieldValueForbidden" })));
    if (after.immutable !== true) causes.push(immutable("immutable"));
  }
  return causes;
}

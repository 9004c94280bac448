import { at, isObject, listAt, textAt, type Json, type JsonObject } from "../wire/json";
import { containersOf } from "../podTemplates";
import type { Store } from "../store";

/**
 * What the pod needs and the namespace lacks. A real kubelet keeps such a pod waiting for ever, so the
 * simulation does not call it ready either. Optional references do not count.
 */
export function missingReferences(store: Store, namespace: string, podSpec: JsonObject): string[] {
  const missing: string[] = [];
  const need = (
    plural: string,
    label: string,
    name: string | undefined,
    optional: Json | undefined,
    key?: string,
  ): void => {
    if (name === undefined || optional === true) return;
    const found = store.get({ group: "", plural, namespace, name });
    if (found === undefined) missing.push(`${label} "${name}" not found`);
    else if (key !== undefined && at(found, "data", key) === undefined && at(found, "binaryData", key) === undefined)
      missing.push(`couldn't find key ${key} in ${label} ${namespace}/${name}`);
  };
  const configMap = (source: Json | undefined, name = textAt(source, "name"), key = textAt(source, "key")): void =>
    need("configmaps", "configmap", name, at(source, "optional"), key);
  const secret = (source: Json | undefined, name = textAt(source, "name"), key = textAt(source, "key")): void =>
    need("secrets", "secret", name, at(source, "optional"), key);

  need("serviceaccounts", "serviceaccount", textAt(podSpec, "serviceAccountName") ?? "default", false);
  for (const { container } of containersOf(podSpec, "")) {
    for (const source of listAt(container, "envFrom")) {
      configMap(at(source, "configMapRef"));
      secret(at(source, "secretRef"));
    }
    for (const variable of listAt(container, "env")) {
      configMap(at(variable, "valueFrom", "configMapKeyRef"));
      secret(at(variable, "valueFrom", "secretKeyRef"));
    }
  }
  for (const volume of listAt(podSpec, "volumes")) {
    const secretVolume = at(volume, "secret");
    if (isObject(secretVolume)) secret(secretVolume, textAt(secretVolume, "secretName"), undefined);
    configMap(at(volume, "configMap"));
    for (const source of listAt(volume, "projected", "sources")) {
      configMap(at(source, "configMap"));
      secret(at(source, "secret"));
    }
    need(
      "persistentvolumeclaims",
      "persistentvolumeclaim",
      textAt(volume, "persistentVolumeClaim", "claimName"),
      false,
    );
  }
  const priority = textAt(podSpec, "priorityClassName");
  if (priority !== undefined && !priority.startsWith("system-"))
    if (
      store.get({ group: "scheduling.k8s.io", plural: "priorityclasses", namespace: "", name: priority }) === undefined
    )
      missing.push(`no PriorityClass with name ${priority} was found`);
  return [...new Set(missing)];
}

import { asText, at, isObject, objectAt, type Json, type JsonObject } from "./wire/json";

/** Kinds that carry a pod template, and where. */
const paths: Readonly<Record<string, readonly string[]>> = {
  Deployment: ["spec", "template"],
  StatefulSet: ["spec", "template"],
  DaemonSet: ["spec", "template"],
  ReplicaSet: ["spec", "template"],
  Job: ["spec", "template"],
  CronJob: ["spec", "jobTemplate", "spec", "template"],
};

/** The pod template and its path ("" for a Pod, which is its own); undefined for other kinds. */
export function podTemplateOf(
  object: JsonObject,
): { readonly template: JsonObject; readonly path: string } | undefined {
  if (object.kind === "Pod") return { template: object, path: "" };
  const path = paths[asText(object.kind)];
  if (path === undefined) return undefined;
  const template = at(object, ...path);
  return isObject(template) ? { template, path: path.join(".") } : undefined;
}

/** All containers of a pod spec with the path of each, init containers included. */
export function containersOf(
  podSpec: JsonObject,
  path: string,
): { readonly container: JsonObject; readonly path: string }[] {
  return ["initContainers", "containers"].flatMap((field) => {
    const list: Json = podSpec[field] ?? [];
    if (!Array.isArray(list)) return [];
    return list.map((container, index) => ({ container: objectAt(container), path: `${path}.${field}[${index}]` }));
  });
}

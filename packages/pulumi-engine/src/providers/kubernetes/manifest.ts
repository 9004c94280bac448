import { asText, isObject, objectAt, textAt, type JsonObject } from "@standin/kubernetes-api/wire/json";
import { UNKNOWN, type Properties } from "../../provider";
import { hasUnknown, mapAt, toJsonObject, valueAt } from "./values";
import type { KindToken } from "./typeToken";

/** The object to send: inputs without the provider's own fields; a Secret's stringData is sent as data. */
export function manifestOf(inputs: Properties): JsonObject {
  const manifest = withoutInternals(toJsonObject(inputs));
  if (manifest.kind !== "Secret" || !isObject(manifest.stringData)) return manifest;
  // stringData is write-only: sent as such, a removed key would stay in data for ever.
  const { stringData, ...rest } = manifest;
  const data = Object.entries(stringData).map(([key, text]) => [
    key,
    Buffer.from(asText(text), "utf8").toString("base64"),
  ]);
  return { ...rest, data: { ...objectAt(rest, "data"), ...(Object.fromEntries(data) as JsonObject) } };
}

function withoutInternals(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !name.startsWith("__")));
}

/** The live object as outputs, without the bookkeeping of field ownership. */
export function outputsOf(live: JsonObject, token: KindToken, fieldManager: string): Properties {
  const { managedFields: _, ...metadata } = objectAt(live, "metadata");
  return { ...live, metadata, __initialApiVersion: token.apiVersion, __fieldManager: fieldManager };
}

/** What a preview can say: the inputs, and UNKNOWN for what the server will give. */
export function previewOutputs(token: KindToken, inputs: Properties, old: Properties | undefined): Properties {
  const known = (...path: string[]) => (old === undefined ? undefined : valueAt(old, ...path)) ?? UNKNOWN;
  const metadata = valueAt(inputs, "metadata");
  const outputs: Record<string, Properties[string]> = { ...inputs };
  if (metadata !== UNKNOWN)
    outputs.metadata = {
      ...mapAt(inputs, "metadata"),
      uid: known("metadata", "uid"),
      creationTimestamp: known("metadata", "creationTimestamp"),
      resourceVersion: UNKNOWN,
      generation: UNKNOWN,
    };
  if (statusKinds.has(token.kind) || !token.apiVersion.endsWith("v1")) outputs.status = UNKNOWN;
  if (
    token.kind === "Service" &&
    !hasUnknown(valueAt(inputs, "spec")) &&
    valueAt(inputs, "spec", "clusterIP") === undefined
  )
    outputs.spec = { ...mapAt(inputs, "spec"), clusterIP: known("spec", "clusterIP") };
  return outputs;
}

const statusKinds = new Set(
  "Namespace Node Pod Service PersistentVolume PersistentVolumeClaim Deployment StatefulSet DaemonSet ReplicaSet Job CronJob Ingress HorizontalPodAutoscaler PodDisruptionBudget CustomResourceDefinition".split(
    " ",
  ),
);

/** "namespace/name", or "name" for what is cluster-scoped. */
export function idOf(object: JsonObject): string {
  const name = textAt(object, "metadata", "name") ?? "";
  const namespace = textAt(object, "metadata", "namespace");
  return namespace === undefined || namespace === "" ? name : `${namespace}/${name}`;
}

export function parseId(id: string): { readonly namespace: string; readonly name: string } {
  const [first = "", second] = id.split("/");
  return second === undefined ? { namespace: "", name: first } : { namespace: first, name: second };
}

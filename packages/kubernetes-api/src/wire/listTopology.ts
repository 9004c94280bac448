import { at, isObject, listAt, type Json, type JsonObject } from "./json";
import type { ResourceType } from "./resourceType";

/** How server-side apply treats a list or map (x-kubernetes-list-type, x-kubernetes-map-type). */
export type Topology =
  | { readonly type: "atomic" }
  | { readonly type: "set" }
  | { readonly type: "granular" }
  /** A list whose items are told apart by these fields; `defaults` fill in absent ones. */
  | { readonly type: "map"; readonly keys: readonly string[]; readonly defaults: JsonObject };

/** Field names from the root, without list positions, e.g. ["spec", "template", "spec", "containers"]. */
export type FieldPath = readonly string[];

const keyed = (...keys: string[]): Topology => ({ type: "map", keys, defaults: {} });
const atomic: Topology = { type: "atomic" };
const granular: Topology = { type: "granular" };

// After Kubernetes' own API documentation ("Map: unique values on key ... will be kept during a merge").
const lists: Readonly<Record<string, Topology>> = {
  containers: keyed("name"),
  initContainers: keyed("name"),
  ephemeralContainers: keyed("name"),
  env: keyed("name"),
  volumes: keyed("name"),
  volumeMounts: keyed("mountPath"),
  volumeDevices: keyed("devicePath"),
  imagePullSecrets: keyed("name"),
  hostAliases: keyed("ip"),
  topologySpreadConstraints: keyed("topologyKey", "whenUnsatisfiable"),
  conditions: keyed("type"),
  claims: keyed("name"),
  resourceClaims: keyed("name"),
  schedulingGates: keyed("name"),
  webhooks: keyed("name"),
  ownerReferences: keyed("uid"),
  finalizers: { type: "set" },
};

// Label selectors and references to other objects are replaced as a whole.
const atomicMaps = new Set([
  "selector",
  "labelSelector",
  "podSelector",
  "namespaceSelector",
  "nodeSelector",
  "configMapKeyRef",
  "secretKeyRef",
  "fieldRef",
  "resourceFieldRef",
  "roleRef",
  "scaleTargetRef",
]);

function builtinTopology(path: FieldPath, isList: boolean): Topology {
  const last = path.at(-1) ?? "";
  if (!isList) return atomicMaps.has(last) && path[0] === "spec" ? atomic : granular;
  if (last === "ports" && path.includes("containers"))
    return { type: "map", keys: ["containerPort", "protocol"], defaults: { protocol: "TCP" } };
  if (last === "ports" && path.length === 2)
    return { type: "map", keys: ["port", "protocol"], defaults: { protocol: "TCP" } };
  return lists[last] ?? atomic;
}

/** Walks a CRD's openAPIV3Schema along the path. */
function schemaAt(schema: JsonObject, path: FieldPath): Json | undefined {
  let current: Json | undefined = schema;
  for (const step of path) {
    while (at(current, "items") !== undefined) current = at(current, "items");
    current = at(current, "properties", step) ?? at(current, "additionalProperties");
  }
  return current;
}

function crdTopology(schema: JsonObject, path: FieldPath, isList: boolean): Topology {
  if (path[0] === "metadata") return builtinTopology(path, isList);
  const here = schemaAt(schema, path);
  if (!isList) return at(here, "x-kubernetes-map-type") === "atomic" ? atomic : granular;
  if (at(here, "x-kubernetes-list-type") === "set") return { type: "set" };
  if (at(here, "x-kubernetes-list-type") !== "map") return atomic;
  const keys = listAt(here, "x-kubernetes-list-map-keys").map(String);
  const defaults: JsonObject = {};
  for (const key of keys) {
    const value = at(here, "items", "properties", key, "default");
    if (value !== undefined) defaults[key] = value;
  }
  return { type: "map", keys, defaults };
}

/** The topology of the value at a path of this kind; a value whose shape does not fit counts as atomic. */
export function topologyOf(type: ResourceType, path: FieldPath, value: Json): Topology {
  const isList = Array.isArray(value);
  if (!isList && !isObject(value)) return atomic;
  const found =
    type.schema.source === "crd" ? crdTopology(type.schema.schema, path, isList) : builtinTopology(path, isList);
  if (found.type === "map") return isList && value.every(isObject) ? found : atomic;
  return found;
}

/** The key of an item of a "map" list, as managedFields writes it: k:{"name":"web"}. */
export function itemKey(topology: Extract<Topology, { type: "map" }>, item: Json): string {
  const key: JsonObject = {};
  for (const name of [...topology.keys].sort()) {
    const value = at(item, name) ?? topology.defaults[name];
    if (value !== undefined) key[name] = value;
  }
  return `k:${JSON.stringify(key)}`;
}

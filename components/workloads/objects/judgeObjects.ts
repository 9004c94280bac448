import { duplicates, shown, type Mistake } from "../../mistakes";
import { placeholdersIn } from "../apps/fillTexts";
import type { OwnedNames } from "../apps/ownedNames";
import { APP_LABEL } from "../../topology/party";
import { podName, record } from "./objectParts";
import type { ObjectsEntry, PlacedObject, RawObject } from "./objectsEntry";

/** Kinds that belong to no namespace, as far as charts have them; of others it is taken for granted that they do. */
const CLUSTER_WIDE: ReadonlySet<string> = new Set([
  "APIService", "ClusterIssuer", "ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition", "GatewayClass",
  "IngressClass", "MutatingWebhookConfiguration", "PriorityClass", "RuntimeClass", "StorageClass",
  "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "ValidatingWebhookConfiguration",
]); // prettier-ignore
/** What filters and Services know pods by, and a name that others may connect to. */
const NAMING: ReadonlySet<string> = new Set(["Deployment", "StatefulSet", "DaemonSet", "Service"]);

export interface ObjectsAmong {
  readonly names: OwnedNames;
  /** Who the entry is to `names`: "workloads.objects[0]". */
  readonly owner: string;
  /** Namespaces that are others' alone, and whose. */
  readonly reservedNamespaces: ReadonlyMap<string, string>;
}

export const isClusterWide = ({ kind }: RawObject): boolean => CLUSTER_WIDE.has(kind);
export const keyOf = ({ apiVersion, kind, metadata }: RawObject): string => `${apiVersion} ${kind} ${metadata.name}`;

export function isObject(value: unknown): value is RawObject {
  const { apiVersion, kind, metadata } = record(value);
  return [apiVersion, kind, record(metadata)["name"]].every((part) => typeof part === "string" && part !== "");
}

/** Every mistake of an entry, with its place within it. */
export function judgeObjects(
  entry: ObjectsEntry,
  placed: readonly PlacedObject[],
  among: ObjectsAmong,
): readonly Mistake[] {
  const objects = placed.flatMap(({ path, value }) => (isObject(value) ? [{ path, object: value }] : []));
  const whose = among.reservedNamespaces.get(entry.namespace);
  return [
    ...(whose === undefined
      ? []
      : [
          {
            path: "namespace",
            found: `${shown(entry.namespace)}, the namespace of ${whose}`,
            allowed: "a namespace of its own, or one that it shares with applications of `apps`",
            fix: "choose another",
          },
        ]),
    ...(placed.length > 0
      ? []
      : [{ path: "manifests", found: "no object", allowed: "one or more", fix: "add them, or remove the entry" }]),
    ...placed
      .filter(({ value }) => !isObject(value))
      .map(({ path, value }) => ({
        path,
        found: shown(value),
        allowed: "an object with apiVersion, kind and metadata.name",
        fix: "write it as Kubernetes wants it",
      })),
    ...objects.flatMap(({ path, object }) => objectMistakes(entry, path, object, among)),
    ...duplicates(
      objects,
      ({ object }) => keyOf(object),
      ({ path, object }, first) => ({
        path,
        found: `${object.kind} ${shown(object.metadata.name)}, as ${first.path} says`,
        allowed: "each object once",
        fix: "remove one",
      }),
    ),
    ...podsMistakes(entry, objects.map(({ object }) => object)), // prettier-ignore
  ];
}

function objectMistakes(
  { name, namespace }: ObjectsEntry,
  path: string,
  object: RawObject,
  { names, owner }: ObjectsAmong,
): readonly Mistake[] {
  const { kind, metadata } = object;
  const label = podName(object);
  const claimed = [...new Set([...(NAMING.has(kind) ? [metadata.name] : []), ...(label === undefined ? [] : [label])])]
    .map((one) => ({ name: one, other: names.claim("process", one, owner) }))
    .filter(({ other }) => other !== owner);
  const place = isClusterWide(object) ? "the whole cluster" : `namespace "${namespace}"`;
  // The others are told by their name.
  const whose = NAMING.has(kind) ? owner : names.claim("object", `${keyOf(object)} in ${place}`, owner);
  const secretive = kind === "Secret" && ("data" in object || "stringData" in object);
  return [
    ...placeholdersIn(object, path).map((at) => ({
      path: at,
      found: "a secret's placeholder",
      allowed: "texts without one: it would give away a secret, whosever it is",
      fix: "remove it",
    })),
    ...(secretive
      ? [
          {
            path,
            found: `Secret ${shown(metadata.name)} with its values`,
            allowed: "objects without secrets: these are in git",
            fix: "let an application of `apps` hold it (configuredSecrets, needs.vault), or make it by hand and name it here",
          },
        ]
      : []),
    ...(kind === "Namespace"
      ? [
          {
            path,
            found: "a Namespace",
            allowed: "objects in the entry's own, which the program makes",
            fix: "remove it",
          },
        ]
      : []),
    ...(isClusterWide(object)
      ? metadata.name.startsWith(name) || kind === "CustomResourceDefinition"
        ? []
        : [
            {
              path: `${path}.metadata.name`,
              found: `${shown(metadata.name)}, a name in the whole cluster`,
              allowed: `one that begins with "${name}": others are the estate's`,
              fix: "rename it, and what refers to it",
            },
          ]
      : (metadata.namespace ?? namespace) === namespace
        ? []
        : [
            {
              path: `${path}.metadata.namespace`,
              found: shown(metadata.namespace),
              allowed: `"${namespace}", the entry's own`,
              fix: "leave it out, or make it an entry of its own",
            },
          ]),
    ...claimed.map((one) => ({
      path,
      found: `${shown(one.name)}, which names objects of ${one.other} too`,
      allowed: "a name of its own: it names Services, pods and what filters let through",
      fix: "choose another",
    })),
    ...(whose === owner
      ? []
      : [
          {
            path,
            found: `${kind} ${shown(metadata.name)} in ${place}, as ${whose} has it`,
            allowed: "each object in one entry: two would write over each other",
            fix: "remove one, or give the entry a namespace of its own",
          },
        ]),
  ];
}

/** Flows of pods that are not there. */
function podsMistakes({ pods = [] }: ObjectsEntry, objects: readonly RawObject[]): readonly Mistake[] {
  const labels = objects.flatMap((object) => podName(object) ?? []);
  const services = objects.filter(({ kind }) => kind === "Service").map(({ metadata }) => metadata.name);
  return pods.flatMap(({ name, port, expose = [] }, i) => [
    ...(labels.includes(name)
      ? []
      : [
          {
            path: `pods[${i}].name`,
            found: shown(name),
            allowed: `the label ${APP_LABEL} of pods among the objects: ${labels.join(", ") || "none has it"}`,
            fix: "correct it, or give the pods that label",
          },
        ]),
    ...(port === undefined || services.includes(name)
      ? []
      : [
          {
            path: `pods[${i}].port`,
            found: `${port}, and no Service ${shown(name)}`,
            allowed: `the port of a Service of that name; there are ${services.join(", ") || "none"}`,
            fix: "name the Service like its pods",
          },
        ]),
    ...(port === undefined && expose.length > 0
      ? [{ path: `pods[${i}].expose`, found: "no port", allowed: "the Service's port beside it", fix: "add port" }]
      : []),
  ]);
}

import { randomUUID } from "node:crypto";
import { timestamp } from "../objectIdentity";
import { at, listAt, numberAt, objectAt, textAt, type JsonObject } from "../wire/json";
import type { ObjectRef } from "../store";
import { nameOf, namespaceOf, type ControllerContext } from "./context";

const namespaces = (name: string): ObjectRef => ({ group: "", plural: "namespaces", namespace: "", name });

/** Namespaces become active, get their default service account, and go with all they hold. */
export function reconcileNamespaces({ cluster }: ControllerContext, caCertificate: string): void {
  for (const namespace of cluster.store.list("", "namespaces")) {
    const name = nameOf(namespace);
    if (at(namespace, "metadata", "deletionTimestamp") !== undefined) {
      const rest = cluster.store.inNamespace(name);
      // An object with finalizers of its own holds the namespace back, as in a real cluster.
      for (const ref of rest) cluster.erase(ref);
      if (cluster.store.inNamespace(name).length === 0) cluster.finish(namespaces(name));
      continue;
    }
    if (textAt(namespace, "status", "phase") !== "Active") cluster.setStatus(namespaces(name), { phase: "Active" });
    ensure(
      cluster,
      { group: "", plural: "serviceaccounts", namespace: name, name: "default" },
      { apiVersion: "v1", kind: "ServiceAccount" },
    );
    ensure(
      cluster,
      { group: "", plural: "configmaps", namespace: name, name: "kube-root-ca.crt" },
      { apiVersion: "v1", kind: "ConfigMap", data: { "ca.crt": caCertificate } },
    );
  }
}

function ensure(cluster: ControllerContext["cluster"], ref: ObjectRef, content: JsonObject): void {
  if (cluster.store.get(ref) !== undefined) return;
  const metadata = {
    name: ref.name,
    namespace: ref.namespace,
    uid: randomUUID(),
    creationTimestamp: timestamp(),
    generation: 1,
  };
  cluster.stored(ref, { ...content, metadata });
}

/** CRDs are established at once; a deleted one goes after its objects. */
export function reconcileCrds({ cluster }: ControllerContext): void {
  for (const crd of cluster.store.list("apiextensions.k8s.io", "customresourcedefinitions")) {
    const ref = {
      group: "apiextensions.k8s.io",
      plural: "customresourcedefinitions",
      namespace: "",
      name: nameOf(crd),
    };
    const [group, plural] = [textAt(crd, "spec", "group") ?? "", textAt(crd, "spec", "names", "plural") ?? ""];
    if (at(crd, "metadata", "deletionTimestamp") !== undefined) {
      for (const object of cluster.store.list(group, plural))
        cluster.erase({ group, plural, namespace: namespaceOf(object), name: nameOf(object) });
      if (cluster.store.list(group, plural).length === 0) cluster.finish(ref);
      continue;
    }
    if (listAt(crd, "status", "conditions").length > 0) continue;
    const lastTransitionTime = timestamp();
    const names = objectAt(crd, "spec", "names");
    cluster.setStatus(ref, {
      conditions: [
        {
          type: "NamesAccepted",
          status: "True",
          reason: "NoConflicts",
          message: "no conflicts found",
          lastTransitionTime,
        },
        {
          type: "Established",
          status: "True",
          reason: "InitialNamesAccepted",
          message: "the initial names have been accepted",
          lastTransitionTime,
        },
      ],
      acceptedNames: { listKind: `${textAt(names, "kind") ?? ""}List`, ...names },
      storedVersions: listAt(crd, "spec", "versions")
        .filter((version) => at(version, "storage") === true)
        .map((version) => textAt(version, "name") ?? ""),
    });
  }
}

/** Objects whose owners are all gone go, too. */
export function collectGarbage({ cluster }: ControllerContext): void {
  const all = cluster.store.all();
  const alive = new Set(all.map(({ body }) => textAt(body, "metadata", "uid")));
  for (const { ref, body } of all) {
    const owners = listAt(body, "metadata", "ownerReferences");
    if (owners.length > 0 && owners.every((owner) => !alive.has(textAt(owner, "uid")))) cluster.erase(ref);
  }
}

/** Claims of a known storage class are bound; StatefulSets get theirs. */
export function reconcileClaims({ cluster }: ControllerContext): void {
  for (const set of cluster.store.list("apps", "statefulsets"))
    for (const template of listAt(set, "spec", "volumeClaimTemplates"))
      for (let index = 0; index < (numberAt(set, "spec", "replicas") ?? 1); index++)
        ensure(
          cluster,
          {
            group: "",
            plural: "persistentvolumeclaims",
            namespace: namespaceOf(set),
            name: `${textAt(template, "metadata", "name") ?? ""}-${nameOf(set)}-${index}`,
          },
          { apiVersion: "v1", kind: "PersistentVolumeClaim", spec: objectAt(template, "spec") },
        );
  const classes = cluster.store.list("storage.k8s.io", "storageclasses");
  const isDefault = (item: JsonObject): boolean =>
    textAt(item, "metadata", "annotations", "storageclass.kubernetes.io/is-default-class") === "true";
  for (const claim of cluster.store.list("", "persistentvolumeclaims")) {
    const wanted = textAt(claim, "spec", "storageClassName");
    const known = classes.some((item) => (wanted === undefined ? isDefault(item) : nameOf(item) === wanted));
    const ref = { group: "", plural: "persistentvolumeclaims", namespace: namespaceOf(claim), name: nameOf(claim) };
    if (textAt(claim, "status", "phase") === "Bound") continue;
    cluster.setStatus(
      ref,
      known
        ? {
            phase: "Bound",
            accessModes: listAt(claim, "spec", "accessModes"),
            capacity: objectAt(claim, "spec", "resources", "requests"),
          }
        : { phase: "Pending" },
    );
  }
}

import { randomUUID } from "node:crypto";
import { timestamp } from "./objectIdentity";
import { objectAt, type JsonObject } from "./wire/json";
import { addressIn } from "./serviceAddresses";
import type { ObjectRef } from "./store";

/** What a fresh K3s cluster holds that programs rely on: namespaces, the API's own Service, local-path storage. */
export function seedObjects(serviceCidr: string): readonly { readonly ref: ObjectRef; readonly object: JsonObject }[] {
  const made = (ref: ObjectRef, object: JsonObject): { readonly ref: ObjectRef; readonly object: JsonObject } => {
    const place = ref.namespace === "" ? {} : { namespace: ref.namespace };
    const server = { name: ref.name, ...place, uid: randomUUID(), creationTimestamp: timestamp(), generation: 1 };
    return { ref, object: { ...object, metadata: { ...objectAt(object, "metadata"), ...server } } };
  };
  const address = addressIn(serviceCidr, 1);
  const namespaces = ["default", "kube-system", "kube-public", "kube-node-lease"].map((name) =>
    made(
      { group: "", plural: "namespaces", namespace: "", name },
      {
        apiVersion: "v1",
        kind: "Namespace",
        metadata: { labels: { "kubernetes.io/metadata.name": name } },
        spec: { finalizers: ["kubernetes"] },
      },
    ),
  );
  const api = made(
    { group: "", plural: "services", namespace: "default", name: "kubernetes" },
    {
      apiVersion: "v1",
      kind: "Service",
      spec: {
        type: "ClusterIP",
        clusterIP: address,
        clusterIPs: [address],
        ports: [{ name: "https", port: 443, protocol: "TCP", targetPort: 6443 }],
      },
      status: { loadBalancer: {} },
    },
  );
  const storage = made(
    { group: "storage.k8s.io", plural: "storageclasses", namespace: "", name: "local-path" },
    {
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      metadata: { annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
      provisioner: "rancher.io/local-path",
      reclaimPolicy: "Delete",
      volumeBindingMode: "WaitForFirstConsumer",
    },
  );
  return [...namespaces, api, storage];
}

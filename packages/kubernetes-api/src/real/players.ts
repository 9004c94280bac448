import { UnreachableError } from "../wire/kubeClient";
import { ingressStatuses } from "../ingressStatus";
import { listAt, objectAt, textAt, type JsonObject } from "../wire/json";
import type { ApiClient } from "./apiClient";

const periodMs = 500;
const name = (object: JsonObject): string => textAt(object, "metadata", "name") ?? "";
const namespace = (object: JsonObject): string => textAt(object, "metadata", "namespace") ?? "";

/** kwok's pods run nothing, so no ingress controller publishes addresses: this does, by the same rules as in-process. */
async function publishIngresses(api: ApiClient): Promise<void> {
  const network = "/apis/networking.k8s.io/v1";
  const rbac = "/apis/rbac.authorization.k8s.io/v1";
  const ingresses = await api.list(`${network}/ingresses`);
  if (ingresses.length === 0) return;
  const [ingressClasses, daemonSets, deployments, nodes, services, clusterRoles, clusterRoleBindings] =
    await Promise.all([
      api.list(`${network}/ingressclasses`),
      api.list("/apis/apps/v1/daemonsets"),
      api.list("/apis/apps/v1/deployments"),
      api.list("/api/v1/nodes"),
      api.list("/api/v1/services"),
      api.list(`${rbac}/clusterroles`),
      api.list(`${rbac}/clusterrolebindings`),
    ]);
  const workloads = [...daemonSets, ...deployments];
  const view = { ingresses, ingressClasses, workloads, nodes, services, clusterRoles, clusterRoleBindings };
  for (const { ingress, status } of ingressStatuses(view))
    await api.mergePatch(`${network}/namespaces/${namespace(ingress)}/ingresses/${name(ingress)}/status`, { status });
}

/** In the place of local-path's provisioner: a volume for every claim that a scheduled pod waits for. */
async function provisionVolumes(api: ApiClient): Promise<void> {
  for (const claim of await api.list("/api/v1/persistentvolumeclaims")) {
    const node = textAt(claim, "metadata", "annotations", "volume.kubernetes.io/selected-node");
    if (node === undefined || textAt(claim, "status", "phase") !== "Pending") continue;
    const uid = textAt(claim, "metadata", "uid") ?? "";
    await api.ensure("/api/v1/persistentvolumes", {
      apiVersion: "v1",
      kind: "PersistentVolume",
      metadata: { name: `pvc-${uid}` },
      spec: {
        capacity: objectAt(claim, "spec", "resources", "requests"),
        accessModes: listAt(claim, "spec", "accessModes"),
        persistentVolumeReclaimPolicy: "Delete",
        storageClassName: textAt(claim, "spec", "storageClassName") ?? "",
        claimRef: {
          apiVersion: "v1",
          kind: "PersistentVolumeClaim",
          namespace: namespace(claim),
          name: name(claim),
          uid,
        },
        hostPath: { path: `/var/lib/rancher/k3s/storage/pvc-${uid}` },
        nodeAffinity: {
          required: {
            nodeSelectorTerms: [
              { matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: [node] }] },
            ],
          },
        },
      },
    });
  }
}

/** Plays the parts that need running pods. Looks twice a second. */
export class Players {
  private timer: NodeJS.Timeout | undefined;
  private current: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(
    private readonly api: ApiClient,
    private readonly log: (line: string) => void,
  ) {}

  start(): void {
    this.timer = setTimeout(() => {
      this.current = this.play().finally(() => {
        if (!this.stopped) this.start();
      });
    }, periodMs);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.current;
  }

  private async play(): Promise<void> {
    try {
      await publishIngresses(this.api);
      await provisionVolumes(this.api);
    } catch (error) {
      // The next round sees the newest state; an API server that has ended is reported by Daemons.
      if (!this.stopped && !(error instanceof UnreachableError))
        this.log(`Kubernetes: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

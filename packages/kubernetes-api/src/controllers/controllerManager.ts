import type { Cluster } from "../cluster";
import { ingressStatuses } from "../ingressStatus";
import type { JsonObject } from "../wire/json";
import { nameOf, namespaceOf, type ControllerContext, type Fault } from "./context";
import { collectGarbage, reconcileClaims, reconcileCrds, reconcileNamespaces } from "./housekeeping";
import { allPods, podObject } from "./pods";
import { reconcileAutoscalers, reconcileBudgets } from "./scaling";
import { reconcileServices } from "./services";
import { reconcileWorkloads } from "./workloads";

// More rounds than any chain of causes here is long (node -> pods -> endpoints -> ingress).
const maximumRounds = 20;

export interface ControllerManagerOptions {
  readonly podCidr: string;
  readonly caCertificate: () => string;
  /** How long after a write the controllers look, in ms. */
  readonly delayMs: number;
  readonly faults: readonly Fault[];
}

/** Runs all controllers after every write until nothing changes any more. */
export class ControllerManager {
  private timer: NodeJS.Timeout | undefined;
  private closed = false;
  private context: ControllerContext;

  constructor(
    private readonly cluster: Cluster,
    private readonly options: ControllerManagerOptions,
  ) {
    this.context = { cluster, podCidr: options.podCidr, faults: options.faults };
    cluster.onChange(() => this.schedule());
  }

  setFaults(faults: readonly Fault[]): void {
    this.context = { ...this.context, faults };
    this.schedule();
  }

  schedule(): void {
    if (this.closed || this.timer !== undefined) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      void this.settle();
    }, this.options.delayMs);
  }

  /** Runs the controllers now; resolves when the cluster is at rest. */
  settle(): Promise<void> {
    return this.cluster.exclusive(() => {
      for (let round = 0; round < maximumRounds && !this.closed; round++) {
        const before = this.cluster.store.resourceVersion;
        this.reconcile();
        if (this.cluster.store.resourceVersion === before) return;
      }
    });
  }

  /** The pods of all workloads, as the API shows them. */
  pods(namespace?: string): JsonObject[] {
    const pods = allPods(this.context).map(podObject);
    return namespace === undefined ? pods : pods.filter((pod) => namespaceOf(pod) === namespace);
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
  }

  private reconcile(): void {
    reconcileNamespaces(this.context, this.options.caCertificate());
    reconcileCrds(this.context);
    collectGarbage(this.context);
    reconcileClaims(this.context);
    reconcileAutoscalers(this.context);
    reconcileWorkloads(this.context, allPods(this.context));
    const pods = allPods(this.context);
    reconcileServices(this.context, pods);
    reconcileBudgets(this.context, pods);
    this.publishIngresses();
  }

  private publishIngresses(): void {
    const { store } = this.cluster;
    const network = "networking.k8s.io";
    const rbac = "rbac.authorization.k8s.io";
    const statuses = ingressStatuses({
      ingresses: store.list(network, "ingresses"),
      ingressClasses: store.list(network, "ingressclasses"),
      workloads: [...store.list("apps", "daemonsets"), ...store.list("apps", "deployments")],
      nodes: store.list("", "nodes"),
      services: store.list("", "services"),
      clusterRoles: store.list(rbac, "clusterroles"),
      clusterRoleBindings: store.list(rbac, "clusterrolebindings"),
    });
    for (const { ingress, status } of statuses) {
      const ref = { group: network, plural: "ingresses", namespace: namespaceOf(ingress), name: nameOf(ingress) };
      this.cluster.setStatus(ref, status);
    }
  }
}

import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { KeptFrom } from "../../secrets/kept";
import { isKept, type NamespacePlan } from "./namespaces";

export interface ClusterNamespacesArgs {
  readonly namespaces: readonly NamespacePlan[];
  readonly provider: kubernetes.Provider;
  /** Of those that keep something, by whose it is: all must have consented. Default: they are kept. */
  readonly isProtected?: KeptFrom;
  /** The cluster. */
  readonly dependsOn?: pulumi.Input<pulumi.Resource[]>;
}

/** The namespaces of all workloads, with the pod security that is enforced in each. */
export class ClusterNamespaces extends pulumi.ComponentResource {
  /** By name; without those that Kubernetes makes itself. */
  readonly namespaces: ReadonlyMap<string, kubernetes.core.v1.Namespace>;
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: ClusterNamespacesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("keybuzz:cluster:ClusterNamespaces", name, {}, opts);
    const { isProtected = () => true } = args;
    const child = { parent: this, provider: args.provider, dependsOn: args.dependsOn ?? [] };
    this.namespaces = new Map(
      args.namespaces
        .filter(({ managed }) => managed)
        .map((plan) => [
          plan.name,
          new kubernetes.core.v1.Namespace(
            `${name}-${plan.name}`,
            { metadata: { name: plan.name, labels: { ...plan.labels } } },
            { ...child, ...(isKept(plan, isProtected) ? { protect: true } : {}) },
          ),
        ]),
    );
    this.ready = [...this.namespaces.values()];
    this.registerOutputs();
  }
}

import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { ClusterCredential } from "./clusterCredential";
import type { K3sCluster } from "./k3sCluster";
import { operatorRights, type OperatorGroup, type OperatorGroupName } from "./operatorGroups";

export interface OperatorAccessArgs {
  readonly groups: readonly OperatorGroup[];
  readonly cluster: Pick<K3sCluster, "client" | "provider">;
  /** Of the applications: what deployers change. */
  readonly namespaces: readonly string[];
  /** Those namespaces. */
  readonly dependsOn: readonly pulumi.Resource[];
}

/**
 * What people get: a kubeconfig for each group, with the group's rights in the cluster.
 *
 * @example
 * const operators = new OperatorAccess("operators", { groups, cluster, namespaces, dependsOn });
 * operators.credentials.get("viewers")?.kubeconfig;
 */
export class OperatorAccess extends pulumi.ComponentResource {
  readonly credentials: ReadonlyMap<OperatorGroupName, ClusterCredential>;

  constructor(name: string, args: OperatorAccessArgs, opts?: pulumi.ComponentResourceOptions) {
    super("keybuzz:cluster:OperatorAccess", name, {}, opts);
    this.credentials = new Map(
      args.groups.map((group) => {
        // Another turn is another key: who leaves keeps the old one.
        const known = `${name}-${group.name}${group.turn === 0 ? "" : `-${group.turn}`}`;
        return [
          group.name,
          args.cluster.client(known, { user: group.subject, group: group.subject }, { parent: this }),
        ];
      }),
    );
    const { clusterRoles, clusterRoleBindings, roleBindings } = operatorRights(args.groups, args.namespaces);
    const own = { parent: this, provider: args.cluster.provider, dependsOn: [...args.dependsOn] };
    const roles = clusterRoles.map((role) => new kubernetes.rbac.v1.ClusterRole(role.metadata.name, role, own));
    const bindings = { ...own, dependsOn: [...args.dependsOn, ...roles] };
    for (const binding of clusterRoleBindings)
      new kubernetes.rbac.v1.ClusterRoleBinding(binding.metadata.name, binding, bindings);
    for (const binding of roleBindings) {
      const { name: known, namespace } = binding.metadata;
      new kubernetes.rbac.v1.RoleBinding(`${known}-${namespace}`, binding, bindings);
    }
    this.registerOutputs();
  }
}

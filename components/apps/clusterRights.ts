import { appLabels } from "./labels";
import type { ClusterRoleBindingManifest, ClusterRoleManifest, ClusterRule, ServiceAccountManifest } from "./manifests";

const RBAC = { apiGroup: "rbac.authorization.k8s.io", apiVersion: "rbac.authorization.k8s.io/v1" } as const;

/** Rights in the whole cluster. @param app whose labels it has */
export function clusterRole(name: string, app: string, rules: readonly ClusterRule[]): ClusterRoleManifest {
  const { apiVersion } = RBAC;
  return { apiVersion, kind: "ClusterRole", metadata: { name, labels: { ...appLabels(app) } }, rules: [...rules] };
}

/** Gives a role, of the estate or of Kubernetes itself, to the account of an application. */
export function clusterRoleBinding(
  name: string,
  app: string,
  role: string,
  account: Pick<ServiceAccountManifest["metadata"], "name" | "namespace">,
): ClusterRoleBindingManifest {
  return {
    apiVersion: RBAC.apiVersion,
    kind: "ClusterRoleBinding",
    metadata: { name, labels: { ...appLabels(app) } },
    roleRef: { apiGroup: RBAC.apiGroup, kind: "ClusterRole", name: role },
    subjects: [{ kind: "ServiceAccount", name: account.name, namespace: account.namespace }],
  };
}

import { appLabels } from "../../apps/labels";
import { INJECTOR_PODS } from "./vaultInjector";

interface ClusterMeta {
  name: string;
  labels: Record<string, string>;
}

export interface ClusterRoleManifest {
  apiVersion: "rbac.authorization.k8s.io/v1";
  kind: "ClusterRole";
  metadata: ClusterMeta;
  rules: { apiGroups: string[]; resources: string[]; verbs: string[] }[];
}

export interface ClusterRoleBindingManifest {
  apiVersion: "rbac.authorization.k8s.io/v1";
  kind: "ClusterRoleBinding";
  metadata: ClusterMeta;
  roleRef: { apiGroup: "rbac.authorization.k8s.io"; kind: "ClusterRole"; name: string };
  subjects: { kind: "ServiceAccount"; name: string; namespace: string }[];
}

export interface VaultAccess {
  readonly role: ClusterRoleManifest;
  readonly bindings: readonly ClusterRoleBindingManifest[];
}

/** What Vault may ask the API: whose token that is. And its injector: how its own webhook looks. Nothing to write. */
export function vaultAccess(): VaultAccess {
  const { app: injector, namespace } = INJECTOR_PODS;
  const role: ClusterRoleManifest = {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRole",
    metadata: { name: injector, labels: { ...appLabels(injector) } },
    rules: [
      {
        apiGroups: ["admissionregistration.k8s.io"],
        resources: ["mutatingwebhookconfigurations"],
        verbs: ["get", "list", "watch"],
      },
    ],
  };
  const binding = (name: string, account: string, roleName: string): ClusterRoleBindingManifest => ({
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata: { name, labels: { ...appLabels(account) } },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: roleName },
    subjects: [{ kind: "ServiceAccount", name: account, namespace }],
  });
  return {
    role,
    bindings: [
      // Kubernetes' own role: create TokenReviews and SubjectAccessReviews.
      binding("vault-token-review", "vault", "system:auth-delegator"),
      binding(injector, injector, injector),
    ],
  };
}

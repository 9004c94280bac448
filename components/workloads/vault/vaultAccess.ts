import { clusterRole, clusterRoleBinding } from "../../apps/clusterRights";
import type { ClusterRoleBindingManifest, ClusterRoleManifest } from "../../apps/manifests";
import { INJECTOR_PODS } from "./vaultInjector";

export interface VaultAccess {
  readonly role: ClusterRoleManifest;
  readonly bindings: readonly ClusterRoleBindingManifest[];
}

/** What Vault may ask the API: whose token that is. And its injector: how its own webhook looks. Nothing to write. */
export function vaultAccess(): VaultAccess {
  const { app: injector, namespace } = INJECTOR_PODS;
  const webhooks = {
    apiGroups: ["admissionregistration.k8s.io"],
    resources: ["mutatingwebhookconfigurations"],
    verbs: ["get", "list", "watch"],
  };
  return {
    role: clusterRole(injector, injector, [webhooks]),
    bindings: [
      // Kubernetes' own role: create TokenReviews and SubjectAccessReviews.
      clusterRoleBinding("vault-token-review", "vault", "system:auth-delegator", { name: "vault", namespace }),
      clusterRoleBinding(injector, injector, injector, { name: injector, namespace }),
    ],
  };
}

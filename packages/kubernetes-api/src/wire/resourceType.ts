import type { JsonObject } from "./json";

/** Where the schema of a kind comes from. "free": registered by extraKinds, any fields. */
export type SchemaSource =
  | { readonly source: "builtin"; readonly model: string }
  | { readonly source: "crd"; readonly schema: JsonObject }
  | { readonly source: "free" };

export interface ResourceType {
  /** "" for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  readonly schema: SchemaSource;
}

/** A kind that is known although no CRD says so (e.g. those K3s or Calico bring along). */
export interface ExtraKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

export const apiVersionOf = (type: Pick<ResourceType, "group" | "version">): string =>
  type.group === "" ? type.version : `${type.group}/${type.version}`;

// group/version: kinds with their plurals; "*" marks the cluster-scoped.
const builtins: readonly (readonly [string, string, string])[] = [
  ["", "v1", "Namespace*namespaces Node*nodes PersistentVolume*persistentvolumes Pod/pods Service/services"],
  ["", "v1", "ConfigMap/configmaps Secret/secrets ServiceAccount/serviceaccounts Endpoints/endpoints"],
  ["", "v1", "PersistentVolumeClaim/persistentvolumeclaims LimitRange/limitranges ResourceQuota/resourcequotas"],
  ["apps", "v1", "Deployment/deployments StatefulSet/statefulsets DaemonSet/daemonsets ReplicaSet/replicasets"],
  ["batch", "v1", "Job/jobs CronJob/cronjobs"],
  ["autoscaling", "v2", "HorizontalPodAutoscaler/horizontalpodautoscalers"],
  ["policy", "v1", "PodDisruptionBudget/poddisruptionbudgets"],
  ["networking.k8s.io", "v1", "Ingress/ingresses IngressClass*ingressclasses NetworkPolicy/networkpolicies"],
  ["rbac.authorization.k8s.io", "v1", "Role/roles RoleBinding/rolebindings"],
  ["rbac.authorization.k8s.io", "v1", "ClusterRole*clusterroles ClusterRoleBinding*clusterrolebindings"],
  ["storage.k8s.io", "v1", "StorageClass*storageclasses CSIDriver*csidrivers"],
  ["scheduling.k8s.io", "v1", "PriorityClass*priorityclasses"],
  ["coordination.k8s.io", "v1", "Lease/leases"],
  ["discovery.k8s.io", "v1", "EndpointSlice/endpointslices"],
  ["apiextensions.k8s.io", "v1", "CustomResourceDefinition*customresourcedefinitions"],
  ["apiregistration.k8s.io", "v1", "APIService*apiservices"],
  ["admissionregistration.k8s.io", "v1", "ValidatingWebhookConfiguration*validatingwebhookconfigurations"],
  ["admissionregistration.k8s.io", "v1", "MutatingWebhookConfiguration*mutatingwebhookconfigurations"],
];

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Name of the schema in kubernetes-models, after the Go package that defines the type. */
function modelName(group: string, version: string, kind: string): string {
  if (group === "apiextensions.k8s.io")
    return `IoK8sApiextensionsApiserverPkgApisApiextensions${capital(version)}${kind}`;
  if (group === "apiregistration.k8s.io") return `IoK8sKubeAggregatorPkgApisApiregistration${capital(version)}${kind}`;
  const first = group === "" ? "core" : (group.split(".")[0] ?? group);
  return `IoK8sApi${capital(first)}${capital(version)}${kind}`;
}

/** The kinds every cluster has (those that a program of ours could declare; not all of Kubernetes). */
export const builtinTypes: readonly ResourceType[] = builtins.flatMap(([group, version, kinds]) =>
  kinds.split(" ").map((entry): ResourceType => {
    const [kind = "", plural = ""] = entry.split(/[*/]/);
    return {
      group,
      version,
      kind,
      plural,
      namespaced: entry.includes("/"),
      schema: { source: "builtin", model: modelName(group, version, kind) },
    };
  }),
);

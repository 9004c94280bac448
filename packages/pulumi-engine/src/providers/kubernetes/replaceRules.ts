// Changes of these fields need a new object, by apiVersion/kind: pulumi-kubernetes' own table
// (provider/pkg/provider/diff.go) for the kinds of today's Kubernetes. A trailing part covers all below it.
const podSpecFields = [
  "affinity automountServiceAccountToken dnsConfig dnsPolicy enableServiceLinks hostAliases hostIPC hostNetwork hostPID",
  "hostname imagePullSecrets nodeName nodeSelector overhead preemptionPolicy priority priorityClassName readinessGates",
  "restartPolicy runtimeClassName schedulerName securityContext serviceAccount serviceAccountName",
  "shareProcessNamespace subdomain terminationGracePeriodSeconds volumes containers initContainers",
]
  .join(" ")
  .split(" ")
  .map((field) => `spec.${field}`);

const rules: Readonly<Record<string, readonly string[]>> = {
  "apps/v1/Deployment": ["spec.selector"],
  "apps/v1/DaemonSet": ["spec.selector"],
  "apps/v1/StatefulSet": [
    "spec.podManagementPolicy",
    "spec.revisionHistoryLimit",
    "spec.selector",
    "spec.serviceName",
    "spec.volumeClaimTemplates",
  ],
  "batch/v1/Job": ["spec.completions", "spec.parallelism", "spec.selector", "spec.template"],
  "rbac.authorization.k8s.io/v1/RoleBinding": ["roleRef"],
  "rbac.authorization.k8s.io/v1/ClusterRoleBinding": ["roleRef"],
  "storage.k8s.io/v1/StorageClass": ["parameters", "provisioner"],
  "v1/PersistentVolumeClaim": ["spec.accessModes", "spec.selector", "spec.storageClassName", "spec.volumeName"],
  "v1/Pod": podSpecFields,
  "v1/ResourceQuota": ["spec.scopes"],
  "v1/Service": ["spec.clusterIP"],
  // Ours: the API server refuses these, too, and the official provider fails on them.
  "networking.k8s.io/v1/IngressClass": ["spec.controller"],
  "scheduling.k8s.io/v1/PriorityClass": ["value", "preemptionPolicy"],
};

export interface Mutability {
  readonly configMaps: boolean;
  readonly secrets: boolean;
  /** The object itself says `immutable: true`. */
  readonly immutable: boolean;
}

/** "spec.containers[0].image" and `metadata["name"]` as names, list positions left out. */
const steps = (path: string): string[] => path.match(/[^.[\]"]+/g)?.filter((step) => !/^\d+$/.test(step)) ?? [];

const touches = (rule: string, path: string): boolean => {
  const [wanted, changed] = [steps(rule), steps(path)];
  return wanted.slice(0, changed.length).every((step, index) => step === changed[index]);
};

/** Whether the change of a path needs a replacement. */
export function replaceRule(apiVersion: string, kind: string, mutability: Mutability): (path: string) => boolean {
  const own =
    apiVersion === "v1" && kind === "ConfigMap"
      ? !mutability.configMaps || mutability.immutable
        ? ["data", "binaryData"]
        : []
      : apiVersion === "v1" && kind === "Secret"
        ? !mutability.secrets || mutability.immutable
          ? ["type", "data", "stringData"]
          : ["type"]
        : (rules[`${apiVersion}/${kind}`] ?? []);
  const all = ["metadata.name", "metadata.namespace", ...own];
  return (path) => all.some((rule) => touches(rule, path));
}

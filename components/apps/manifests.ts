import type { LabelSelector, PodTemplate } from "./podManifests";

/**
 * The Kubernetes objects that applications are made of, with the fields used here and no others: plain data that
 * can be printed, compared and judged, and that the provider's argument types accept as it is (their arrays are
 * mutable, therefore these are).
 */
export interface ObjectMeta {
  name: string;
  namespace: string;
  labels: Record<string, string>;
  annotations?: Record<string, string>;
}

/** Of an object that belongs to no namespace. */
export interface ClusterMeta {
  name: string;
  labels: Record<string, string>;
}

export interface ServiceAccountManifest {
  apiVersion: "v1";
  kind: "ServiceAccount";
  metadata: ObjectMeta;
  automountServiceAccountToken: false;
}

export interface ConfigMapManifest {
  apiVersion: "v1";
  kind: "ConfigMap";
  metadata: ObjectMeta;
  data: Record<string, string>;
}

export interface SecretManifest {
  apiVersion: "v1";
  kind: "Secret";
  metadata: ObjectMeta;
  /** Default "Opaque". */
  type?: "Opaque" | "kubernetes.io/dockerconfigjson";
  /** Texts with secrets' placeholders. */
  stringData: Record<string, string>;
}

export interface ClaimManifest {
  apiVersion: "v1";
  kind: "PersistentVolumeClaim";
  metadata: ObjectMeta;
  spec: { storageClassName: string; accessModes: string[]; resources: { requests: { storage: string } } };
}

export interface ServiceManifest {
  apiVersion: "v1";
  kind: "Service";
  metadata: ObjectMeta;
  spec: {
    type: "ClusterIP";
    clusterIP?: "None";
    publishNotReadyAddresses?: true;
    selector: Record<string, string>;
    ports: { name: string; port: number; targetPort: string; protocol: "TCP" }[];
  };
}

export interface DeploymentManifest {
  apiVersion: "apps/v1";
  kind: "Deployment";
  metadata: ObjectMeta;
  spec: {
    replicas?: number;
    revisionHistoryLimit: number;
    progressDeadlineSeconds: number;
    strategy:
      { type: "Recreate" } | { type: "RollingUpdate"; rollingUpdate: { maxSurge: string; maxUnavailable: number } };
    selector: LabelSelector;
    template: PodTemplate;
  };
}

export interface StatefulSetManifest {
  apiVersion: "apps/v1";
  kind: "StatefulSet";
  metadata: ObjectMeta;
  spec: {
    serviceName: string;
    replicas: number;
    revisionHistoryLimit: number;
    /** Default: one after the other. It can never be changed, not even to say so. */
    podManagementPolicy?: "Parallel";
    updateStrategy: { type: "RollingUpdate" | "OnDelete" };
    persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain"; whenScaled: "Retain" };
    selector: LabelSelector;
    template: PodTemplate;
    volumeClaimTemplates: { metadata: { name: string }; spec: ClaimManifest["spec"] }[];
  };
}

export interface DaemonSetManifest {
  apiVersion: "apps/v1";
  kind: "DaemonSet";
  metadata: ObjectMeta;
  spec: {
    revisionHistoryLimit: number;
    updateStrategy: { type: "RollingUpdate"; rollingUpdate: { maxUnavailable: number } };
    selector: LabelSelector;
    template: PodTemplate;
  };
}

export interface JobManifest {
  apiVersion: "batch/v1";
  kind: "Job";
  metadata: ObjectMeta;
  spec: { backoffLimit: number; activeDeadlineSeconds: number; template: PodTemplate };
}

export interface CronJobManifest {
  apiVersion: "batch/v1";
  kind: "CronJob";
  metadata: ObjectMeta;
  spec: {
    schedule: string;
    timeZone: string;
    concurrencyPolicy: "Forbid";
    startingDeadlineSeconds: number;
    successfulJobsHistoryLimit: number;
    failedJobsHistoryLimit: number;
    jobTemplate: { spec: JobManifest["spec"] };
  };
}

export interface AutoscalerManifest {
  apiVersion: "autoscaling/v2";
  kind: "HorizontalPodAutoscaler";
  metadata: ObjectMeta;
  spec: {
    scaleTargetRef: { apiVersion: "apps/v1"; kind: "Deployment"; name: string };
    minReplicas: number;
    maxReplicas: number;
    metrics: {
      type: "Resource";
      resource: { name: "cpu" | "memory"; target: { type: "Utilization"; averageUtilization: number } };
    }[];
    behavior: { scaleDown: { stabilizationWindowSeconds: number } };
  };
}

export interface DisruptionBudgetManifest {
  apiVersion: "policy/v1";
  kind: "PodDisruptionBudget";
  metadata: ObjectMeta;
  spec: { maxUnavailable: number; unhealthyPodEvictionPolicy: "AlwaysAllow"; selector: LabelSelector };
}

export interface ClusterRule {
  apiGroups?: string[];
  resources?: string[];
  nonResourceURLs?: string[];
  verbs: string[];
}

export interface ClusterRoleManifest {
  apiVersion: "rbac.authorization.k8s.io/v1";
  kind: "ClusterRole";
  metadata: ClusterMeta;
  rules: ClusterRule[];
}

export interface ClusterRoleBindingManifest {
  apiVersion: "rbac.authorization.k8s.io/v1";
  kind: "ClusterRoleBinding";
  metadata: ClusterMeta;
  roleRef: { apiGroup: "rbac.authorization.k8s.io"; kind: "ClusterRole"; name: string };
  subjects: { kind: "ServiceAccount"; name: string; namespace: string }[];
}

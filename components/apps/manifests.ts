/**
 * The Kubernetes objects that applications are made of, with the fields used here and no others: plain data that
 * can be printed, compared and judged, and that the provider's argument types accept as it is (their arrays are
 * mutable, therefore these are).
 */
export interface ObjectMeta {
  name: string;
  namespace: string;
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
  type: "Opaque" | "kubernetes.io/dockerconfigjson";
  /** Texts with secrets' placeholders. */
  stringData: Record<string, string>;
}

export interface ClaimManifest {
  apiVersion: "v1";
  kind: "PersistentVolumeClaim";
  metadata: ObjectMeta & { annotations: Record<string, string> };
  spec: { storageClassName: string; accessModes: string[]; resources: { requests: { storage: string } } };
}

export interface ServiceManifest {
  apiVersion: "v1";
  kind: "Service";
  metadata: ObjectMeta;
  spec: {
    type: "ClusterIP";
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

export interface JobManifest {
  apiVersion: "batch/v1";
  kind: "Job";
  metadata: ObjectMeta;
  spec: { backoffLimit: number; activeDeadlineSeconds: number; template: PodTemplate };
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
      resource: { name: "cpu"; target: { type: "Utilization"; averageUtilization: number } };
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

export interface LabelSelector {
  matchLabels: Record<string, string>;
}

export interface PodTemplate {
  metadata: { labels: Record<string, string>; annotations: Record<string, string> };
  spec: PodSpec;
}

export interface PodSpec {
  serviceAccountName: string;
  automountServiceAccountToken: boolean;
  enableServiceLinks: false;
  imagePullSecrets?: { name: string }[];
  restartPolicy?: "Never";
  terminationGracePeriodSeconds?: number;
  securityContext: {
    runAsNonRoot: true;
    runAsUser: number;
    runAsGroup: number;
    fsGroup: number;
    seccompProfile: { type: "RuntimeDefault" };
    sysctls?: { name: string; value: string }[];
  };
  affinity?: { nodeAffinity?: NodeAffinity; podAntiAffinity?: PodAntiAffinity };
  topologySpreadConstraints?: {
    maxSkew: number;
    topologyKey: string;
    whenUnsatisfiable: "ScheduleAnyway";
    labelSelector: LabelSelector;
    matchLabelKeys: string[];
  }[];
  containers: Container[];
  volumes: Volume[];
}

export interface NodeSelectorTerm {
  matchExpressions: { key: string; operator: "NotIn"; values: string[] }[];
}

export type NodeAffinity =
  | { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: NodeSelectorTerm[] } }
  | { preferredDuringSchedulingIgnoredDuringExecution: { weight: number; preference: NodeSelectorTerm }[] };

export interface PodAntiAffinity {
  requiredDuringSchedulingIgnoredDuringExecution: { topologyKey: string; labelSelector: LabelSelector }[];
}

export interface Container {
  name: string;
  image: string;
  imagePullPolicy: "IfNotPresent";
  command?: string[];
  args?: string[];
  ports?: { name: string; containerPort: number; protocol: "TCP" }[];
  envFrom?: ({ configMapRef: { name: string } } | { secretRef: { name: string } })[];
  env?: ({ name: string; value: string } | { name: string; valueFrom: { fieldRef: { fieldPath: string } } })[];
  resources: { requests: ResourceAmounts; limits: ResourceAmounts };
  securityContext: {
    allowPrivilegeEscalation: false;
    privileged: false;
    readOnlyRootFilesystem: boolean;
    capabilities: { drop: string[] };
  };
  startupProbe?: ProbeManifest;
  readinessProbe?: ProbeManifest;
  livenessProbe?: ProbeManifest;
  lifecycle?: { preStop: { sleep: { seconds: number } } };
  volumeMounts: { name: string; mountPath: string; subPath?: string; readOnly?: boolean }[];
}

export interface ResourceAmounts extends Record<string, string> {
  cpu: string;
  memory: string;
}

export type ProbeManifest = ProbeTarget & { periodSeconds: number; timeoutSeconds: number; failureThreshold: number };

export type ProbeTarget =
  | { httpGet: { path: string; port: string; scheme: "HTTP" | "HTTPS" } }
  | { tcpSocket: { port: string } }
  | { exec: { command: string[] } };

export type Volume =
  | { name: string; persistentVolumeClaim: { claimName: string } }
  | { name: string; emptyDir: { sizeLimit: string } }
  | { name: string; configMap: { name: string } }
  | { name: string; secret: { secretName: string; defaultMode: number } };

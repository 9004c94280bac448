/**
 * One part of the monitoring as Kubernetes objects: plain data that can be printed and compared, and that the
 * provider's argument types accept as it is (their arrays are mutable, therefore these are).
 */
export interface MonitoringApp {
  readonly name: string;
  readonly account: AccountManifest;
  /** What its token may do in the whole cluster. Default: it has no token. */
  readonly clusterRules: readonly ClusterRule[];
  readonly configMaps: readonly ConfigMapManifest[];
  /** Texts hold secrets' placeholders. */
  readonly secrets: readonly SecretManifest[];
  readonly workload: WorkloadManifest;
  readonly service: ServiceManifest | undefined;
}

export interface Metadata {
  name: string;
  namespace: string;
  labels: Record<string, string>;
}

export interface AccountManifest {
  metadata: Metadata;
  automountServiceAccountToken: boolean;
}

export interface ClusterRule {
  apiGroups?: string[];
  resources?: string[];
  nonResourceURLs?: string[];
  verbs: string[];
}

export interface ConfigMapManifest {
  metadata: Metadata;
  data: Record<string, string>;
}

export interface SecretManifest {
  metadata: Metadata;
  stringData: Record<string, string>;
}

export interface ServiceManifest {
  metadata: Metadata;
  spec: {
    type: "ClusterIP";
    selector: Record<string, string>;
    ports: { name: string; port: number; targetPort: string; protocol: "TCP" }[];
  };
}

export type WorkloadManifest =
  | { readonly kind: "StatefulSet"; readonly manifest: { metadata: Metadata; spec: StatefulSetSpec } }
  | { readonly kind: "Deployment"; readonly manifest: { metadata: Metadata; spec: DeploymentSpec } }
  | { readonly kind: "DaemonSet"; readonly manifest: { metadata: Metadata; spec: DaemonSetSpec } };

interface Selector {
  matchLabels: Record<string, string>;
}

interface StatefulSetSpec {
  serviceName: string;
  replicas: number;
  revisionHistoryLimit: number;
  selector: Selector;
  template: PodTemplate;
  volumeClaimTemplates: {
    metadata: { name: string };
    spec: { storageClassName: string; accessModes: string[]; resources: { requests: { storage: string } } };
  }[];
}

interface DeploymentSpec {
  replicas: number;
  revisionHistoryLimit: number;
  strategy: { type: "Recreate" };
  selector: Selector;
  template: PodTemplate;
}

interface DaemonSetSpec {
  revisionHistoryLimit: number;
  updateStrategy: { type: "RollingUpdate"; rollingUpdate: { maxUnavailable: number } };
  selector: Selector;
  template: PodTemplate;
}

export interface PodTemplate {
  metadata: { labels: Record<string, string>; annotations: Record<string, string> };
  spec: PodSpec;
}

export interface PodSpec {
  serviceAccountName: string;
  automountServiceAccountToken: boolean;
  enableServiceLinks: false;
  hostNetwork?: true;
  dnsPolicy?: "ClusterFirstWithHostNet";
  nodeSelector?: Record<string, string>;
  tolerations?: { key?: string; operator: "Equal" | "Exists"; value?: string; effect: "NoSchedule" }[];
  terminationGracePeriodSeconds: number;
  securityContext: {
    runAsNonRoot: true;
    runAsUser: number;
    runAsGroup: number;
    fsGroup: number;
    seccompProfile: { type: "RuntimeDefault" };
  };
  containers: Container[];
  volumes: Volume[];
}

export interface Container {
  name: string;
  image: string;
  imagePullPolicy: "IfNotPresent";
  args: string[];
  env?: ({ name: string; value: string } | { name: string; valueFrom: { fieldRef: { fieldPath: string } } })[];
  ports: { name: string; containerPort: number; hostPort?: number; protocol: "TCP" }[];
  resources: { requests: { cpu: string; memory: string }; limits: { cpu: string; memory: string } };
  securityContext: {
    allowPrivilegeEscalation: false;
    privileged: false;
    readOnlyRootFilesystem: true;
    capabilities: { drop: string[] };
  };
  startupProbe: Probe;
  readinessProbe: Probe;
  livenessProbe: Probe;
  volumeMounts: { name: string; mountPath: string; readOnly?: boolean; mountPropagation?: "HostToContainer" }[];
}

interface Probe {
  httpGet: { path: string; port: string; scheme: "HTTP" };
  periodSeconds: number;
  timeoutSeconds: number;
  failureThreshold: number;
}

export type Volume =
  | { name: string; configMap: { name: string } }
  | { name: string; secret: { secretName: string; defaultMode: number } }
  | { name: string; emptyDir: { sizeLimit: string } }
  | { name: string; hostPath: { path: string; type: "Directory" } };

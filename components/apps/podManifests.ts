/**
 * Pods, as the objects of manifests.ts describe them: plain data, and the fields used here only.
 */
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
  hostNetwork?: true;
  dnsPolicy?: "ClusterFirstWithHostNet";
  securityContext: {
    runAsNonRoot: true;
    runAsUser: number;
    runAsGroup: number;
    fsGroup: number;
    seccompProfile: { type: "RuntimeDefault" };
    sysctls?: { name: string; value: string }[];
  };
  nodeSelector?: Record<string, string>;
  tolerations?: { key?: string; operator: "Equal" | "Exists"; value?: string; effect: "NoSchedule" }[];
  affinity?: { nodeAffinity?: NodeAffinity; podAntiAffinity?: PodAntiAffinity };
  topologySpreadConstraints?: {
    maxSkew: number;
    topologyKey: string;
    whenUnsatisfiable: "ScheduleAnyway";
    labelSelector: LabelSelector;
    matchLabelKeys: string[];
  }[];
  /** Those with a restartPolicy run on beside the others (kubernetes.io, sidecar containers). */
  initContainers?: (Container & { restartPolicy?: "Always" })[];
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
  ports?: { name: string; containerPort: number; hostPort?: number; protocol: "TCP" }[];
  envFrom?: ({ configMapRef: { name: string } } | { secretRef: { name: string } })[];
  env?: EnvVar[];
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
  volumeMounts: VolumeMount[];
}

export type EnvVar = { name: string; value: string } | { name: string; valueFrom: { fieldRef: { fieldPath: string } } };

export interface VolumeMount {
  name: string;
  mountPath: string;
  subPath?: string;
  readOnly?: boolean;
  mountPropagation?: "HostToContainer";
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

export interface TokenProjection {
  path: string;
  audience: string;
  expirationSeconds: number;
}

export type Volume =
  | { name: string; persistentVolumeClaim: { claimName: string } }
  | { name: string; emptyDir: { sizeLimit: string } }
  | { name: string; configMap: { name: string } }
  | { name: string; secret: { secretName: string; defaultMode: number } }
  | { name: string; projected: { sources: { serviceAccountToken: TokenProjection }[] } }
  | { name: string; hostPath: { path: string; type: "Directory" } };

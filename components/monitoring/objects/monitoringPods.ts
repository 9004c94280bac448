import { podLabels, type Pods } from "../../topology/party";
import { contentChecksum } from "../../apps/checksum";
import { appLabels, DUTY_LABEL } from "../../apps/labels";
import { CONFIG_CHECKSUM } from "../../apps/renderPods";
import type {
  AccountManifest,
  ConfigMapManifest,
  Container,
  Metadata,
  PodSpec,
  PodTemplate,
  SecretManifest,
  ServiceManifest,
  Volume,
} from "./monitoringApp";

/** Account "nobody" of the Prometheus project's images. */
export const NOBODY_UID = 65534;

export interface PodArgs {
  readonly pods: Pods;
  readonly image: string;
  readonly uid: number;
  readonly args: readonly string[];
  readonly env?: NonNullable<Container["env"]>;
  /** By name; the first one is probed unless `probes` says another. */
  readonly ports: Readonly<Record<string, number>>;
  readonly probes: { readonly ready: string; readonly alive: string; readonly readyPort?: string };
  readonly cpu: readonly [request: string, limit: string];
  readonly memory: readonly [request: string, limit: string];
  /** Mounted read-only, whole, as directories. Default: none. */
  readonly configMaps?: readonly { readonly path: string; readonly map: ConfigMapManifest }[];
  readonly secrets?: readonly { readonly path: string; readonly secret: SecretManifest }[];
  /** Empty at each start. Default: none. */
  readonly scratch?: readonly string[];
  /** Name of a claim of the StatefulSet and its path. Default: none. */
  readonly data?: { readonly claim: string; readonly path: string };
  /** Does it speak to the Kubernetes API? Default false. */
  readonly token?: boolean;
}

export function metadata(pods: Pods, name = pods.app): Metadata {
  return { name, namespace: pods.namespace, labels: { ...podLabels(pods), ...appLabels("monitoring") } };
}

export function account(pods: Pods, token: boolean): AccountManifest {
  return { metadata: metadata(pods), automountServiceAccountToken: token };
}

export function configMap(pods: Pods, name: string, data: Readonly<Record<string, string>>): ConfigMapManifest {
  return { metadata: metadata(pods, name), data: { ...data } };
}

export function secret(pods: Pods, name: string, data: Readonly<Record<string, string>>): SecretManifest {
  return { metadata: metadata(pods, name), stringData: { ...data } };
}

export function service(pods: Pods, name: string, port: number): ServiceManifest {
  return {
    metadata: metadata(pods),
    spec: {
      type: "ClusterIP",
      selector: { ...podLabels(pods) },
      ports: [{ name, port, targetPort: name, protocol: "TCP" }],
    },
  };
}

/** On the worker kept for monitoring, and nowhere else: there is its volume, and its load disturbs nobody. */
export const MONITORING_WORKER: Required<Pick<PodSpec, "nodeSelector" | "tolerations">> = {
  nodeSelector: { [DUTY_LABEL]: "monitoring" },
  tolerations: [{ key: DUTY_LABEL, operator: "Equal", value: "monitoring", effect: "NoSchedule" }],
};

/** Non-root, read-only, no capabilities, default seccomp profile: fits Pod Security "restricted". */
export function podTemplate(args: PodArgs, pod: Partial<PodSpec> = MONITORING_WORKER): PodTemplate {
  const { pods, uid, configMaps = [], secrets = [], scratch = [], token = false } = args;
  const volumes: Volume[] = [
    ...configMaps.map(({ map }) => ({ name: map.metadata.name, configMap: { name: map.metadata.name } })),
    ...secrets.map(({ secret: { metadata: of } }) => ({
      name: of.name,
      secret: { secretName: of.name, defaultMode: 0o440 },
    })),
    ...scratch.map((path) => ({ name: scratchName(path), emptyDir: { sizeLimit: "1Gi" } })),
  ];
  return {
    metadata: {
      labels: { ...podLabels(pods), ...appLabels("monitoring") },
      annotations: { [CONFIG_CHECKSUM]: contentChecksum(configMaps.map(({ map }) => map.data)) },
    },
    spec: {
      serviceAccountName: pods.app,
      automountServiceAccountToken: token,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: 60,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: uid,
        runAsGroup: uid,
        fsGroup: uid,
        seccompProfile: { type: "RuntimeDefault" },
      },
      containers: [container(args)],
      volumes,
      ...pod,
    },
  };
}

function container({ data, configMaps = [], secrets = [], scratch = [], ...args }: PodArgs): Container {
  const [first = ""] = Object.keys(args.ports);
  const probe = (path: string, port: string, periodSeconds: number, failureThreshold: number) => ({
    httpGet: { path, port, scheme: "HTTP" as const },
    periodSeconds,
    timeoutSeconds: 5,
    failureThreshold,
  });
  const { ready, alive, readyPort = first } = args.probes;
  return {
    name: args.pods.app,
    image: args.image,
    imagePullPolicy: "IfNotPresent",
    args: [...args.args],
    ...(args.env === undefined ? {} : { env: [...args.env] }),
    ports: Object.entries(args.ports).map(([name, containerPort]) => ({ name, containerPort, protocol: "TCP" })),
    resources: {
      requests: { cpu: args.cpu[0], memory: args.memory[0] },
      limits: { cpu: args.cpu[1], memory: args.memory[1] },
    },
    securityContext: {
      allowPrivilegeEscalation: false,
      privileged: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    },
    // Prometheus reads its log of the last hours before it answers.
    startupProbe: probe(ready, readyPort, 5, 120),
    readinessProbe: probe(ready, readyPort, 10, 3),
    livenessProbe: probe(alive, first, 15, 4),
    volumeMounts: [
      ...(data === undefined ? [] : [{ name: data.claim, mountPath: data.path }]),
      ...configMaps.map(({ path, map }) => ({ name: map.metadata.name, mountPath: path, readOnly: true })),
      ...secrets.map(({ path, secret: { metadata: of } }) => ({ name: of.name, mountPath: path, readOnly: true })),
      ...scratch.map((path) => ({ name: scratchName(path), mountPath: path })),
    ],
  };
}

function scratchName(path: string): string {
  return `scratch${path.replace(/[^a-z0-9]+/gi, "-").toLowerCase()}`;
}

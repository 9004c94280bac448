import type { Placement } from "./appArgs";
import type { AppPlan, ConfigData } from "./appPlan";
import { contentChecksum } from "./checksum";
import { appLabels, DUTY_LABEL, selectorLabels } from "./labels";
import type { Container, PodSpec, PodTemplate, Volume } from "./manifests";
import type { Resources } from "./quantity";

/** What is particular to the one container of a process or of a migration. */
export interface ContainerPart {
  readonly name: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Overrides that hold secrets. Default: none. */
  readonly secret?: ConfigData;
  readonly ports?: Readonly<Record<string, number>>;
  readonly resources: Resources;
  readonly placement: Placement;
  readonly container?: Partial<Container>;
  readonly pod?: Partial<PodSpec>;
}

/** A node's disk is shared: a pod that fills its scratch directory beyond this is evicted. */
const SCRATCH_LIMIT = "1Gi";
const SHARED = "shared";
const UNPRIVILEGED_PORTS_FROM = 1024;

export const CONFIG_CHECKSUM = "keybuzz.io/config-checksum";
export const SECRET_CHECKSUM = "keybuzz.io/secret-checksum";

/** Non-root, no capabilities, the default seccomp profile, no API token unless it is asked for: fits Pod Security "restricted". */
export function renderPodTemplate(plan: AppPlan, part: ContainerPart): PodTemplate {
  const { rootFilesystem } = plan.runtime;
  return {
    metadata: {
      labels: { ...selectorLabels(plan.namespace, part.name), ...appLabels(plan.name) },
      annotations: {
        [CONFIG_CHECKSUM]: contentChecksum([plan.configMap.entries, plan.files]),
        ...(rootFilesystem === "readOnly"
          ? {}
          : { "keybuzz.io/writable-root-filesystem": rootFilesystem.writableBecause }),
      },
    },
    spec: {
      serviceAccountName: plan.name,
      automountServiceAccountToken: plan.apiAccess,
      // Variables such as CHATWOOT_WEB_PORT=tcp://... collide with applications' own settings.
      enableServiceLinks: false,
      ...(plan.pullSecret === undefined ? {} : { imagePullSecrets: [{ name: plan.pullSecret.name }] }),
      securityContext: {
        runAsNonRoot: true,
        runAsUser: plan.runtime.uid,
        runAsGroup: plan.runtime.gid,
        fsGroup: plan.runtime.gid,
        seccompProfile: { type: "RuntimeDefault" },
        ...portSysctl(part.ports ?? {}),
      },
      ...renderAffinity(part.placement),
      containers: [renderContainer(plan, part)],
      volumes: renderVolumes(plan),
      ...part.pod,
    },
  };
}

/** A non-root process may listen below 1024 where the pod's own network namespace allows it; no capability needed. */
function portSysctl(ports: Readonly<Record<string, number>>): Pick<PodSpec["securityContext"], "sysctls"> {
  const lowest = Math.min(...Object.values(ports), UNPRIVILEGED_PORTS_FROM);
  if (lowest === UNPRIVILEGED_PORTS_FROM) return {};
  return { sysctls: [{ name: "net.ipv4.ip_unprivileged_port_start", value: String(lowest) }] };
}

function renderContainer(plan: AppPlan, part: ContainerPart): Container {
  const { cpu, memory } = part.resources;
  const secrets = [plan.secret, part.secret].filter((data) => data !== undefined).filter(isFilled);
  const envFrom = [
    ...(isFilled(plan.configMap) ? [{ configMapRef: { name: plan.configMap.name } }] : []),
    // A later source wins: a migration's own secrets come last.
    ...secrets.map(({ name }) => ({ secretRef: { name } })),
  ];
  const env = Object.entries(part.env).map(([name, value]) => ({ name, value }));
  return {
    name: part.name,
    image: plan.image,
    imagePullPolicy: "IfNotPresent",
    ...(part.command === undefined ? {} : { command: [...part.command] }),
    ...(part.args === undefined ? {} : { args: [...part.args] }),
    ...(part.ports === undefined || Object.keys(part.ports).length === 0 ? {} : { ports: containerPorts(part.ports) }),
    ...(envFrom.length === 0 ? {} : { envFrom }),
    ...(env.length === 0 ? {} : { env }),
    resources: {
      requests: { cpu: cpu.request, memory: memory.request },
      limits: { cpu: cpu.limit, memory: memory.limit },
    },
    securityContext: {
      allowPrivilegeEscalation: false,
      privileged: false,
      readOnlyRootFilesystem: plan.runtime.rootFilesystem === "readOnly",
      capabilities: { drop: ["ALL"] },
    },
    volumeMounts: [
      // Before the files that may be inside of it.
      ...(plan.volume === undefined ? [] : [{ name: SHARED, mountPath: plan.volume.path }]),
      ...plan.runtime.writableDirectories.map((path) => ({ name: scratchName(path), mountPath: path })),
      ...plan.files.map((file) => ({
        name: filesVolume(file.secret),
        mountPath: file.path,
        subPath: file.key,
        readOnly: true,
      })),
    ],
    ...part.container,
  };
}

function containerPorts(ports: Readonly<Record<string, number>>): NonNullable<Container["ports"]> {
  return Object.entries(ports).map(([name, containerPort]) => ({ name, containerPort, protocol: "TCP" as const }));
}

function renderVolumes(plan: AppPlan): Volume[] {
  const scratch = plan.runtime.writableDirectories.map((path) => ({
    name: scratchName(path),
    emptyDir: { sizeLimit: SCRATCH_LIMIT },
  }));
  const files: Volume[] = [];
  if (plan.files.some((file) => !file.secret))
    files.push({ name: filesVolume(false), configMap: { name: filesName(plan, false) } });
  // Readable by the pod's group (fsGroup) only.
  if (plan.files.some((file) => file.secret))
    files.push({ name: filesVolume(true), secret: { secretName: filesName(plan, true), defaultMode: 0o440 } });
  const shared =
    plan.volume === undefined ? [] : [{ name: SHARED, persistentVolumeClaim: { claimName: plan.volume.name } }];
  return [...shared, ...scratch, ...files];
}

/** Name of the ConfigMap or Secret that holds the application's files. */
export function filesName(plan: AppPlan, secret: boolean): string {
  return `${plan.name}-${filesVolume(secret)}`;
}

function filesVolume(secret: boolean): string {
  return secret ? "secret-files" : "files";
}

/** "/app/tmp" -> "scratch-app-tmp": a DNS label. */
function scratchName(path: string): string {
  return `scratch${path.replace(/[^a-z0-9]+/gi, "-").toLowerCase()}`;
}

export function isFilled(data: ConfigData): boolean {
  return Object.keys(data.entries).length > 0;
}

function renderAffinity({ avoid, strict }: Placement): Pick<PodSpec, "affinity"> {
  if (avoid.length === 0) return {};
  // NotIn also matches nodes without the label.
  const elsewhere = { matchExpressions: [{ key: DUTY_LABEL, operator: "NotIn" as const, values: [...avoid] }] };
  return {
    affinity: {
      nodeAffinity: strict
        ? { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [elsewhere] } }
        : { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, preference: elsewhere }] },
    },
  };
}

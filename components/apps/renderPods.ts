import type { AppPlan, ConfigData } from "./appPlan";
import { contentChecksum } from "./checksum";
import { appLabels, selectorLabels } from "./labels";
import type { Container, EnvVar, PodSpec, PodTemplate, Volume, VolumeMount } from "./podManifests";
import type { BesideArgs, PodField } from "./processArgs";
import type { Resources } from "./quantity";
import { vaultAnnotations, vaultLabels, vaultVolumes } from "./vaultAgent";

/** What is particular to the one container of a process or of a migration. */
export interface ContainerPart {
  readonly name: string;
  /** Default: the application's. */
  readonly image?: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Default: none. */
  readonly podFields?: Readonly<Record<string, PodField>>;
  /** Overrides that hold secrets. Default: none. */
  readonly secret?: ConfigData;
  readonly ports?: Readonly<Record<string, number>>;
  /** Its ports are the node's own. Default false. */
  readonly nodePorts?: boolean;
  readonly resources: Resources;
  /** Of a process' own volume, before whatever may be inside of it. Default: none. */
  readonly mounts?: readonly VolumeMount[];
  readonly volumes?: readonly Volume[];
  readonly placement: Pick<PodSpec, "affinity" | "nodeSelector" | "tolerations">;
  /** Containers before and beside it. Default: none. */
  readonly init?: readonly BesideArgs[];
  readonly sidecars?: readonly BesideArgs[];
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
  const { vaultFiles } = plan;
  return {
    metadata: {
      labels: { ...selectorLabels(plan.namespace, part.name), ...appLabels(plan.partOf), ...vaultLabels(vaultFiles) },
      annotations: {
        [CONFIG_CHECKSUM]: contentChecksum(mounted(plan)),
        ...(rootFilesystem === "readOnly"
          ? {}
          : { "keybuzz.io/writable-root-filesystem": rootFilesystem.writableBecause }),
        ...vaultAnnotations(plan.name, vaultFiles, part.pod?.restartPolicy === "Never"),
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
      ...part.placement,
      ...renderBeside(plan, part),
      containers: [renderContainer(plan, part)],
      volumes: [...(part.volumes ?? []), ...renderVolumes(plan), ...vaultVolumes(vaultFiles)],
      ...part.pod,
    },
  };
}

/** Sidecars first: what is to be done before the start may need them. */
function renderBeside(plan: AppPlan, part: ContainerPart): Pick<PodSpec, "initContainers"> {
  const { init = [], sidecars = [], mounts = [], placement } = part;
  const beside = (one: BesideArgs): Container => renderContainer(plan, { env: {}, ...one, mounts, placement });
  const all = [
    ...sidecars.map((one) => ({ ...beside(one), restartPolicy: "Always" as const })),
    ...init.map((one) => beside(one)),
  ];
  return all.length === 0 ? {} : { initContainers: all };
}

/** The configuration that pods read at their start alone, as far as it is no secret. */
function mounted({ configMap, files, directories: all }: AppPlan): unknown {
  const directories = all.filter(({ watched }) => watched !== true);
  // Only where there are any: the others' checksums, and with them their pods, stay as they are.
  return [configMap.entries, files, ...(directories.length === 0 ? [] : [directories])];
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
  const env: EnvVar[] = [
    // Before those that refer to them.
    ...Object.entries(part.podFields ?? {}).map(([name, fieldPath]) => ({
      name,
      valueFrom: { fieldRef: { fieldPath } },
    })),
    ...Object.entries(part.env).map(([name, value]) => ({ name, value })),
  ];
  return {
    name: part.name,
    image: part.image ?? plan.image,
    imagePullPolicy: "IfNotPresent",
    ...(part.command === undefined ? {} : { command: [...part.command] }),
    ...(part.args === undefined ? {} : { args: [...part.args] }),
    ...(part.ports === undefined || Object.keys(part.ports).length === 0
      ? {}
      : { ports: containerPorts(part.ports, part.nodePorts ?? false) }),
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
      ...(part.mounts ?? []),
      // Before the files that may be inside of it.
      ...(plan.volume === undefined ? [] : [{ name: SHARED, mountPath: plan.volume.path }]),
      ...plan.runtime.writableDirectories.map((path) => ({ name: scratchName(path), mountPath: path })),
      ...plan.files.map((file) => ({
        name: filesVolume(file.secret),
        mountPath: file.path,
        subPath: file.key,
        readOnly: true,
      })),
      ...plan.directories.map(({ name, path }) => ({ name, mountPath: path, readOnly: true })),
    ],
    ...part.container,
  };
}

function containerPorts(ports: Readonly<Record<string, number>>, ofNode: boolean): NonNullable<Container["ports"]> {
  return Object.entries(ports).map(([name, containerPort]) => ({
    name,
    containerPort,
    // What Kubernetes makes of a port on the node's own network.
    ...(ofNode ? { hostPort: containerPort } : {}),
    protocol: "TCP",
  }));
}

function renderVolumes(plan: AppPlan): Volume[] {
  const files = (secret: boolean): readonly Volume[] =>
    plan.files.some((file) => file.secret === secret)
      ? [configVolume(filesVolume(secret), filesName(plan, secret), secret)]
      : [];
  return [
    ...(plan.volume === undefined ? [] : [{ name: SHARED, persistentVolumeClaim: { claimName: plan.volume.name } }]),
    ...plan.runtime.writableDirectories.map((path) => ({
      name: scratchName(path),
      emptyDir: { sizeLimit: SCRATCH_LIMIT },
    })),
    ...files(false),
    ...files(true),
    ...plan.directories.map(({ name, secret }) => configVolume(name, name, secret)),
  ];
}

/** Secrets are readable by the pod's group (fsGroup) only. */
function configVolume(name: string, object: string, secret: boolean): Volume {
  return secret ? { name, secret: { secretName: object, defaultMode: 0o440 } } : { name, configMap: { name: object } };
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

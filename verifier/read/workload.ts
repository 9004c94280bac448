import { at, fields, integer, list, text, texts, type EmittedResource } from "./graph";
import type { PodSubject } from "./policies";

/** What runs as pods. */
export interface Workload extends PodSubject {
  /** "chatwoot/chatwoot-web" */
  readonly label: string;
  readonly kind: string;
  readonly hostNetwork: boolean;
  readonly ports: readonly { readonly name: string; readonly port: number; readonly protocol: string }[];
  /** At least so many run; undefined: one per node. */
  readonly replicas: number | undefined;
  /** Its pods are kept on different nodes. */
  readonly spread: boolean;
  readonly graceSeconds: number;
  /** Seconds that it goes on serving after it was told to stop. */
  readonly preStopSeconds: number;
  readonly resource: EmittedResource | undefined;
}

/** A Kubernetes Service. */
export interface Service {
  readonly namespace: string;
  readonly name: string;
  readonly type: string;
  /** Only a name: it resolves to the pods' own addresses. */
  readonly headless: boolean;
  readonly selector: Readonly<Record<string, string>>;
  readonly externalTrafficPolicy: string;
  readonly ports: readonly {
    readonly port: number;
    readonly targetPort: unknown;
    readonly nodePort: number | undefined;
    readonly protocol: string;
  }[];
}

/** Types of resources that have a pod template at `spec.template`, and their kinds. */
export const WORKLOAD_TYPES: Readonly<Record<string, string>> = {
  "kubernetes:apps/v1:Deployment": "Deployment",
  "kubernetes:apps/v1:StatefulSet": "StatefulSet",
  "kubernetes:apps/v1:DaemonSet": "DaemonSet",
  "kubernetes:batch/v1:Job": "Job",
};

/** What its pods are made from; undefined where that is not emitted. */
export function podTemplate({ resource, kind }: Pick<Workload, "resource" | "kind">): unknown {
  const job = kind === "CronJob" ? ["spec", "jobTemplate"] : [];
  return at(resource?.inputs, ...job, "spec", "template");
}

/** The same, without their labels and annotations. */
export const podSpec = (workload: Pick<Workload, "resource" | "kind">): unknown => at(podTemplate(workload), "spec");

/** The fewest that an autoscaler leaves of "chatwoot/chatwoot-web"; undefined: none scales it. */
export function leastReplicas(place: string, kind: string, scalers: readonly EmittedResource[]): number | undefined {
  const scaler = scalers.find(({ inputs }) => {
    const target = at(inputs, "spec", "scaleTargetRef");
    const namespace = text(at(inputs, "metadata", "namespace")) ?? "default";
    return text(at(target, "kind")) === kind && `${namespace}/${text(at(target, "name")) ?? ""}` === place;
  });
  return integer(at(scaler?.inputs, "spec", "minReplicas"));
}

/** @param scalers autoscalers of the cluster: they hold the lower bound of replicas that the workload itself leaves out. */
export function readWorkload(
  resource: EmittedResource,
  kind: string,
  spec: unknown,
  scalers: readonly EmittedResource[],
): Workload {
  const { inputs } = resource;
  const namespace = text(at(inputs, "metadata", "namespace")) ?? "default";
  const name = text(at(inputs, "metadata", "name")) ?? resource.name;
  const pod = at(spec, "template", "spec");
  const containers = list(at(pod, "containers"));
  const replicas = integer(at(spec, "replicas")) ?? leastReplicas(`${namespace}/${name}`, kind, scalers) ?? 1;
  return {
    label: `${namespace}/${texts(at(spec, "template", "metadata", "labels"))["app.kubernetes.io/name"] ?? name}`,
    kind,
    namespace,
    labels: texts(at(spec, "template", "metadata", "labels")),
    hostNetwork: at(pod, "hostNetwork") === true,
    ports: containers.flatMap((container) =>
      list(at(container, "ports")).map((port) => ({
        name: text(at(port, "name")) ?? "",
        port: integer(at(port, "containerPort")) ?? 0,
        protocol: (text(at(port, "protocol")) ?? "TCP").toLowerCase(),
      })),
    ),
    replicas: kind === "DaemonSet" ? undefined : replicas,
    spread: kind === "DaemonSet" || isSpread(pod),
    graceSeconds: integer(at(pod, "terminationGracePeriodSeconds")) ?? 30,
    preStopSeconds: Math.max(
      0,
      ...containers.map((container) => integer(at(container, "lifecycle", "preStop", "sleep", "seconds")) ?? 0),
    ),
    resource,
  };
}

function isSpread(pod: unknown): boolean {
  return (
    list(at(pod, "topologySpreadConstraints")).some(
      (one) => text(at(one, "topologyKey")) === "kubernetes.io/hostname",
    ) || at(pod, "affinity", "podAntiAffinity") !== undefined
  );
}

export function readService({ inputs, name }: EmittedResource): Service {
  const spec = fields(inputs["spec"]);
  return {
    namespace: text(at(inputs, "metadata", "namespace")) ?? "default",
    name: text(at(inputs, "metadata", "name")) ?? name,
    type: text(spec["type"]) ?? "ClusterIP",
    headless: text(spec["clusterIP"]) === "None",
    selector: texts(spec["selector"]),
    externalTrafficPolicy: text(spec["externalTrafficPolicy"]) ?? "Cluster",
    ports: list(spec["ports"]).map((port) => ({
      port: integer(at(port, "port")) ?? 0,
      targetPort: at(port, "targetPort") ?? at(port, "port"),
      nodePort: integer(at(port, "nodePort")),
      protocol: (text(at(port, "protocol")) ?? "TCP").toLowerCase(),
    })),
  };
}

/** The container's port behind a Service's. */
export function containerPort(workload: Workload, targetPort: unknown): number | undefined {
  const number = integer(targetPort);
  if (number !== undefined) return number;
  return workload.ports.find(({ name }) => name === targetPort)?.port;
}

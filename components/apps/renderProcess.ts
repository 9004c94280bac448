import type { AppPlan } from "./appPlan";
import { appLabels, selectorLabels, SKIP_AWAIT } from "./labels";
import type { AutoscalerManifest, DisruptionBudgetManifest, ObjectMeta, ServiceManifest } from "./manifests";
import type { ProcessPlan } from "./processPlan";
import { renderWorkload, type WorkloadManifest } from "./renderWorkload";

/** Load that drops for less than this is no reason to remove pods. */
const SCALE_DOWN_AFTER_SECONDS = 300;

/** All objects of one process. */
export interface RenderedProcess {
  readonly name: string;
  readonly workload: WorkloadManifest;
  /** Leads to pods that are ready. */
  readonly service: ServiceManifest | undefined;
  /** Names all pods, ready or not: members must find each other first. */
  readonly headless: ServiceManifest | undefined;
  readonly autoscaler: AutoscalerManifest | undefined;
  readonly disruptionBudget: DisruptionBudgetManifest | undefined;
}

export function renderProcess(plan: AppPlan, process: ProcessPlan): RenderedProcess {
  const metadata: ObjectMeta = {
    name: process.name,
    namespace: plan.namespace,
    labels: { ...selectorLabels(plan.namespace, process.name), ...appLabels(plan.partOf) },
  };
  const byPeople = process.kind === "stateful" && process.rollout === "byPeople";
  // Of what is ready only once people have done their part.
  const patient: ObjectMeta = byPeople ? { ...metadata, annotations: { ...SKIP_AWAIT } } : metadata;
  return {
    name: process.name,
    workload: renderWorkload(plan, process, patient),
    service: renderService(plan, process, patient),
    headless: renderHeadless(plan, process, patient),
    autoscaler: renderAutoscaler(process, metadata),
    disruptionBudget: renderBudget(plan, process, metadata),
  };
}

function renderService(plan: AppPlan, process: ProcessPlan, metadata: ObjectMeta): ServiceManifest | undefined {
  const { kind, name, ports } = process;
  if (kind === "daemon" || Object.keys(ports).length === 0) return undefined;
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata,
    spec: {
      type: "ClusterIP",
      selector: { ...selectorLabels(plan.namespace, name) },
      ports: Object.entries(ports).map(([port, number]) => ({
        name: port,
        port: number,
        targetPort: port,
        protocol: "TCP",
      })),
    },
  };
}

function renderHeadless(plan: AppPlan, process: ProcessPlan, metadata: ObjectMeta): ServiceManifest | undefined {
  const service = renderService(plan, process, metadata);
  if (service === undefined || process.kind !== "stateful" || process.headless === undefined) return undefined;
  return {
    ...service,
    // Without the label by which the pods are found: this one is not the way for clients.
    metadata: { ...metadata, name: process.headless, labels: { ...appLabels(plan.partOf) } },
    spec: { ...service.spec, clusterIP: "None", publishNotReadyAddresses: true },
  };
}

function renderBudget(plan: AppPlan, process: ProcessPlan, metadata: ObjectMeta): DisruptionBudgetManifest | undefined {
  // A drain passes by the pods of a DaemonSet.
  if (process.kind === "daemon" || process.maxUnavailable === undefined) return undefined;
  return {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata,
    // Pods that are not ready anyway must not block a drain.
    spec: {
      maxUnavailable: process.maxUnavailable,
      unhealthyPodEvictionPolicy: "AlwaysAllow",
      selector: { matchLabels: { ...selectorLabels(plan.namespace, process.name) } },
    },
  };
}

function renderAutoscaler(process: ProcessPlan, metadata: ObjectMeta): AutoscalerManifest | undefined {
  if (process.kind !== "deployment" || process.autoscale === undefined) return undefined;
  const { min, max, cpuPercent, memoryPercent } = process.autoscale;
  const measure = (name: "cpu" | "memory", averageUtilization: number | undefined) =>
    averageUtilization === undefined
      ? []
      : [
          {
            type: "Resource" as const,
            resource: { name, target: { type: "Utilization" as const, averageUtilization } },
          },
        ];
  return {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata,
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: process.name },
      minReplicas: min,
      maxReplicas: max,
      metrics: [...measure("cpu", cpuPercent), ...measure("memory", memoryPercent)],
      behavior: { scaleDown: { stabilizationWindowSeconds: SCALE_DOWN_AFTER_SECONDS } },
    },
  };
}

import type { AppPlan, ProcessPlan } from "./appPlan";
import { appLabels, selectorLabels } from "./labels";
import type {
  AutoscalerManifest,
  DeploymentManifest,
  DisruptionBudgetManifest,
  ObjectMeta,
  ServiceManifest,
} from "./manifests";
import { renderProbe, startupLimitSeconds } from "./probe";
import { renderPodTemplate } from "./renderPods";

/** Seconds beyond a pod's own start limit (image pull, scheduling) until a roll-out counts as failed. */
const ROLLOUT_MARGIN_SECONDS = 300;
/** Load that drops for less than this is no reason to remove pods. */
const SCALE_DOWN_AFTER_SECONDS = 300;

/** All objects of one process. */
export interface RenderedProcess {
  readonly name: string;
  readonly deployment: DeploymentManifest;
  readonly service: ServiceManifest | undefined;
  readonly autoscaler: AutoscalerManifest | undefined;
  readonly disruptionBudget: DisruptionBudgetManifest | undefined;
}

export function renderProcess(plan: AppPlan, process: ProcessPlan): RenderedProcess {
  const metadata = {
    name: process.name,
    namespace: plan.namespace,
    labels: { ...selectorLabels(plan.namespace, process.name), ...appLabels(plan.name) },
  };
  const selector = { ...selectorLabels(plan.namespace, process.name) };
  return {
    name: process.name,
    deployment: { apiVersion: "apps/v1", kind: "Deployment", metadata, spec: deploymentSpec(plan, process) },
    service:
      Object.keys(process.ports).length === 0
        ? undefined
        : {
            apiVersion: "v1",
            kind: "Service",
            metadata,
            spec: { type: "ClusterIP", selector, ports: servicePorts(process) },
          },
    autoscaler: renderAutoscaler(metadata, process),
    disruptionBudget:
      process.maxUnavailable === undefined
        ? undefined
        : {
            apiVersion: "policy/v1",
            kind: "PodDisruptionBudget",
            metadata,
            // Pods that are not ready anyway must not block a drain.
            spec: {
              maxUnavailable: process.maxUnavailable,
              unhealthyPodEvictionPolicy: "AlwaysAllow",
              selector: { matchLabels: selector },
            },
          },
  };
}

function deploymentSpec(plan: AppPlan, process: ProcessPlan): DeploymentManifest["spec"] {
  const selector = { matchLabels: { ...selectorLabels(plan.namespace, process.name) } };
  const { probes } = process;
  return {
    // With an autoscaler the number of pods is its business; naming it here would reset it at every run.
    ...(process.autoscale === undefined ? { replicas: process.minReplicas } : {}),
    revisionHistoryLimit: 5,
    progressDeadlineSeconds: startupLimitSeconds(probes) + ROLLOUT_MARGIN_SECONDS,
    strategy:
      process.rollout === "recreate"
        ? { type: "Recreate" }
        : { type: "RollingUpdate", rollingUpdate: { maxSurge: "25%", maxUnavailable: 0 } },
    selector,
    template: renderPodTemplate(plan, {
      name: process.name,
      ...(process.command === undefined ? {} : { command: process.command }),
      ...(process.args === undefined ? {} : { args: process.args }),
      env: process.env,
      ports: process.ports,
      resources: process.resources,
      placement: process.placement,
      container: {
        startupProbe: renderProbe(probes.startup),
        readinessProbe: renderProbe(probes.readiness),
        livenessProbe: renderProbe(probes.liveness),
        ...(process.drainSeconds > 0 ? { lifecycle: { preStop: { sleep: { seconds: process.drainSeconds } } } } : {}),
      },
      pod: {
        terminationGracePeriodSeconds: process.gracePeriodSeconds,
        // One node lost costs as few pods as possible; each version is spread by itself, or a roll-out would skew it.
        topologySpreadConstraints: [
          {
            maxSkew: 1,
            topologyKey: "kubernetes.io/hostname",
            whenUnsatisfiable: "ScheduleAnyway",
            labelSelector: selector,
            matchLabelKeys: ["pod-template-hash"],
          },
        ],
      },
    }),
  };
}

function servicePorts({ ports }: ProcessPlan): ServiceManifest["spec"]["ports"] {
  return Object.entries(ports).map(([name, port]) => ({ name, port, targetPort: name, protocol: "TCP" }));
}

function renderAutoscaler(metadata: ObjectMeta, { name, autoscale }: ProcessPlan): AutoscalerManifest | undefined {
  if (autoscale === undefined) return undefined;
  return {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata,
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name },
      minReplicas: autoscale.min,
      maxReplicas: autoscale.max,
      metrics: [
        {
          type: "Resource",
          resource: { name: "cpu", target: { type: "Utilization", averageUtilization: autoscale.cpuPercent } },
        },
      ],
      behavior: { scaleDown: { stabilizationWindowSeconds: SCALE_DOWN_AFTER_SECONDS } },
    },
  };
}

import type { AppPlan } from "./appPlan";
import { PULL_SECONDS } from "./awaitLimits";
import { selectorLabels } from "./labels";
import type { DaemonSetManifest, DeploymentManifest, ObjectMeta, StatefulSetManifest } from "./manifests";
import type { LabelSelector, PodSpec } from "./podManifests";
import { renderProbe, startupLimitSeconds, type Health } from "./probe";
import type { DaemonPlan, DeploymentPlan, ProcessPlan, StatefulPlan } from "./processPlan";
import { LOCAL_CLASS } from "./renderClaim";
import { renderPlacement, renderSpread } from "./renderPlacement";
import { renderPodTemplate, type ContainerPart } from "./renderPods";

/** What runs a process' pods. */
export type WorkloadManifest = DeploymentManifest | StatefulSetManifest | DaemonSetManifest;

const REVISIONS = 5;
const OWN_VOLUME = "data";
const NODE_FILES = "host";
/** Also where only some pods may go. */
const EVERYWHERE: ContainerPart["placement"] = { tolerations: [{ operator: "Exists", effect: "NoSchedule" }] };

export function renderWorkload(plan: AppPlan, process: ProcessPlan, metadata: ObjectMeta): WorkloadManifest {
  const selector = { matchLabels: { ...selectorLabels(plan.namespace, process.name) } };
  switch (process.kind) {
    case "deployment":
      return renderDeployment(plan, process, metadata, selector);
    case "stateful":
      return renderStatefulSet(plan, process, metadata, selector);
    case "daemon":
      return renderDaemonSet(plan, process, metadata, selector);
  }
}

function renderDeployment(
  plan: AppPlan,
  process: DeploymentPlan,
  metadata: ObjectMeta,
  selector: LabelSelector,
): DeploymentManifest {
  const part = containerPart(process, renderPlacement(process.placement), renderSpread(selector));
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata,
    spec: {
      // With an autoscaler the number of pods is its business; naming it here would reset it at every run.
      ...(process.autoscale === undefined ? { replicas: process.minReplicas } : {}),
      revisionHistoryLimit: REVISIONS,
      progressDeadlineSeconds: startupLimitSeconds(process.probes) + PULL_SECONDS,
      strategy:
        process.rollout === "recreate"
          ? { type: "Recreate" }
          : { type: "RollingUpdate", rollingUpdate: { maxSurge: "25%", maxUnavailable: 0 } },
      selector,
      template: renderPodTemplate(plan, part),
    },
  };
}

function renderStatefulSet(
  plan: AppPlan,
  process: StatefulPlan,
  metadata: ObjectMeta,
  selector: LabelSelector,
): StatefulSetManifest {
  const { name, headless, volume, rollout } = process;
  const part = containerPart(process, renderPlacement(process.placement, selector));
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata,
    spec: {
      serviceName: headless ?? name,
      replicas: process.minReplicas,
      revisionHistoryLimit: REVISIONS,
      ...(headless === undefined ? {} : { podManagementPolicy: "Parallel" }),
      updateStrategy: { type: rollout === "byPeople" ? "OnDelete" : "RollingUpdate" },
      persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
      selector,
      template: renderPodTemplate(plan, { ...part, mounts: [{ name: OWN_VOLUME, mountPath: volume.path }] }),
      volumeClaimTemplates: [
        {
          metadata: { name: OWN_VOLUME },
          spec: {
            storageClassName: LOCAL_CLASS,
            accessModes: ["ReadWriteOnce"],
            resources: { requests: { storage: `${volume.sizeGb}Gi` } },
          },
        },
      ],
    },
  };
}

function renderDaemonSet(
  plan: AppPlan,
  process: DaemonPlan,
  metadata: ObjectMeta,
  selector: LabelSelector,
): DaemonSetManifest {
  const { nodeNetwork, nodeFilesAt } = process;
  const part = containerPart(process, EVERYWHERE, {
    ...(nodeNetwork ? { hostNetwork: true, dnsPolicy: "ClusterFirstWithHostNet" } : {}),
  });
  const files: Pick<ContainerPart, "mounts" | "volumes"> =
    nodeFilesAt === undefined
      ? {}
      : {
          mounts: [{ name: NODE_FILES, mountPath: nodeFilesAt, readOnly: true, mountPropagation: "HostToContainer" }],
          volumes: [{ name: NODE_FILES, hostPath: { path: "/", type: "Directory" } }],
        };
  return {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata,
    spec: {
      revisionHistoryLimit: REVISIONS,
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1 } },
      selector,
      template: renderPodTemplate(plan, { ...part, ...files, nodePorts: nodeNetwork }),
    },
  };
}

/** What the pods of all kinds of process have in common. */
function containerPart(
  process: ProcessPlan,
  placement: ContainerPart["placement"],
  pod: Partial<PodSpec> = {},
): ContainerPart {
  const { name, image, command, args, env, podFields, ports, resources, probes, drainSeconds, init, sidecars } =
    process;
  return {
    name,
    ...(image === undefined ? {} : { image }),
    ...(command === undefined ? {} : { command }),
    ...(args === undefined ? {} : { args }),
    env,
    podFields,
    ports,
    resources,
    placement,
    init,
    sidecars,
    container: {
      ...renderHealth(probes),
      ...(drainSeconds > 0 ? { lifecycle: { preStop: { sleep: { seconds: drainSeconds } } } } : {}),
    },
    pod: { terminationGracePeriodSeconds: process.gracePeriodSeconds, ...pod },
  };
}

function renderHealth(health: Health): NonNullable<ContainerPart["container"]> {
  if (health === "exit") return {};
  return {
    startupProbe: renderProbe(health.startup),
    readinessProbe: renderProbe(health.readiness),
    livenessProbe: renderProbe(health.liveness),
  };
}

import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { SecretResolver } from "../secrets/secretResolver";
import { checksumOfSecrets, registerConfiguration, rolledBy } from "./appConfiguration";
import type { AppPlan, MigrationPlan } from "./appPlan";
import { awaitLimits, PULL_SECONDS, rollOutOf, rollOutSeconds, type AwaitLimits } from "./awaitLimits";
import type { JobManifest } from "./manifests";
import { renderApp } from "./renderApp";
import type { RenderedApp } from "./renderedApp";
import { LOCAL_CLASS } from "./renderClaim";
import type { RenderedProcess } from "./renderProcess";
import type { WorkloadManifest } from "./renderWorkload";

const CLAIM_SIZE = "spec.resources.requests.storage";

export interface AppRegistration {
  readonly plan: AppPlan;
  readonly secrets: SecretResolver;
  /** Refuse deletion and replacement of the application's volume. Default true. */
  readonly protectVolume?: boolean;
  /** Default: after the process, "<process>-service", "<process>-deployment". */
  readonly names?: ProcessNames;
}

/** Logical names of a process' objects. They are identities: what was registered under one keeps it. */
export type ProcessNames = (process: RenderedProcess) => { readonly prefix: string; readonly workload: string };

export interface RegisteredProcess {
  readonly name: string;
  readonly workload: k8s.apps.v1.Deployment | k8s.apps.v1.StatefulSet | k8s.apps.v1.DaemonSet;
  readonly service: k8s.core.v1.Service | undefined;
}

/**
 * Registers every object of an application: its account and rights, its configuration, its migration, and for each
 * process what runs its pods, its Services, autoscaler and disruption budget. The processes wait for the migration's
 * Job. If it fails, they stay as they are: the old version serves on. The first account is made last: whatever waits
 * for the application, its public routes above all, waits for it.
 *
 * @param name of the application's own objects: "<name>-account"
 * @param own parent and provider
 */
export function registerApp(
  name: string,
  args: AppRegistration,
  own: pulumi.CustomResourceOptions,
): readonly RegisteredProcess[] {
  const { plan, secrets, protectVolume = true, names = afterProcess } = args;
  const rendered = renderApp(plan);
  const { claim } = rendered;
  const given = [
    new k8s.core.v1.ServiceAccount(`${name}-account`, rendered.serviceAccount, own),
    ...registerConfiguration(rendered, secrets, own),
    ...registerRights(name, rendered, own),
    ...(claim === undefined
      ? []
      : [
          new k8s.core.v1.PersistentVolumeClaim(`${name}-volume`, claim, {
            ...own,
            protect: protectVolume,
            // The class cannot expand what is there: the run would fail on it, half-way.
            ...(claim.spec.storageClassName === LOCAL_CLASS ? { ignoreChanges: [CLAIM_SIZE] } : {}),
          }),
        ]),
  ];
  const migration = registerJob(`${name}-migration`, plan.migration, rendered.migration, { ...own, dependsOn: given });
  const checksum = checksumOfSecrets(plan, rendered, secrets);
  // Pods of a later run read the configuration of then: no checksum has to replace them.
  for (const cron of rendered.crons)
    new k8s.batch.v1.CronJob(`${cron.metadata.name}-cronjob`, cron, { ...own, dependsOn: [...given, ...migration] });
  const registered = rendered.processes.map((process, i) => {
    const planned = plan.processes[i];
    if (planned?.name !== process.name)
      throw new Error(`${plan.name}: ${process.name} is not the process that was planned`);
    const rollOut = rollOutOf(planned);
    const limits = awaitLimits(rollOutSeconds(rollOut), rollOut.graceSeconds);
    return registerProcess(process, names(process), checksum, own, { given: [...given, ...migration], limits });
  });
  const up = registered.flatMap(({ workload, service }) => [workload, ...(service === undefined ? [] : [service])]);
  registerJob(`${name}-first-account`, plan.firstAccount, rendered.firstAccount, {
    ...own,
    dependsOn: [...given, ...migration, ...up],
  });
  return registered;
}

const afterProcess: ProcessNames = ({ name, workload }) => ({
  prefix: name,
  workload: `${name}-${workload.kind.toLowerCase()}`,
});

function registerRights(
  name: string,
  { clusterRights }: RenderedApp,
  own: pulumi.CustomResourceOptions,
): readonly pulumi.Resource[] {
  if (clusterRights === undefined) return [];
  return [
    new k8s.rbac.v1.ClusterRole(`${name}-cluster-role`, clusterRights.role, own),
    new k8s.rbac.v1.ClusterRoleBinding(`${name}-cluster-role-binding`, clusterRights.binding, own),
  ];
}

function registerJob(
  name: string,
  plan: MigrationPlan | undefined,
  job: JobManifest | undefined,
  opts: pulumi.CustomResourceOptions,
): readonly pulumi.Resource[] {
  if (job === undefined || plan === undefined) return [];
  // The longest that it may take until it is done.
  const customTimeouts = awaitLimits(PULL_SECONDS + plan.timeoutSeconds, 0);
  return [new k8s.batch.v1.Job(name, job, { ...opts, customTimeouts })];
}

function registerProcess(
  process: RenderedProcess,
  { prefix, workload }: ReturnType<ProcessNames>,
  checksum: pulumi.Output<string> | undefined,
  own: pulumi.CustomResourceOptions,
  after: { readonly given: readonly pulumi.Resource[]; readonly limits: AwaitLimits },
): RegisteredProcess {
  const { name, service, headless, autoscaler, disruptionBudget } = process;
  const members = headless === undefined ? [] : [new k8s.core.v1.Service(`${prefix}-headless`, headless, own)];
  const ready = { ...own, dependsOn: [...after.given, ...members], customTimeouts: after.limits };
  const made = registerWorkload(workload, process.workload, checksum, ready);
  // Pulumi waits until it has endpoints: after its pods, which may get their turn after it otherwise (decision 21).
  const serving = { ...own, dependsOn: made, customTimeouts: after.limits };
  const registered = {
    name,
    workload: made,
    service: service === undefined ? undefined : new k8s.core.v1.Service(`${prefix}-service`, service, serving),
  };
  if (autoscaler !== undefined) new k8s.autoscaling.v2.HorizontalPodAutoscaler(`${prefix}-autoscaler`, autoscaler, own);
  if (disruptionBudget !== undefined) new k8s.policy.v1.PodDisruptionBudget(`${prefix}-budget`, disruptionBudget, own);
  return registered;
}

function registerWorkload(
  name: string,
  manifest: WorkloadManifest,
  checksum: pulumi.Output<string> | undefined,
  ready: pulumi.CustomResourceOptions,
): RegisteredProcess["workload"] {
  const template = rolledBy(manifest.spec.template, checksum);
  switch (manifest.kind) {
    case "Deployment":
      return new k8s.apps.v1.Deployment(name, { ...manifest, spec: { ...manifest.spec, template } }, ready);
    case "StatefulSet":
      return new k8s.apps.v1.StatefulSet(name, { ...manifest, spec: { ...manifest.spec, template } }, ready);
    case "DaemonSet":
      return new k8s.apps.v1.DaemonSet(name, { ...manifest, spec: { ...manifest.spec, template } }, ready);
  }
}

import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { SecretResolver } from "../secrets/secretResolver";
import { checksumOfSecrets, registerConfiguration, rolledBy } from "./appConfiguration";
import type { AppPlan } from "./appPlan";
import { renderApp, type RenderedApp } from "./renderApp";
import type { RenderedProcess } from "./renderProcess";
import type { WorkloadManifest } from "./renderWorkload";

/** Seconds beyond a migration's own deadline until the run gives up waiting for its Job. */
const JOB_MARGIN_SECONDS = 120;

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
 * Job. If it fails, they stay as they are: the old version serves on.
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
      : [new k8s.core.v1.PersistentVolumeClaim(`${name}-volume`, claim, { ...own, protect: protectVolume })]),
  ];
  const migration = registerMigration(name, plan, rendered, { ...own, dependsOn: given });
  const checksum = checksumOfSecrets(plan, rendered, secrets);
  return rendered.processes.map((process) =>
    registerProcess(process, names(process), checksum, own, [...given, ...migration]),
  );
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

function registerMigration(
  name: string,
  plan: AppPlan,
  { migration }: RenderedApp,
  opts: pulumi.CustomResourceOptions,
): readonly pulumi.Resource[] {
  if (migration === undefined || plan.migration === undefined) return [];
  const customTimeouts = { create: `${plan.migration.timeoutSeconds + JOB_MARGIN_SECONDS}s` };
  return [new k8s.batch.v1.Job(`${name}-migration`, migration, { ...opts, customTimeouts })];
}

function registerProcess(
  process: RenderedProcess,
  { prefix, workload }: ReturnType<ProcessNames>,
  checksum: pulumi.Output<string> | undefined,
  own: pulumi.CustomResourceOptions,
  given: readonly pulumi.Resource[],
): RegisteredProcess {
  const { name, service, headless, autoscaler, disruptionBudget } = process;
  const members = headless === undefined ? [] : [new k8s.core.v1.Service(`${prefix}-headless`, headless, own)];
  // Nothing waits for the other Service: it is ready once its pods are.
  const registered = {
    name,
    workload: registerWorkload(workload, process.workload, checksum, { ...own, dependsOn: [...given, ...members] }),
    service: service === undefined ? undefined : new k8s.core.v1.Service(`${prefix}-service`, service, own),
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

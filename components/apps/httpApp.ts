import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { checksumOfSecrets, registerConfiguration, rolledBy } from "./appConfiguration";
import type { AppPlan } from "./appPlan";
import { renderApp, type RenderedApp } from "./renderApp";
import type { RenderedProcess } from "./renderProcess";
import type { SecretResolver } from "../secrets/secretResolver";

/** Seconds beyond a migration's own deadline until the run gives up waiting for its Job. */
const JOB_MARGIN_SECONDS = 120;

export interface HttpAppArgs {
  readonly plan: AppPlan;
  readonly provider: k8s.Provider;
  readonly secrets: SecretResolver;
  /** Refuse deletion and replacement of the application's volume. Default true. */
  readonly protectVolume?: boolean;
}

/**
 * One application in the cluster: configuration, migration, and for each process its Deployment, Service,
 * autoscaler and disruption budget. The namespace, its pull secret and its NetworkPolicies are not made here; name
 * them in `dependsOn`, together with what serves the plan's `uses`. Public routes come after it (AppRoutes).
 *
 * The Deployments wait for the migration's Job. If it fails, they stay as they are: the old version serves on.
 *
 * @example
 * new HttpApp("chatwoot", { plan: planChatwoot(args, services), provider, secrets }, { dependsOn: [namespace] });
 */
export class HttpApp extends pulumi.ComponentResource {
  /** Deployments by process name. */
  readonly deployments: ReadonlyMap<string, k8s.apps.v1.Deployment>;
  /** Services by process name, of the processes that have ports. */
  readonly services: ReadonlyMap<string, k8s.core.v1.Service>;

  constructor(name: string, args: HttpAppArgs, opts?: pulumi.ComponentResourceOptions) {
    super("keybuzz:workloads:HttpApp", name, {}, opts);
    const rendered = renderApp(args.plan);
    const own = { parent: this, provider: args.provider };

    const account = new k8s.core.v1.ServiceAccount(`${name}-account`, rendered.serviceAccount, own);
    const configuration = registerConfiguration(rendered, args.secrets, own);
    const { claim } = rendered;
    const volume =
      claim === undefined
        ? []
        : [
            new k8s.core.v1.PersistentVolumeClaim(`${name}-volume`, claim, {
              ...own,
              protect: args.protectVolume ?? true,
            }),
          ];
    const given = [account, ...configuration, ...volume];
    const migration = this.#migration(name, args.plan, rendered, { ...own, dependsOn: given });

    const checksum = checksumOfSecrets(args.plan, rendered, args.secrets);
    const ready = { ...own, dependsOn: [...given, ...migration] };
    const processes = rendered.processes.map((process) => ({
      process,
      resources: register(process, checksum, own, ready),
    }));
    this.deployments = new Map(processes.map(({ process, resources }) => [process.name, resources.deployment]));
    this.services = new Map(
      processes.flatMap(({ process, resources }) =>
        resources.service === undefined ? [] : [[process.name, resources.service] as const],
      ),
    );
    this.registerOutputs();
  }

  #migration(
    name: string,
    plan: AppPlan,
    { migration }: RenderedApp,
    opts: pulumi.CustomResourceOptions,
  ): pulumi.Resource[] {
    if (migration === undefined || plan.migration === undefined) return [];
    const customTimeouts = { create: `${plan.migration.timeoutSeconds + JOB_MARGIN_SECONDS}s` };
    return [new k8s.batch.v1.Job(`${name}-migration`, migration, { ...opts, customTimeouts })];
  }
}

interface RegisteredProcess {
  readonly deployment: k8s.apps.v1.Deployment;
  readonly service: k8s.core.v1.Service | undefined;
}

function register(
  process: RenderedProcess,
  checksum: pulumi.Output<string> | undefined,
  own: pulumi.CustomResourceOptions,
  ready: pulumi.CustomResourceOptions,
): RegisteredProcess {
  const { name, deployment, service, autoscaler, disruptionBudget } = process;
  const { spec } = deployment;
  const rolledDeployment = { ...deployment, spec: { ...spec, template: rolledBy(spec.template, checksum) } };
  const registered = {
    deployment: new k8s.apps.v1.Deployment(`${name}-deployment`, rolledDeployment, ready),
    service: service === undefined ? undefined : new k8s.core.v1.Service(`${name}-service`, service, own),
  };
  if (autoscaler !== undefined) new k8s.autoscaling.v2.HorizontalPodAutoscaler(`${name}-autoscaler`, autoscaler, own);
  if (disruptionBudget !== undefined) new k8s.policy.v1.PodDisruptionBudget(`${name}-budget`, disruptionBudget, own);
  return registered;
}

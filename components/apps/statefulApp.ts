import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { checksumOfSecrets, registerConfiguration, rolledBy } from "./appConfiguration";
import { renderStateful, type StatefulPlan } from "./renderStateful";
import type { SecretResolver } from "../secrets/secretResolver";

export interface StatefulAppArgs {
  readonly plan: StatefulPlan;
  readonly provider: k8s.Provider;
  readonly secrets: SecretResolver;
}

/**
 * An application whose pods keep their names and volumes (renderStateful), as HttpApp is one whose pods do not.
 * Namespace and NetworkPolicies come before it, in `dependsOn`.
 */
export class StatefulApp extends pulumi.ComponentResource {
  readonly statefulSet: k8s.apps.v1.StatefulSet;

  constructor(name: string, args: StatefulAppArgs, opts?: pulumi.ComponentResourceOptions) {
    super("keybuzz:workloads:StatefulApp", name, {}, opts);
    const rendered = renderStateful(args.plan);
    const own = { parent: this, provider: args.provider };

    const account = new k8s.core.v1.ServiceAccount(`${name}-account`, rendered.serviceAccount, own);
    const configuration = registerConfiguration(rendered, args.secrets, own);
    const headless = new k8s.core.v1.Service(`${name}-headless`, rendered.headless, own);
    new k8s.core.v1.Service(`${name}-service`, rendered.service, own);
    if (rendered.disruptionBudget !== undefined)
      new k8s.policy.v1.PodDisruptionBudget(`${name}-budget`, rendered.disruptionBudget, own);

    const { statefulSet } = rendered;
    const { spec } = statefulSet;
    const checksum = checksumOfSecrets(args.plan.app, rendered, args.secrets);
    this.statefulSet = new k8s.apps.v1.StatefulSet(
      `${name}-set`,
      { ...statefulSet, spec: { ...spec, template: rolledBy(spec.template, checksum) } },
      { ...own, dependsOn: [account, headless, ...configuration] },
    );
    this.registerOutputs();
  }
}

import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { SecretResolver } from "../secrets/secretResolver";
import type { AppPlan } from "./appPlan";
import { registerApp } from "./registerApp";

export interface StatefulAppArgs {
  /** Of one process, whose pods keep their names and volumes. */
  readonly plan: AppPlan;
  readonly provider: k8s.Provider;
  readonly secrets: SecretResolver;
}

/**
 * An application of one "stateful" process. It is HttpApp under names of its own: everything here is named after the
 * component, and keeps those names. Namespace and NetworkPolicies come before it, in `dependsOn`.
 */
export class StatefulApp extends pulumi.ComponentResource {
  constructor(name: string, args: StatefulAppArgs, opts?: pulumi.ComponentResourceOptions) {
    super("keybuzz:workloads:StatefulApp", name, {}, opts);
    const { plan, provider, secrets } = args;
    const names = () => ({ prefix: name, workload: `${name}-set` });
    registerApp(name, { plan, secrets, names }, { parent: this, provider });
    this.registerOutputs();
  }
}

import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { AppPlan } from "../apps/appPlan";
import { registerApp } from "../apps/registerApp";
import type { SecretResolver } from "../secrets/secretResolver";

export interface MonitoringArgs {
  /** Of the plan: monitoringApps. */
  readonly apps: readonly AppPlan[];
  readonly provider: k8s.Provider;
  readonly secrets: SecretResolver;
}

/**
 * Prometheus, Alertmanager, Grafana and what they read in the cluster. Exporters on other machines come with those
 * (MonitoringService.fragment). Namespaces and NetworkPolicies are not made here: name them in `dependsOn`.
 *
 * @example
 * new Monitoring("monitoring", { apps: monitoringApps(service), provider, secrets }, { dependsOn: policies.ready });
 */
export class Monitoring extends pulumi.ComponentResource {
  constructor(name: string, { apps, provider, secrets }: MonitoringArgs, opts?: pulumi.ComponentResourceOptions) {
    super("keybuzz:monitoring:Monitoring", name, {}, opts);
    // Each is registered under its own name, and directly here: there is one of each.
    for (const plan of apps) registerApp(plan.name, { plan, secrets }, { parent: this, provider });
    this.registerOutputs();
  }
}

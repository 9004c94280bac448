import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { SecretResolver } from "../secrets/secretResolver";
import type { AppPlan } from "./appPlan";
import { registerApp, type RegisteredProcess } from "./registerApp";

export interface HttpAppArgs {
  readonly plan: AppPlan;
  readonly provider: k8s.Provider;
  readonly secrets: SecretResolver;
  /** Refuse deletion and replacement of the application's volume. Default true. */
  readonly protectVolume?: boolean;
}

/**
 * One application in the cluster (registerApp). The namespace, its pull secret and its NetworkPolicies are not made
 * here; name them in `dependsOn`, together with what serves the plan's `uses`. Public routes come after it (AppRoutes).
 *
 * @example
 * new HttpApp("chatwoot", { plan: planChatwoot(args, services), provider, secrets }, { dependsOn: [namespace] });
 */
export class HttpApp extends pulumi.ComponentResource {
  readonly processes: readonly RegisteredProcess[];

  constructor(name: string, args: HttpAppArgs, opts?: pulumi.ComponentResourceOptions) {
    super("keybuzz:workloads:HttpApp", name, {}, opts);
    const { provider, ...registration } = args;
    this.processes = registerApp(name, registration, { parent: this, provider });
    this.registerOutputs();
  }
}

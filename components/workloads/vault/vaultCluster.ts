import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { HttpApp } from "../../apps/httpApp";
import type { SecretResolver } from "../../secrets/secretResolver";
import { StatefulApp } from "../../apps/statefulApp";
import type { PlannedVault } from "./vault";
import { vaultAccess } from "./vaultAccess";
import { injectorWebhook } from "./vaultInjector";

export interface VaultClusterArgs {
  readonly plan: PlannedVault;
  readonly provider: k8s.Provider;
  readonly secrets: SecretResolver;
}

/**
 * Vault, its agent injector, and what both may ask of the Kubernetes API. The webhook comes last: no pod is held up
 * by an injector that is not there yet.
 *
 * @example
 * new VaultCluster("vault", { plan: planVault(args, context), provider, secrets }, { dependsOn: policies.ready });
 */
export class VaultCluster extends pulumi.ComponentResource {
  constructor(name: string, args: VaultClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("keybuzz:workloads:VaultCluster", name, {}, opts);
    const { plan, provider, secrets } = args;
    const own = { parent: this, provider };

    const access = vaultAccess();
    const role = new k8s.rbac.v1.ClusterRole(`${name}-${access.role.metadata.name}`, access.role, own);
    const bindings = access.bindings.map(
      (binding) =>
        new k8s.rbac.v1.ClusterRoleBinding(`${name}-${binding.metadata.name}`, binding, { ...own, dependsOn: [role] }),
    );
    new StatefulApp(
      `${name}-server`,
      { plan: plan.server, provider, secrets },
      { parent: this, dependsOn: [...bindings] },
    );
    const injector = new HttpApp(
      plan.injector.name,
      { plan: plan.injector, provider, secrets },
      { parent: this, dependsOn: [...bindings] },
    );
    const caBundle = secrets.resolve(plan.authority).apply((pem) => Buffer.from(pem).toString("base64"));
    const webhook = injectorWebhook(plan.failurePolicy);
    new k8s.admissionregistration.v1.MutatingWebhookConfiguration(
      `${name}-webhook`,
      {
        ...webhook,
        webhooks: webhook.webhooks.map((hook) => ({ ...hook, clientConfig: { ...hook.clientConfig, caBundle } })),
      },
      { ...own, dependsOn: [injector] },
    );
    this.registerOutputs();
  }
}

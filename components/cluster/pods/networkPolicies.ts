import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { NetworkPolicyObject } from "./networkPolicySpecs";

export interface NetworkPoliciesArgs {
  readonly policies: readonly NetworkPolicyObject[];
  readonly provider: kubernetes.Provider;
  /** The namespaces. */
  readonly dependsOn?: readonly pulumi.Resource[];
}

/** Default deny in every namespace, and the declared flows. */
export class NetworkPolicies extends pulumi.ComponentResource {
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: NetworkPoliciesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("keybuzz:cluster:NetworkPolicies", name, {}, opts);
    const child = { parent: this, provider: args.provider, dependsOn: [...(args.dependsOn ?? [])] };
    this.ready = args.policies.map(
      ({ metadata, spec }) =>
        new kubernetes.networking.v1.NetworkPolicy(
          `${name}-${metadata.namespace}-${metadata.name}`,
          {
            metadata: { ...metadata },
            spec: {
              podSelector: { ...spec.podSelector },
              policyTypes: [...spec.policyTypes],
              ...(spec.ingress === undefined
                ? {}
                : { ingress: spec.ingress.map(({ from, ports }) => ({ from: [...from], ports: [...ports] })) }),
              ...(spec.egress === undefined
                ? {}
                : { egress: spec.egress.map(({ to, ports }) => ({ to: [...to], ports: [...ports] })) }),
            },
          },
          child,
        ),
    );
    this.registerOutputs();
  }
}

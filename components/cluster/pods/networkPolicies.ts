import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { NetworkPolicyObject } from "./networkPolicySpecs";

export interface NetworkPoliciesArgs {
  readonly policies: readonly NetworkPolicyObject[];
  readonly provider: kubernetes.Provider;
  /** By name; a policy waits for its own. */
  readonly namespaces: ReadonlyMap<string, pulumi.Resource>;
  /** What those in a namespace that Kubernetes makes itself wait for: the cluster. */
  readonly dependsOn: pulumi.Input<pulumi.Resource[]>;
}

/** Default deny in every namespace, and the declared flows. */
export class NetworkPolicies extends pulumi.ComponentResource {
  /** By namespace; undefined for those that Kubernetes makes itself. */
  readonly #made: ReadonlyMap<string | undefined, readonly pulumi.Resource[]>;

  constructor(name: string, args: NetworkPoliciesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("keybuzz:cluster:NetworkPolicies", name, {}, opts);
    const made = new Map<string | undefined, pulumi.Resource[]>();
    for (const { metadata, spec } of args.policies) {
      const namespace = args.namespaces.get(metadata.namespace);
      const policy = new kubernetes.networking.v1.NetworkPolicy(
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
        { parent: this, provider: args.provider, dependsOn: namespace ?? args.dependsOn },
      );
      const key = namespace === undefined ? undefined : metadata.namespace;
      made.set(key, [...(made.get(key) ?? []), policy]);
    }
    this.#made = made;
    this.registerOutputs();
  }

  /**
   * What pods of these namespaces wait for: theirs, and those of Kubernetes' own, where names are resolved. What other
   * namespaces let in is their own pods' matter.
   */
  readyIn(...namespaces: readonly string[]): readonly pulumi.Resource[] {
    return [...new Set([undefined, ...namespaces])].flatMap((namespace) => this.#made.get(namespace) ?? []);
  }
}

import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Host } from "../../machines/host";
import { calicoManifests, FELIX_SPEC, installationSpec, manifestScript, type CalicoArgs } from "./calicoConfig";

export interface CalicoComponentArgs extends CalicoArgs {
  readonly provider: kubernetes.Provider;
  /** The server that fetches and applies the operator and its CRDs. */
  readonly server: Host;
  /** The API. */
  readonly dependsOn?: readonly pulumi.Resource[];
}

/** The pod network: Calico by its operator, VXLAN on the private network, beside UFW. */
export class Calico extends pulumi.ComponentResource {
  /** Resources to wait for before pods can have addresses. */
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: CalicoComponentArgs, opts?: pulumi.ComponentResourceOptions) {
    super("keybuzz:cluster:Calico", name, {}, opts);
    const operator = args.server.task(`${name}-operator`, {
      script: manifestScript(calicoManifests()),
      dependsOn: args.dependsOn ?? [],
    });
    // Kept at `destroy`: an Installation that goes before the last pods waits for them for ever (calico#6629), and until
    // the machines go their pods need a network. It goes with them.
    const child = { parent: this, provider: args.provider, dependsOn: [operator], retainOnDelete: true };

    const felix = new kubernetes.apiextensions.CustomResource(
      `${name}-felix`,
      {
        apiVersion: "crd.projectcalico.org/v1",
        kind: "FelixConfiguration",
        // The operator writes other fields of the same object; server-side apply keeps them apart.
        metadata: { name: "default" },
        spec: FELIX_SPEC,
      },
      child,
    );
    // Felix' settings first: it must never run with Append or Accept.
    const installation = new kubernetes.apiextensions.CustomResource(
      `${name}-installation`,
      {
        apiVersion: "operator.tigera.io/v1",
        kind: "Installation",
        metadata: { name: "default" },
        spec: installationSpec(args),
      },
      { ...child, dependsOn: [operator, felix] },
    );
    this.ready = [felix, installation];
    this.registerOutputs();
  }
}

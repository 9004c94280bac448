import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Host } from "../../machines/host";
import { pinnedSum } from "../../pins";
import { manifestScript } from "../pods/calicoConfig";
import { GATEWAY_API_MANIFEST, gatewayObject } from "./gatewayObjects";
import { controllerService } from "./ingressNginxObjects";
import type { IngressService } from "./ingressService";

export interface GatewayEntryArgs {
  readonly service: IngressService;
  /** Of the controller that is installed, e.g. "eg" or "nginx". */
  readonly className: string;
  readonly provider: kubernetes.Provider;
  /** The server that fetches and applies the Gateway API's CRDs. */
  readonly server: Host;
  readonly dependsOn?: readonly pulumi.Resource[];
}

/**
 * The entry in the form of the Gateway API, in the place of IngressNginx: the CRDs, the Gateway, and the NodePort.
 * The controller is the operator's choice and installation; docs/decisions/0008 tells what it must be like.
 */
export class GatewayEntry extends pulumi.ComponentResource {
  /** Once these are there, routes can be attached. */
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: GatewayEntryArgs, opts?: pulumi.ComponentResourceOptions) {
    super("keybuzz:cluster:GatewayEntry", name, {}, opts);
    const child = { parent: this, provider: args.provider, dependsOn: [...(args.dependsOn ?? [])] };
    const crds = args.server.task(`${name}-crds`, {
      script: manifestScript([
        {
          url: GATEWAY_API_MANIFEST,
          ...pinnedSum(GATEWAY_API_MANIFEST),
          establishes: ["gateways.gateway.networking.k8s.io", "httproutes.gateway.networking.k8s.io"],
        },
      ]),
      dependsOn: args.dependsOn ?? [],
    });
    const { apiVersion, kind, metadata, spec } = gatewayObject(args.className);
    const gateway = new kubernetes.apiextensions.CustomResource(
      `${name}-gateway`,
      { apiVersion, kind, metadata: { ...metadata }, spec },
      { ...child, dependsOn: [...child.dependsOn, crds] },
    );
    const { metadata: labelled, spec: port } = controllerService(args.service.nodePort);
    const service = new kubernetes.core.v1.Service(
      `${name}-service`,
      {
        // The controller comes when people install it: a run does not wait for it.
        metadata: { ...labelled, annotations: { "pulumi.com/skipAwait": "true" } },
        spec: port,
      },
      child,
    );
    this.ready = [gateway, service];
    this.registerOutputs();
  }
}

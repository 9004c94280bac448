import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { ingressObjects } from "./ingressObjects";
import type { ExposedRoute } from "./ingressService";

export interface AppRoutesArgs {
  /** Of one application: `ingress.routes(pods)`. */
  readonly routes: readonly ExposedRoute[];
  readonly provider: kubernetes.Provider;
  /** The controller, whose status ends the wait for an Ingress; the namespace and Service of the application. */
  readonly dependsOn?: readonly pulumi.Resource[];
}

/** An application's public routes, in the form that the stack's controller reads. */
export class AppRoutes extends pulumi.ComponentResource {
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: AppRoutesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("keybuzz:cluster:AppRoutes", name, {}, opts);
    const child = { parent: this, provider: args.provider, dependsOn: [...(args.dependsOn ?? [])] };
    this.ready = ingressObjects(args.routes).map(
      ({ metadata, spec }) =>
        new kubernetes.networking.v1.Ingress(
          metadata.name,
          {
            metadata: { ...metadata },
            spec: {
              ingressClassName: spec.ingressClassName,
              rules: spec.rules.map(({ host, http }) => ({ host, http: { paths: [...http.paths] } })),
            },
          },
          child,
        ),
    );
    this.registerOutputs();
  }
}

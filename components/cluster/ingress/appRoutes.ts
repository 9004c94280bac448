import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { httpRouteObjects } from "./gatewayObjects";
import { ingressObjects } from "./ingressObjects";
import type { ExposedRoute } from "./ingressService";

/** ingress: networking.k8s.io Ingress with ingress-nginx' annotations; gateway: HTTPRoute of the Gateway API. */
export type RouteForm = "ingress" | "gateway";

export interface AppRoutesArgs {
  /** Of one application: `ingress.routes(pods)`. */
  readonly routes: readonly ExposedRoute[];
  /** What the stack's controller reads. Default "ingress". */
  readonly form?: RouteForm;
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
    this.ready =
      (args.form ?? "ingress") === "ingress" ? ingresses(args.routes, child) : httpRoutes(args.routes, child);
    this.registerOutputs();
  }
}

function ingresses(routes: readonly ExposedRoute[], opts: pulumi.CustomResourceOptions): readonly pulumi.Resource[] {
  return ingressObjects(routes).map(
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
        opts,
      ),
  );
}

function httpRoutes(routes: readonly ExposedRoute[], opts: pulumi.CustomResourceOptions): readonly pulumi.Resource[] {
  return httpRouteObjects(routes).map(
    ({ apiVersion, kind, metadata, spec }) =>
      new kubernetes.apiextensions.CustomResource(
        metadata.name,
        { apiVersion, kind, metadata: { ...metadata }, spec },
        opts,
      ),
  );
}

import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { SecretResolver } from "../../secrets/secretResolver";
import { httpRouteObjects } from "./gatewayObjects";
import { ingressObjects } from "./ingressObjects";
import type { ExposedRoute } from "./exposedRoute";
import { passwordFile, routeHeaders, routeUsers } from "./routeAttachments";

/** ingress: networking.k8s.io Ingress with ingress-nginx' annotations; gateway: HTTPRoute of the Gateway API. */
export type RouteForm = "ingress" | "gateway";

export interface AppRoutesArgs {
  /** Of one application: `ingress.routes(pods)`. */
  readonly routes: readonly ExposedRoute[];
  /** What the stack's controller reads. Default "ingress". */
  readonly form?: RouteForm;
  readonly provider: kubernetes.Provider;
  /** Puts passwords in the place of placeholders. */
  readonly secrets: SecretResolver;
  /** The controller, whose status ends the wait for an Ingress; the namespace and Service of the application. */
  readonly dependsOn?: readonly pulumi.Resource[];
}

/** An application's public routes, in the form that the stack's controller reads. */
export class AppRoutes extends pulumi.ComponentResource {
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: AppRoutesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("keybuzz:cluster:AppRoutes", name, {}, opts);
    const child = { parent: this, provider: args.provider, dependsOn: [...(args.dependsOn ?? [])] };
    this.ready = (args.form ?? "ingress") === "ingress" ? ingresses(args, child) : httpRoutes(args.routes, child);
    this.registerOutputs();
  }
}

function ingresses(
  { routes, secrets, dependsOn: after = [] }: AppRoutesArgs,
  opts: pulumi.CustomResourceOptions,
): readonly pulumi.Resource[] {
  // Before what refers to them: a route whose users or headers are not there is denied to everybody.
  const attached = [
    ...routeUsers(routes).map(({ metadata, passwords }) => {
      const auth = pulumi
        .all(Object.fromEntries(Object.entries(passwords).map(([user, text]) => [user, secrets.resolve(text)])))
        .apply(passwordFile);
      return new kubernetes.core.v1.Secret(metadata.name, { metadata, type: "Opaque", stringData: { auth } }, opts);
    }),
    ...routeHeaders(routes).map(
      ({ metadata, data }) => new kubernetes.core.v1.ConfigMap(metadata.name, { metadata, data }, opts),
    ),
  ];
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
        { ...opts, dependsOn: [...after, ...attached] },
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

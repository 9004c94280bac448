import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { AppRoutes, type RouteForm } from "../components/cluster/ingress/appRoutes";
import type { NetworkPolicies } from "../components/cluster/pods/networkPolicies";
import { RawObjects } from "../components/workloads/objects/rawObjects";
import type { SecretResolver } from "../components/secrets/secretResolver";
import type { EstatePlan } from "./plan";

/** What workloads come after, and are registered with. */
export interface WorkloadsAfter {
  readonly provider: k8s.Provider;
  readonly secrets: SecretResolver;
  readonly policies: NetworkPolicies;
  readonly pull: pulumi.Resource;
  /** The controller that passes requests on. */
  readonly ingress: readonly pulumi.Resource[];
  readonly form: RouteForm;
}

/** Registers the objects that others wrote, and the routes to them. @returns what to wait for until they run. */
export function registerObjects(
  { objects, services, isProtected }: EstatePlan,
  { provider, secrets, policies, pull, ingress, form }: WorkloadsAfter,
  own: pulumi.ComponentResourceOptions,
): readonly pulumi.Resource[] {
  return objects.map(({ name, namespace, objects: raw, endpoints }) => {
    const dependsOn = [...policies.readyIn(namespace), pull];
    const component = new RawObjects(
      `${name}-objects`,
      { objects: raw, provider, isProtected: (claim) => isProtected(claim, name) },
      { ...own, dependsOn },
    );
    const routes = services.ingress.routesOf(endpoints);
    if (routes.length > 0)
      new AppRoutes(`${name}-routes`, { routes, form, provider, secrets, dependsOn: [...ingress, component] }, own);
    return component;
  });
}

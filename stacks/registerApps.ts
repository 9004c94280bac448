import type * as pulumi from "@pulumi/pulumi";
import { HttpApp } from "../components/apps/httpApp";
import { AppRoutes } from "../components/cluster/ingress/appRoutes";
import type { Endpoint } from "../components/topology/topology";
import type { EstatePlan } from "./plan";
import type { WorkloadsAfter } from "./registerObjects";

export interface AppsAfter extends WorkloadsAfter {
  /** What stands behind an endpoint that is no application's: the data tier's, Vault's. */
  readonly readyFor: (use: Endpoint) => readonly pulumi.Resource[];
}

/** Registers the applications, each after those that it uses, and the routes to them. @returns the applications */
export function registerApps(
  { apps, services, isProtected }: EstatePlan,
  { provider, secrets, policies, pull, ingress, form, readyFor }: AppsAfter,
  own: pulumi.ComponentResourceOptions,
): readonly pulumi.Resource[] {
  const registered = new Map<string, pulumi.Resource>();
  return apps.map(({ app, endpoints }) => {
    // Of the applications, those that it uses come before it in the plan.
    const used = app.uses.flatMap((use) => {
      const other = registered.get(use.id);
      return other === undefined ? readyFor(use) : [other];
    });
    const component = new HttpApp(
      app.name,
      { plan: app, provider, secrets, protectVolume: isProtected(app.volume?.name ?? app.name, app.name) },
      { ...own, dependsOn: [...policies.readyIn(app.namespace), pull, ...used] },
    );
    for (const { id } of endpoints) registered.set(id, component);
    const routes = services.ingress.routesOf(endpoints);
    if (routes.length > 0)
      new AppRoutes(`${app.name}-routes`, { routes, form, provider, secrets, dependsOn: [...ingress, component] }, own);
    return component;
  });
}

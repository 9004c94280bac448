import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { ExposedRoute } from "../cluster/ingressService";
import type { Pods } from "../topology/party";
import type { Endpoint } from "../topology/topology";
import { HttpApp } from "./httpApp";
import { PullSecrets } from "./pullSecrets";
import type { SecretResolver } from "./services";
import type { PlannedWorkload } from "./workloadPlans";

export interface WorkloadsComponentArgs {
  readonly planned: readonly PlannedWorkload[];
  readonly provider: k8s.Provider;
  readonly secrets: SecretResolver;
  /** `IngressService`: the routes of an application's pods. */
  readonly ingress: { routes(pods: Pods): readonly ExposedRoute[] };
  /** The ingress controller: it writes the status that ends the wait for a route. */
  readonly controller: readonly pulumi.Resource[];
  /** By name; the applications wait for theirs only. */
  readonly namespaces: ReadonlyMap<string, pulumi.Resource>;
  /** What must be registered before the endpoint answers: the database cluster behind "postgres/leader". */
  readonly readyFor: (endpoint: Endpoint) => readonly pulumi.Resource[];
}

/**
 * All applications of a stack. Each waits for its namespace, its pull secret and the services that it uses, for
 * nothing else.
 */
export class Workloads extends pulumi.ComponentResource {
  /** By the application's name. */
  readonly apps: ReadonlyMap<string, HttpApp>;

  constructor(name: string, args: WorkloadsComponentArgs, opts?: pulumi.ComponentResourceOptions) {
    super("keybuzz:workloads:Workloads", name, {}, opts);
    const { planned, provider, secrets } = args;
    const plans = planned.map(({ app }) => app);
    const dependsOn = [...new Set(plans.map(({ namespace }) => this.#namespace(args, namespace)))];
    const pullSecrets = new PullSecrets(
      `${name}-pull-secrets`,
      { plans, provider, secrets },
      { parent: this, dependsOn },
    );
    this.apps = new Map(
      planned.map(({ app, endpoints }) => [
        app.name,
        new HttpApp(
          app.name,
          {
            plan: app,
            provider,
            secrets,
            routes: endpoints.flatMap((endpoint) => routesOf(args, endpoint)),
            controller: args.controller,
          },
          {
            parent: this,
            dependsOn: [this.#namespace(args, app.namespace), pullSecrets, ...app.uses.flatMap(args.readyFor)],
          },
        ),
      ]),
    );
    this.registerOutputs();
  }

  #namespace({ namespaces }: WorkloadsComponentArgs, name: string): pulumi.Resource {
    const namespace = namespaces.get(name);
    if (namespace === undefined) {
      throw new Error(
        `namespace "${name}" is not registered; there are ${[...namespaces.keys()].join(", ")}; add it to the cluster's namespaces`,
      );
    }
    return namespace;
  }
}

function routesOf({ ingress }: WorkloadsComponentArgs, { provider }: Endpoint): readonly ExposedRoute[] {
  return provider.kind === "pods" ? ingress.routes(provider) : [];
}

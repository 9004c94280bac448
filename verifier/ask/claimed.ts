import type { Finding } from "../finding";
import { at, list, objectKey, text, type EmittedGraph, type EmittedResource } from "../read/graph";
import type { Cluster } from "../read/cluster";
import { routeLabel, type WebRoute } from "../read/webRoutes";
import { podSpec, type Workload } from "../read/workload";
import type { World } from "../read/world";
import { networksOf } from "./audience";
import { asksLogin } from "./authentication";
import { workloadsBehind } from "./backends";

/** Of the Job that makes an application's first account. */
export const FIRST_ACCOUNT = "keybuzz.io/first-account";
const JOB = "kubernetes:batch/v1:Job";
const ROUTES: Readonly<Record<WebRoute["form"], string>> = {
  Ingress: "kubernetes:networking.k8s.io/v1:Ingress",
  HTTPRoute: "kubernetes:gateway.networking.k8s.io/v1:HTTPRoute",
};

/** Images whose application belongs to whoever opens it first, and what he becomes there. */
const FIRST_VISITORS = [
  { image: /(^|[/-])n8n([:@-]|$)/, becomes: "n8n's owner" },
  { image: /(^|[/-])chatwoot([:@-]|$)/, becomes: "Chatwoot's super admin" },
] as const;

/**
 * Is every application that belongs to its first visitor claimed before anybody can come? A public route to its pods
 * waits for the Job that makes the first account; in a graph that does not say what waits for what, the Job must be
 * there. Routes with an audience or a login are closed to strangers, and are left alone.
 */
export function checkClaimed(graph: EmittedGraph, { cluster }: World): readonly Finding[] {
  const told = new Set<string>();
  return cluster.routes.flatMap((route): readonly Finding[] => {
    if (!strangersCome(cluster, route)) return [];
    return route.backends.flatMap((backend) =>
      workloadsBehind(cluster, backend).flatMap((workload): readonly Finding[] => {
        const becomes = firstVisitor(workload);
        const key = `${routeLabel(route)} ${workload.label}`;
        if (becomes === undefined || told.has(key) || waits(graph, route, backend.namespace)) return [];
        told.add(key);
        return [
          {
            question: "closed",
            subject: `${route.host}${route.path} -> ${workload.label}`,
            at: routeLabel(route),
            rule: `missing: a Job with ${FIRST_ACCOUNT} that it waits for`,
            value: `whoever comes first becomes ${becomes}`,
            remedy:
              "make the first account before the route (firstAccount), or give the route an audience or authentication",
          },
        ];
      }),
    );
  });
}

/** An audience of the whole internet is none. */
function strangersCome(cluster: Cluster, route: WebRoute): boolean {
  const everybody = networksOf(cluster, route)?.some((network) => network.endsWith("/0")) ?? true;
  return everybody && !asksLogin(cluster, route);
}

function firstVisitor(workload: Workload): string | undefined {
  const images = list(at(podSpec(workload), "containers")).map((container) => text(at(container, "image")) ?? "");
  return FIRST_VISITORS.find(({ image }) => images.some((one) => image.test(one)))?.becomes;
}

function waits(graph: EmittedGraph, route: WebRoute, namespace: string): boolean {
  const jobs = graph.resources.filter(
    (one) =>
      one.type === JOB &&
      text(at(one.inputs, "metadata", "namespace")) === namespace &&
      at(one.inputs, "metadata", "annotations", FIRST_ACCOUNT) !== undefined,
  );
  const own = graph.resources.find(
    (one) => one.type === ROUTES[route.form] && objectKey(one) === `${route.namespace}/${route.name}`,
  );
  if (own?.dependencies === undefined) return jobs.length > 0;
  const before = behind(graph, own);
  return jobs.some(({ urn }) => urn !== undefined && before.has(urn));
}

/** URNs of all that a resource waits for. */
function behind(graph: EmittedGraph, from: EmittedResource): ReadonlySet<string> {
  const byUrn = new Map(graph.resources.map((one) => [one.urn, one]));
  const found = new Set<string>();
  const open = [...(from.dependencies ?? [])];
  for (let urn = open.pop(); urn !== undefined; urn = open.pop()) {
    if (found.has(urn)) continue;
    found.add(urn);
    open.push(...(byUrn.get(urn)?.dependencies ?? []));
  }
  return found;
}

import { selected, type Cluster } from "../read/cluster";
import type { DeclaredRoute } from "../declaration";
import type { Finding } from "../finding";
import { routeLabel, type WebBackend, type WebRoute } from "../read/webRoutes";
import type { Service, Workload } from "../read/workload";

/** Does a route lead to the pods that it was declared for, with every part of its requests? */
export function checkBackends(
  cluster: Cluster,
  declared: DeclaredRoute,
  route: WebRoute,
  subject: string,
): readonly Finding[] {
  const wanted = partsOf(declared);
  const finding = (rule: string, value: string): Finding => ({
    question: "open",
    subject,
    at: routeLabel(route),
    rule,
    value,
    remedy: `let the ${route.form} name the application's Service and port`,
  });
  if (route.sendsTo !== undefined) {
    const { to, status } = route.sendsTo;
    return [finding("redirect", `it answers with a redirect (${status}) to ${to}, and leads to no pod`)];
  }
  if (route.backends.length === 0) return [finding("missing: a backend", "there is none that takes requests: 500")];
  const wrong = route.backends.flatMap((backend) => {
    const rule = `backend ${backend.service}:${backend.port}`;
    if (backend.refused !== undefined) return [finding(rule, backend.refused)];
    if (wanted.some(({ pods }) => leadsTo(cluster, backend, pods))) return [];
    return [finding(rule, `no such Service leads to pods of ${wanted.map(({ pods }) => pods).join(", ")}`)];
  });
  if (wrong.length > 0) return wrong;
  return wanted.flatMap(({ pods, percent }) => {
    const own = route.backends.filter((backend) => leadsTo(cluster, backend, pods));
    const share = own.reduce((sum, backend) => sum + backend.percent, 0);
    if (Math.abs(share - percent) < 1) return [];
    return [finding(`backends of ${pods}`, `${Math.round(share)} % of the requests, but ${percent} % are declared`)];
  });
}

/** Whose pods get how many of a hundred requests. */
function partsOf({
  namespace,
  app,
  canary,
}: DeclaredRoute): readonly { readonly pods: string; readonly percent: number }[] {
  const own = `${namespace}/${app}`;
  if (canary === undefined) return [{ pods: own, percent: 100 }];
  return [
    { pods: own, percent: 100 - canary.percent },
    { pods: `${canary.namespace}/${canary.app}`, percent: canary.percent },
  ];
}

/** Whose pods a Service leads to, whatever the port. */
export function workloadsBehind(
  cluster: Cluster,
  { namespace, service }: Pick<WebBackend, "namespace" | "service">,
): readonly Workload[] {
  const one = serviceOf(cluster, namespace, service);
  return one === undefined ? [] : selected(cluster, namespace, one.selector);
}

export function leadsTo(
  cluster: Cluster,
  backend: Pick<WebBackend, "namespace" | "service" | "port">,
  wanted: string,
): boolean {
  const ports = serviceOf(cluster, backend.namespace, backend.service)?.ports ?? [];
  return (
    ports.some(({ port }) => port === backend.port) &&
    workloadsBehind(cluster, backend).some(({ label }) => label === wanted)
  );
}

function serviceOf(cluster: Cluster, namespace: string, name: string): Service | undefined {
  return cluster.services.find((one) => one.namespace === namespace && one.name === name);
}

import { selected, type Cluster } from "../read/cluster";
import type { DeclaredRoute } from "../declaration";
import type { Finding } from "../finding";
import { routeLabel, type WebBackend, type WebRoute } from "../read/webRoutes";

/** Does a route lead to the pods that it was declared for, with every part of its requests? */
export function checkBackends(
  cluster: Cluster,
  declared: DeclaredRoute,
  route: WebRoute,
  subject: string,
): readonly Finding[] {
  const wanted = `${declared.namespace}/${declared.app}`;
  const finding = (rule: string, value: string): Finding => ({
    question: "open",
    subject,
    at: routeLabel(route),
    rule,
    value,
    remedy: `let the ${route.form} name the application's Service and port`,
  });
  if (route.answers !== undefined) return [finding("filters", route.answers)];
  if (route.backends.length === 0) return [finding("missing: a backend", "there is none that takes requests: 500")];
  return route.backends.flatMap((backend) => {
    const rule = `backend ${backend.service}:${backend.port}`;
    if (backend.refused !== undefined) return [finding(rule, backend.refused)];
    return leadsTo(cluster, backend, wanted) ? [] : [finding(rule, `no such Service leads to pods of ${wanted}`)];
  });
}

function leadsTo(cluster: Cluster, { namespace, service, port }: WebBackend, wanted: string): boolean {
  const one = cluster.services.find((entry) => entry.namespace === namespace && entry.name === service);
  if (one === undefined || !one.ports.some((entry) => entry.port === port)) return false;
  return selected(cluster, namespace, one.selector).some(({ label }) => label === wanted);
}

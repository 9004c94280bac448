import type { Exposure } from "./exposure";
import type { Cluster } from "../read/cluster";
import type { Declaration } from "../declaration";
import { isFor } from "../read/webRoutes";

/** Routes that are served, and so open to the internet by the web load balancers, and that nobody declared. */
export function closedRoutes(
  { routes }: Cluster,
  declaration: Declaration,
): { readonly exposures: readonly Exposure[]; readonly openings: number } {
  const served = routes.filter(({ unserved }) => unserved === undefined);
  const exposures = served
    .filter((route) => !declaration.routes.some((wanted) => isFor(route, wanted)))
    .map(({ form, namespace, name, host, path, match, backends }) => ({
      from: "the internet",
      to: `${host}${path}`,
      at: `${form} ${namespace}/${name}`,
      rule: `${match} ${host}${path} leads to ${backends.map(({ service, port }) => `${service}:${port}`).join(", ") || "no Service"}`,
      remedy: "remove it, or let its application expose the route: then it is declared",
    }));
  return { exposures, openings: served.length };
}

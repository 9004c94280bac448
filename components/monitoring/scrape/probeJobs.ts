import { PATRONI_PORT } from "../../data/postgres/patroniConfig";
import type { Endpoint } from "../../topology/topology";
import { PROBE_MODULES } from "../blackboxConfig";
import { MONITORING_PODS } from "../monitoringParts";
import { endpointAt, hostTargets, type ScrapeJob } from "../scrapeJob";
import type { Watched } from "../watched";

const HTTPS_PORT = 443;

/**
 * Questions from outside: every public host through every web load balancer, by its private address so that a
 * broken one is seen whatever DNS says; and the age of certificates on the private network.
 */
export function probeJobs(args: Watched, through: string): readonly ScrapeJob[] {
  const { topology, webLoadBalancers, publicHosts, api, postgres } = args;
  const { blackboxExporter } = MONITORING_PODS;
  const tls = (job: string, endpoint: Endpoint, purpose: string): ScrapeJob => ({
    job,
    targets: hostTargets(topology, blackboxExporter, endpoint, purpose),
    probe: { module: PROBE_MODULES.tls, through },
  });
  const web = webLoadBalancers.flatMap((balancer) => {
    const entry = endpointAt(topology, {
      id: `web/${balancer.name}/https`,
      provider: balancer,
      port: HTTPS_PORT,
    });
    const { host } = topology.connect(blackboxExporter, entry, "probes go the way that customers go");
    return publicHosts.map((name) => ({
      address: `https://${host}/`,
      labels: { machine: balancer.name, public_host: name },
    }));
  });
  return [
    { job: "probe-web", targets: web, probe: { module: PROBE_MODULES.web, through } },
    tls("probe-kubernetes", api, "the age of the API's certificates"),
    ...(postgres === undefined
      ? []
      : [
          tls(
            "probe-postgres",
            endpointAt(topology, { id: "postgres/patroni", provider: postgres.hosts, port: PATRONI_PORT }),
            "the age of PostgreSQL's certificates",
          ),
        ]),
  ];
}

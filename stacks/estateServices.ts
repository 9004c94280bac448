import { HaproxyService } from "../components/balancing/haproxyService";
import { IngressService } from "../components/cluster/ingressService";
import { K3sService } from "../components/cluster/k3sService";
import { PostgresService } from "../components/data/postgresService";
import type { SecretLedger } from "../components/secrets/secretLedger";
import type { Topology } from "../components/topology/topology";
import type { Environment, HostRole } from "./environment";
import type { Parties } from "./parties";
import { SERVER_SIZES } from "./serverTypes";

/** Silence after which the balancers close a connection to the Kubernetes API; `kubectl logs -f` may be silent for long. */
const API_IDLE_SECONDS = 3600;

/** Everything in an estate that consumers can ask for an endpoint. What its environment has no hosts for is undefined. */
export interface EstateServices {
  readonly haproxy: HaproxyService;
  readonly postgres: PostgresService | undefined;
  readonly k3s: K3sService;
  readonly ingress: IngressService;
}

export interface ServicesArgs {
  readonly environment: Environment;
  readonly parties: Parties;
  readonly topology: Topology;
  readonly secrets: SecretLedger;
  /** Hosts that the web load balancers have certificates for. */
  readonly certificateHosts: readonly string[];
}

/** Cores and memory of the smallest host of a role: any of them may become the leader. */
function smallest(environment: Environment, role: HostRole): { readonly cores: number; readonly memoryGb: number } {
  const sizes = environment.hosts.filter((host) => host.role === role).map((host) => SERVER_SIZES[host.serverType]);
  return {
    cores: Math.min(...sizes.map(({ cores }) => cores)),
    memoryGb: Math.min(...sizes.map(({ memoryGb }) => memoryGb)),
  };
}

export function estateServices({
  environment,
  parties,
  topology,
  secrets,
  certificateHosts,
}: ServicesArgs): EstateServices {
  const { network, image } = environment;
  const present = (role: HostRole): boolean => parties.hosts(role).hosts.length > 0;
  const haproxy = new HaproxyService({ topology, secrets, hosts: parties.hosts("haproxy") });
  const postgres = present("postgres")
    ? new PostgresService({
        topology,
        secrets,
        hosts: parties.hosts("postgres"),
        haproxy,
        loadBalancer: parties.dataLb,
        addresses: network,
        image,
        ...environment.postgres,
        ...smallest(environment, "postgres"),
      })
    : undefined;
  const duties = new Map(environment.hosts.map((host) => [host.name, host.duty ?? "general"]));
  const k3s = new K3sService({
    topology,
    secrets,
    addresses: network,
    servers: parties.hosts("k3sServer").hosts,
    agents: parties.hosts("k3sAgent").hosts.map((host) => ({ ...host, duty: duties.get(host.name) ?? "general" })),
    release: { version: environment.kubernetes.k3sVersion },
  });
  k3s.publishAt(
    haproxy.publish({
      id: "kubernetes/api",
      lb: parties.dataLb,
      port: environment.dataLoadBalancer.ports.kubernetesApi,
      backend: k3s.apiBackend,
      healthCheck: k3s.apiHealthCheck,
      idleTimeoutSeconds: API_IDLE_SECONDS,
    }),
  );
  const ingress = new IngressService({
    topology,
    nodes: k3s.nodes,
    webLoadBalancers: parties.webLbs,
    nodePort: environment.kubernetes.ingressNodePort,
    idleTimeoutSeconds: environment.web.idleTimeoutSeconds,
    certificateHosts,
  });
  return { haproxy, postgres, k3s, ingress };
}

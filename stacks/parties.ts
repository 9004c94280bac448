import type { Hosts, LoadBalancer, Operators } from "../components/topology/party";
import type { Environment, HostRole } from "./environment";
import type { Settings } from "./stackConfig";

/** Name of each role's group of hosts. */
export const GROUPS: Readonly<Record<HostRole, string>> = {
  bastion: "bastion",
  haproxy: "haproxy",
  k3sServer: "k3sServers",
  k3sAgent: "k3sAgents",
  postgres: "postgres",
  redis: "redis",
  rabbitmq: "rabbitmq",
  minio: "minio",
  qdrant: "qdrant",
  proxysql: "proxysql",
  mariadb: "mariadb",
};

/** Roles whose machines hold data. */
export const STATEFUL: ReadonlySet<HostRole> = new Set([
  "k3sServer",
  "postgres",
  "redis",
  "rabbitmq",
  "minio",
  "qdrant",
  "mariadb",
]);

/** Everybody in an estate who can stand at an end of a flow, but for pods. */
export interface Parties {
  readonly operators: Operators;
  readonly hosts: (role: HostRole) => Hosts;
  /** Every machine. */
  readonly all: Hosts;
  readonly dataLb: LoadBalancer;
  readonly mariadbLb: LoadBalancer | undefined;
  readonly webLbs: readonly LoadBalancer[];
}

export function estateParties(environment: Environment, settings: Settings): Parties {
  const refs = (role?: HostRole) =>
    environment.hosts
      .filter((host) => role === undefined || host.role === role)
      .map(({ name, address }) => ({ name, address }));
  const balancer = (
    { name, address }: { readonly name: string; readonly address: string },
    isPublic: boolean,
  ): LoadBalancer => ({
    kind: "loadBalancer",
    name,
    address,
    public: isPublic,
  });
  const { dataLoadBalancer, mariadbLoadBalancer, web } = environment;
  return {
    operators: { kind: "operators", cidrs: settings.operatorCidrs },
    hosts: (role) => ({ kind: "hosts", group: GROUPS[role], hosts: refs(role) }),
    all: { kind: "hosts", group: "all", hosts: refs() },
    dataLb: balancer(dataLoadBalancer, false),
    mariadbLb: mariadbLoadBalancer === undefined ? undefined : balancer(mariadbLoadBalancer, false),
    webLbs: web.loadBalancers.map((lb) => balancer(lb, true)),
  };
}

import type { Hosts, LoadBalancer, Operators } from "../components/topology/party";
import type { Environment } from "./environment";
import { ROLES, type HostRole } from "./roles";
import type { Settings } from "./stackConfig";

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
    hosts: (role) => ({ kind: "hosts", group: ROLES[role].group, hosts: refs(role) }),
    all: { kind: "hosts", group: "all", hosts: refs() },
    dataLb: balancer(dataLoadBalancer, false),
    mariadbLb: mariadbLoadBalancer === undefined ? undefined : balancer(mariadbLoadBalancer, false),
    webLbs: web.loadBalancers.map((lb) => balancer(lb, true)),
  };
}

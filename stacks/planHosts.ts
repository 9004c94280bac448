import { baseOs } from "../components/machines/baseOs";
import type { HostModule } from "../components/machines/hostConfig";
import { FIREWALL_OPEN, hostFirewall, type RoutedRule } from "../components/machines/hostFirewall";
import type { HostConfigPart } from "../components/machines/hostConfig";
import type { HostPlan } from "../components/machines/hostPlan";
import type { Mistakes } from "../components/mistakes";
import { natRoutes } from "../components/machines/natGateway";
import type { Operator } from "../components/machines/operators";
import { mergeHostConfigs } from "../components/machines/mergeHostConfigs";
import type { MonitoringService } from "../components/monitoring/monitoringService";
import { nthAddress } from "../components/topology/addresses";
import { hostRules, type RuleContext } from "../components/topology/hostRules";
import type { Topology } from "../components/topology/topology";
import { appliedLabels } from "./appliedChoices";
import type { Environment, HostSpec } from "./environment";
import type { EstateServices } from "./estateServices";
import { ROLES, type HostRole } from "./roles";

/** Account that the program logs in with. */
export const SSH_USER = "keybuzz";

export interface PlanHostsArgs {
  readonly environment: Environment;
  readonly topology: Topology;
  readonly context: RuleContext;
  readonly services: EstateServices;
  /** What makes the bastion the way to the Kubernetes API. */
  readonly bastion: HostConfigPart;
  readonly monitoring: MonitoringService | undefined;
  /** Lines of authorized_keys with which the program logs in. */
  readonly sshKeys: string;
  readonly operators: readonly Operator[];
  readonly mistakes: Mistakes;
}

/** Every machine without mistakes, with everything that must be on it. Call it when all flows are declared. */
export function planHosts(args: PlanHostsArgs): readonly HostPlan[] {
  return args.environment.hosts.flatMap(
    (host) => args.mistakes.at(`host ${host.name}`).attempt(() => planHost(host, args)) ?? [],
  );
}

function planHost(host: HostSpec, args: PlanHostsArgs): HostPlan {
  const { group, kind, stateful } = ROLES[host.role];
  return {
    name: host.name,
    address: host.address,
    group,
    serverType: host.serverType,
    location: host.location ?? args.environment.location,
    image: args.environment.image,
    public: kind === "bastion",
    stateful,
    labels: {
      ...(group === "k3sServers" || group === "k3sAgents" ? args.services.k3s.labels : {}),
      ...appliedLabels(host, args.environment),
    },
    config: mergeHostConfigs(
      host.name,
      monitored(host, args, [...base(host, args), firewall(host, args), ...roleModules(host, args)]),
    ),
  };
}

/** All modules of a machine, and one more that watches it: every service that the others want to run. */
function monitored(
  host: HostSpec,
  { monitoring }: PlanHostsArgs,
  modules: readonly HostModule[],
): readonly HostModule[] {
  if (monitoring === undefined) return modules;
  const units = modules
    .flatMap(({ config }) => config.units ?? [])
    .filter(({ name, state }) => state === "running" && name.endsWith(".service"))
    .map(({ name }) => name);
  return [...modules, { module: "monitoring", config: monitoring.fragment(host, [...new Set(units)].sort()) }];
}

function base(host: HostSpec, { environment, sshKeys, operators }: PlanHostsArgs): readonly HostModule[] {
  const { network, image, hosts } = environment;
  const { kind, keptPackages } = ROLES[host.role];
  return baseOs({
    hostname: host.name,
    address: host.address,
    image,
    // Only those of its own cluster: a new worker is no reason to touch the databases.
    peers: hosts.filter((other) => other.role === host.role).map(({ name, address }) => ({ name, address })),
    sshUser: SSH_USER,
    sshKeys,
    operators,
    networkCidr: network.networkCidr,
    gateway: nthAddress(network.networkCidr, 1),
    kind,
    keepVersionOf: keptPackages,
  });
}

function firewall(host: HostSpec, { environment, topology, context }: PlanHostsArgs): HostModule {
  const rules = hostRules(topology, host, context);
  return { module: "firewall", config: hostFirewall(rules, { routed: routed(host.role, environment) }) };
}

function routed(role: HostRole, { network }: Environment): readonly RoutedRule[] {
  switch (ROLES[role].passesOn) {
    case "network":
      return natRoutes(network.networkCidr);
    case "pods":
      return [{ from: network.podCidr, to: "any", reason: "pods; NetworkPolicies decide" }];
    case "nothing":
      return [];
  }
}

function roleModules(host: HostSpec, { services, bastion }: PlanHostsArgs): readonly HostModule[] {
  const part = (module: string, config: HostConfigPart | undefined): readonly HostModule[] =>
    config === undefined ? [] : [{ module, config: behindFirewall(config) }];
  const { haproxy, postgres, proxysql, k3s } = services;
  switch (host.role) {
    case "bastion":
      return part("kubernetesApiForward", bastion);
    case "haproxy":
      return [...part("haproxy", haproxy.fragment(host)), ...part("pgbouncer", postgres?.fragment(host))];
    case "k3sServer":
    case "k3sAgent":
      return part("k3s", k3s.fragment(host));
    case "proxysql":
      return part("proxysql", proxysql?.fragment(host));
    case "postgres":
    case "redis":
    case "rabbitmq":
    case "minio":
    case "qdrant":
    case "mariadb": {
      const service = services.data.find(({ hosts }) => hosts.group === ROLES[host.role].group);
      if (service === undefined)
        throw new Error(`host "${host.name}": no service of the data tier runs on a ${host.role}`);
      return part(service.name, service.fragment(host));
    }
  }
}

/**
 * A daemon starts once the firewall lets its peers through: until then the one of the first boot drops everything,
 * and clusters that wait for each other would wait for ever.
 */
function behindFirewall(config: HostConfigPart): HostConfigPart {
  if (config.units === undefined) return config;
  const units = config.units.map((unit) => ({ ...unit, after: [...new Set([...(unit.after ?? []), FIREWALL_OPEN])] }));
  return { ...config, units };
}

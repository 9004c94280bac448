import { duplicates, shown, type Mistake, type Mistakes } from "../components/mistakes";
import { cidrContains, cidrContainsCidr, cidrsOverlap, nthAddress } from "../components/topology/addresses";
import { dnsRules } from "./dnsRules";
import type { Environment, LoadBalancerType } from "./environment";
import { leavingRoleMistakes } from "./leavingWorkers";
import { publicHosts } from "./publicHosts";
import { HOST_ROLES, ROLES, type HostRole } from "./roles";
import { WORKLOAD_RULES } from "./workloadRules";

/** Limits per load balancer type (docs/reference/hetzner.md). */
const LOAD_BALANCER_LIMITS: Readonly<
  Record<LoadBalancerType, { services: number; targets: number; certificates: number }>
> = {
  lb11: { services: 5, targets: 25, certificates: 10 },
  lb21: { services: 15, targets: 75, certificates: 25 },
  lb31: { services: 30, targets: 150, certificates: 50 },
};
/** Hosts and load balancers on one Hetzner network. */
const NETWORK_ATTACHMENTS = 100;
/** Servers in one spread placement group. */
const PLACEMENT_GROUP_SIZE = 10;

type Rule = (environment: Environment) => readonly Mistake[];

/**
 * Adds every mistake of meaning. A rule that comes upon a mistake of shape (soundOnly.ts) is left out; the others are
 * asked all the same.
 */
export function judgeMeaning(environment: Environment, mistakes: Mistakes): void {
  for (const rule of [...RULES, ...WORKLOAD_RULES])
    mistakes.attempt(() => {
      mistakes.add(...rule(environment));
    });
}

const hostsOf = (environment: Environment, ...roles: readonly HostRole[]) =>
  environment.hosts.filter((host) => roles.includes(host.role));

function attachments(environment: Environment): readonly { path: string; name: string; address: string }[] {
  const { hosts, dataLoadBalancer, mariadbLoadBalancer, web } = environment;
  return [
    ...hosts.map((host, i) => ({ path: `hosts[${i}]`, of: host })),
    { path: "dataLoadBalancer", of: dataLoadBalancer },
    ...(mariadbLoadBalancer === undefined ? [] : [{ path: "mariadbLoadBalancer", of: mariadbLoadBalancer }]),
    ...web.loadBalancers.map((lb, i) => ({ path: `web.loadBalancers[${i}]`, of: lb })),
  ].map(({ path, of }) => ({ path, name: of.name, address: of.address }));
}

const uniqueNames: Rule = (e) =>
  duplicates(
    attachments(e),
    (a) => a.name,
    (a, first) => ({
      path: `${a.path}.name`,
      found: `${shown(a.name)}, the name of ${first.path} too`,
      allowed: "a name of its own: names are identities",
      fix: "choose another",
    }),
  );

const uniqueAddresses: Rule = (e) =>
  duplicates(
    attachments(e),
    (a) => a.address,
    (a, first) => ({
      path: `${a.path}.address`,
      found: `${shown(a.address)}, the address of ${first.path} (${first.name}) too`,
      allowed: `an address of its own in ${e.network.subnetCidr}`,
      fix: "choose a free one",
    }),
  );

const addressesInside: Rule = (e) => {
  const gateway = nthAddress(e.network.networkCidr, 1);
  return attachments(e).flatMap(({ path, address }) => {
    if (!cidrContains(e.network.subnetCidr, address)) {
      return [
        {
          path: `${path}.address`,
          found: `${shown(address)}, outside of it`,
          allowed: `network.subnetCidr ${e.network.subnetCidr}`,
          fix: "choose a free address in it",
        },
      ];
    }
    if (address === gateway || address === nthAddress(e.network.subnetCidr, 0)) {
      return [
        {
          path: `${path}.address`,
          found: shown(address),
          allowed: `whatever Hetzner does not keep for itself: the network's own address, and the gateway ${gateway}`,
          fix: "choose another",
        },
      ];
    }
    return [];
  });
};

const networks: Rule = ({ network }) => {
  const mistakes: Mistake[] = [];
  const inside = (
    inner: "subnetCidr" | "workloadPoolCidr" | "tunnelPoolCidr",
    outer: "networkCidr" | "podCidr",
  ): void => {
    if (!cidrContainsCidr(network[outer], network[inner])) {
      mistakes.push({
        path: `network.${inner}`,
        found: shown(network[inner]),
        allowed: `a network within network.${outer} ${network[outer]}`,
        fix: "choose a part of it",
      });
    }
  };
  const apart = (a: keyof typeof network, b: keyof typeof network): void => {
    if (cidrsOverlap(String(network[a]), String(network[b]))) {
      mistakes.push({
        path: `network.${a}`,
        found: shown(network[a]),
        allowed: `a network apart from network.${b} ${network[b]}`,
        fix: "choose another range",
      });
    }
  };
  inside("subnetCidr", "networkCidr");
  inside("workloadPoolCidr", "podCidr");
  inside("tunnelPoolCidr", "podCidr");
  apart("podCidr", "networkCidr");
  apart("serviceCidr", "networkCidr");
  apart("serviceCidr", "podCidr");
  apart("tunnelPoolCidr", "workloadPoolCidr");
  return mistakes;
};

const roleCounts: Rule = (e) =>
  HOST_ROLES.flatMap((role) => {
    const { ok, allowed } = ROLES[role].count;
    const n = hostsOf(e, role).length;
    const fix = "add or remove hosts of that role";
    return ok(n) ? [] : [{ path: "hosts", found: `${n} with role "${role}"`, allowed, fix }];
  });

const mariadbWhole: Rule = (e) => {
  const present = [
    hostsOf(e, "mariadb").length > 0,
    hostsOf(e, "proxysql").length > 0,
    e.mariadbLoadBalancer !== undefined,
  ];
  if (new Set(present).size === 1) return [];
  return [
    {
      path: "mariadbLoadBalancer",
      found: `mariadb hosts: ${present[0]}, proxysql hosts: ${present[1]}, load balancer: ${present[2]}`,
      allowed: "all three together, or none",
      fix: "add the missing ones or remove the others",
    },
  ];
};

const duties: Rule = (e) => {
  const takers = HOST_ROLES.filter((role) => ROLES[role].takesDuty).map((role) => `"${role}"`);
  return e.hosts.flatMap((host, i) =>
    host.duty !== undefined && !ROLES[host.role].takesDuty
      ? [
          {
            path: `hosts[${i}].duty`,
            found: `${shown(host.duty)} on a host with role "${host.role}"`,
            allowed: `a duty on hosts with role ${takers.join(" or ")} only`,
            fix: "remove it",
          },
        ]
      : [],
  );
};

const ports: Rule = (e) =>
  duplicates(
    Object.entries(e.dataLoadBalancer.ports),
    ([, port]) => String(port),
    ([service, port], [first]) => ({
      path: `dataLoadBalancer.ports.${service}`,
      found: `${port}, the port of ${first} too`,
      allowed: "a port of its own for each service",
      fix: "choose another",
    }),
  );

const limits: Rule = (e) => {
  const mistakes: Mistake[] = [];
  const nodes = hostsOf(e, "k3sServer", "k3sAgent").length;
  e.web.loadBalancers.forEach((lb, i) => {
    const { targets, certificates } = LOAD_BALANCER_LIMITS[lb.type];
    if (nodes > targets)
      mistakes.push({
        path: `web.loadBalancers[${i}].type`,
        found: `${shown(lb.type)} for ${nodes} Kubernetes nodes`,
        allowed: `${targets} targets with that type`,
        fix: "choose a larger type",
      });
    // Managed ones are one per host; the other sources put all hosts into one.
    const wanted = publicHosts(e.workloads).length;
    if (e.web.certificate === "managed" && wanted > certificates)
      mistakes.push({
        path: `web.loadBalancers[${i}].type`,
        found: `${shown(lb.type)} for ${wanted} public hosts with a certificate each`,
        allowed: `${certificates} certificates with that type`,
        fix: 'choose a larger type, or web.certificate "uploaded"',
      });
  });
  const services = Object.keys(e.dataLoadBalancer.ports).length;
  const most = LOAD_BALANCER_LIMITS[e.dataLoadBalancer.type].services;
  if (services > most)
    mistakes.push({
      path: "dataLoadBalancer.type",
      found: `${shown(e.dataLoadBalancer.type)} for ${services} services`,
      allowed: `${most} services with that type`,
      fix: "choose lb21 or lb31",
    });
  if (attachments(e).length > NETWORK_ATTACHMENTS) {
    mistakes.push({
      path: "hosts",
      found: `${attachments(e).length} hosts and load balancers on one network`,
      allowed: `${NETWORK_ATTACHMENTS} at most`,
      fix: "split the estate over networks",
    });
  }
  for (const role of HOST_ROLES.filter((one) => ROLES[one].placement === "apart")) {
    const n = hostsOf(e, role).length;
    if (n > PLACEMENT_GROUP_SIZE)
      mistakes.push({
        path: "hosts",
        found: `${n} with role "${role}"`,
        allowed: `${PLACEMENT_GROUP_SIZE} at most, which is what a spread placement group takes`,
        fix: "remove some",
      });
  }
  return mistakes;
};

const monitoring: Rule = (e) => [
  ...(e.monitoring !== undefined && !e.hosts.some(({ duty }) => duty === "monitoring")
    ? [
        {
          path: "monitoring",
          found: "no worker to run on",
          allowed: 'a host with role "k3sAgent" and duty "monitoring"',
          fix: "give one that duty, or remove monitoring",
        },
      ]
    : []),
  ...duplicates(
    (e.monitoring?.backups ?? []).map(({ name }, i) => ({ name, path: `monitoring.backups[${i}]` })),
    ({ name }) => name,
    ({ name, path }, first) => ({
      path: `${path}.name`,
      found: `${shown(name)}, the name of ${first.path} too`,
      allowed: "each backup once",
      fix: "rename or remove one",
    }),
  ),
];

const RULES: readonly Rule[] = [
  uniqueNames,
  uniqueAddresses,
  addressesInside,
  networks,
  roleCounts,
  mariadbWhole,
  duties,
  leavingRoleMistakes,
  ports,
  limits,
  dnsRules,
  monitoring,
];

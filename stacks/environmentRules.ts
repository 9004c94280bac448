import { cidrContains, cidrContainsCidr, cidrsOverlap, nthAddress } from "../components/topology/addresses";
import { dnsRules } from "./dnsRules";
import type { Environment, LoadBalancerType } from "./environment";
import { duplicates, type Mistake } from "./mistakes";
import { publicHosts } from "./publicHosts";
import { HOST_ROLES, ROLES, type HostRole } from "./roles";
import { workloadRules } from "./workloadRules";

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

/** Every mistake of meaning in an environment whose shape is right. */
export function environmentRules(environment: Environment): readonly Mistake[] {
  return RULES.flatMap((rule) => rule(environment));
}

const hostsOf = (environment: Environment, ...roles: readonly HostRole[]) =>
  environment.hosts.filter((host) => roles.includes(host.role));

function attachments(environment: Environment): readonly { path: string; name: string; address: string }[] {
  const { hosts, dataLoadBalancer, mariadbLoadBalancer, web } = environment;
  return [
    ...hosts.map((host, i) => ({ path: `hosts[${i}]`, ...host })),
    { path: "dataLoadBalancer", ...dataLoadBalancer },
    ...(mariadbLoadBalancer === undefined ? [] : [{ path: "mariadbLoadBalancer", ...mariadbLoadBalancer }]),
    ...web.loadBalancers.map((lb, i) => ({ path: `web.loadBalancers[${i}]`, ...lb })),
  ];
}

const uniqueNames: Rule = (e) =>
  duplicates(
    attachments(e),
    (a) => a.name,
    (a, first) => ({
      path: `${a.path}.name`,
      found: a.name,
      problem: `is the name of ${first.path} too; names are identities, give each its own`,
    }),
  );

const uniqueAddresses: Rule = (e) =>
  duplicates(
    attachments(e),
    (a) => a.address,
    (a, first) => ({
      path: `${a.path}.address`,
      found: a.address,
      problem: `is the address of ${first.path} (${first.name}) too; choose a free one in ${e.network.subnetCidr}`,
    }),
  );

const addressesInside: Rule = (e) => {
  const gateway = nthAddress(e.network.networkCidr, 1);
  return attachments(e).flatMap(({ path, address }) => {
    if (!cidrContains(e.network.subnetCidr, address)) {
      return [
        {
          path: `${path}.address`,
          found: address,
          problem: `is outside network.subnetCidr ${e.network.subnetCidr}; choose a free address in it`,
        },
      ];
    }
    if (address === gateway || address === nthAddress(e.network.subnetCidr, 0)) {
      return [
        {
          path: `${path}.address`,
          found: address,
          problem: `is reserved by Hetzner (network address, or gateway ${gateway}); choose another`,
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
        found: network[inner],
        problem: `must lie within network.${outer} ${network[outer]}`,
      });
    }
  };
  const apart = (a: keyof typeof network, b: keyof typeof network): void => {
    if (cidrsOverlap(String(network[a]), String(network[b]))) {
      mistakes.push({
        path: `network.${a}`,
        found: network[a],
        problem: `overlaps network.${b} ${network[b]}; choose a network apart from it`,
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
    return ok(n) ? [] : [{ path: "hosts", found: `${n} with role "${role}"`, problem: `allowed: ${allowed}` }];
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
      problem: "these three come together; add the missing ones or remove the others",
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
            found: host.duty,
            problem: `belongs to hosts with role ${takers.join(" or ")} only, this one is "${host.role}"; remove it`,
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
      found: port,
      problem: `is the port of ${first} too; give each service its own`,
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
        found: lb.type,
        problem: `takes ${targets} targets, but there are ${nodes} Kubernetes nodes; choose a larger type`,
      });
    // Managed ones are one per host; the other sources put all hosts into one.
    const wanted = publicHosts(e.workloads).length;
    if (e.web.certificate === "managed" && wanted > certificates)
      mistakes.push({
        path: `web.loadBalancers[${i}].type`,
        found: lb.type,
        problem: `takes ${certificates} certificates, but ${wanted} public hosts have one each; choose a larger type, or certificate "uploaded"`,
      });
  });
  const services = Object.keys(e.dataLoadBalancer.ports).length;
  const most = LOAD_BALANCER_LIMITS[e.dataLoadBalancer.type].services;
  if (services > most)
    mistakes.push({
      path: "dataLoadBalancer.type",
      found: e.dataLoadBalancer.type,
      problem: `takes ${most} services, but ${services} are declared; choose lb21 or lb31`,
    });
  if (attachments(e).length > NETWORK_ATTACHMENTS) {
    mistakes.push({
      path: "hosts",
      found: attachments(e).length,
      problem: `hosts and load balancers on one network: ${NETWORK_ATTACHMENTS} at most; split the estate over networks`,
    });
  }
  for (const role of HOST_ROLES.filter((one) => ROLES[one].placement === "apart")) {
    const n = hostsOf(e, role).length;
    if (n > PLACEMENT_GROUP_SIZE)
      mistakes.push({
        path: "hosts",
        found: `${n} with role "${role}"`,
        problem: `a spread placement group takes ${PLACEMENT_GROUP_SIZE} servers at most`,
      });
  }
  return mistakes;
};

const monitoring: Rule = (e) => [
  ...(e.monitoring !== undefined && !e.hosts.some(({ duty }) => duty === "monitoring")
    ? [
        {
          path: "monitoring",
          problem:
            'has no worker to run on; give one host with role "k3sAgent" the duty "monitoring", or remove monitoring',
        },
      ]
    : []),
  ...duplicates(
    (e.monitoring?.backups ?? []).map(({ name }, i) => ({ name, path: `monitoring.backups[${i}]` })),
    ({ name }) => name,
    ({ name, path }, first) => ({
      path: `${path}.name`,
      found: name,
      problem: `is the name of ${first.path} too; name each backup once`,
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
  workloadRules,
  ports,
  limits,
  dnsRules,
  monitoring,
];

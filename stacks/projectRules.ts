import { numberInName, placementNumber } from "../components/machines/placement";
import type { HostPlan } from "../components/machines/hostPlan";
import { shown, type Mistake } from "../components/mistakes";
import { appliedChoiceMistakes } from "./appliedChoices";
import { clusterAuthorityMistakes } from "./clusterAuthority";
import type { Environment } from "./environment";
import { estateLabels, networkName } from "./estateLabels";
import { halfMadeServers } from "./halfMadeServers";
import { k3sReleaseMistakes } from "./k3sReleaseRules";
import { leavingWorkerMistakes } from "./leavingWorkers";
import type { Named, ProjectFacts } from "./observeProject";
import type { Settings } from "./stackConfig";
import { voterAddressMistakes } from "./voterAddresses";

type Server = ProjectFacts["servers"][number];
/** Of a host: what Hetzner is told of it. */
type Machine = Pick<HostPlan, "name" | "group" | "serverType" | "location" | "image">;

/** What is judged: the wish, and what there is. */
export interface ProjectCase {
  readonly environment: Environment;
  readonly hosts: readonly Machine[];
  readonly settings: Settings;
  readonly seen: ProjectFacts;
}

/**
 * What a preview takes and Hetzner would refuse half-way: some of it once a server has been powered off, and then it
 * stays off. Each is told before anything happens.
 */
export function projectMistakes(given: ProjectCase): readonly Mistake[] {
  const strangers = otherStacks(given);
  // What is another's is not compared with what this one wants to be.
  if (strangers.length > 0) return strangers;
  return [
    ...networkMistakes(given),
    ...addressMistakes(given),
    ...voterAddressMistakes(given.environment, given.seen, (name) => mayGo(name, given)),
    ...halfMadeServers(given.environment, given.seen.servers),
    ...clusterAuthorityMistakes(given.environment, given.seen.servers),
    ...given.hosts.flatMap((host) => hostMistakes(host, given)),
    ...balancerMistakes(given),
    ...k3sReleaseMistakes(given.environment, given.seen),
    ...appliedChoiceMistakes(given.environment, given.seen),
    ...leavingWorkerMistakes(given.environment, given.seen, mayGo(given.environment.name, given)),
    ...limitMistakes(given),
  ];
}

/** What people had better know before it happens, a sentence each. */
export function projectWarnings({ environment, hosts, settings, seen }: ProjectCase): readonly string[] {
  const there = new Map(seen.servers.map((server) => [server.name, server]));
  const made = hosts.filter(({ name }) => !there.has(name));
  const soldOut = made.filter((host) => !canBeHad(host, seen));
  const off = hosts.filter(({ name }) => there.get(name)?.status === "off");
  return [
    ...(made.length > 0 && settings.serverLimit === undefined
      ? [
          `${made.length} servers are to be made where there are ${seen.servers.length}. No API tells how many this Hetzner project may have: ` +
            `look into Hetzner Console, Limits, then: pulumi config set keybuzz:serverLimit N`,
        ]
      : []),
    ...soldOut.map(
      ({ name, serverType, location }) =>
        `${name}: ${serverType} is sold out in ${location} now. Another type or location of ${name} in stacks/${environment.name}.ts can be had at once`,
    ),
    ...off.map(
      ({ name }) =>
        `${name} is there and off: unless this run starts it, nothing on it is reached. hcloud server poweron ${name}`,
    ),
  ];
}

/** Does Hetzner have room for it? Undefined in its answer: it does not tell, and is not doubted. */
function canBeHad({ serverType, location }: Pick<Machine, "serverType" | "location">, seen: ProjectFacts): boolean {
  const type = seen.serverTypes.find(({ name }) => name === serverType);
  return type?.locations.find(({ name }) => name === location)?.available ?? true;
}

function otherStacks({ environment, seen }: ProjectCase): readonly Mistake[] {
  const { project, stack } = estateLabels(environment.name);
  const all: Readonly<Record<string, readonly Named[]>> = {
    servers: seen.servers,
    "load balancers": seen.balancers,
    networks: seen.networks,
    ...seen.others,
  };
  const counts = new Map<string, Map<string, number>>();
  for (const [kind, rows] of Object.entries(all)) {
    for (const { labels } of rows) {
      const other = labels["project"] === project ? (labels["stack"] ?? stack) : stack;
      if (other === stack) continue;
      const kinds = counts.get(other) ?? new Map<string, number>();
      counts.set(other, kinds.set(kind, (kinds.get(kind) ?? 0) + 1));
    }
  }
  return [...counts].map(([other, kinds]) => ({
    path: "hcloud:token",
    found: `a Hetzner project that holds stack ${other} (${[...kinds].map(([kind, count]) => `${count} ${kind.replace("_", " ")}`).join(", ")})`,
    allowed: "one stack a project: addresses, names of firewalls and placement groups are the same in each",
    fix: "a project of its own in Hetzner Console, and its token: pulumi config set --secret hcloud:token",
  }));
}

const ownNetwork = ({ environment, seen }: ProjectCase): ProjectFacts["networks"][number] | undefined =>
  seen.networks.find(({ name }) => name === networkName(environment.name));

/** Everything is in them: they cannot go, and so not be replaced. */
function networkMistakes(given: ProjectCase): readonly Mistake[] {
  const there = ownNetwork(given);
  if (there === undefined) return [];
  const { networkCidr, subnetCidr } = given.environment.network;
  const subnets = there.subnets.map((subnet) => subnet.ip_range);
  const stays = (path: string, found: string, actual: string): Mistake => ({
    path: `network.${path}`,
    found: `${shown(found)}, while network ${there.name} has ${actual}`,
    allowed: "the range that is there: Hetzner replaces a network, and refuses that while anything is in it",
    fix: `leave it as it was (${actual}); another range is another stack`,
  });
  return [
    ...(there.ip_range === networkCidr ? [] : [stays("networkCidr", networkCidr, there.ip_range)]),
    ...(subnets.length === 0 || subnets.includes(subnetCidr)
      ? []
      : [stays("subnetCidr", subnetCidr, subnets.join(", "))]),
  ];
}

/** Hetzner gives an address to one alone, and Pulumi makes what is new before what is old goes. */
function addressMistakes(given: ProjectCase): readonly Mistake[] {
  const { environment, seen } = given;
  const network = ownNetwork(given);
  if (network === undefined) return [];
  const holders = new Map(
    [...seen.servers, ...seen.balancers].flatMap(({ name, private_net: nets }) =>
      nets.filter((net) => net.network === network.id).map(({ ip }) => [ip, name] as const),
    ),
  );
  const { hosts, dataLoadBalancer, mariadbLoadBalancer, web } = environment;
  const wanted = [
    ...hosts.map((host, i) => ({ ...host, path: `hosts[${i}].address` })),
    { ...dataLoadBalancer, path: "dataLoadBalancer.address" },
    ...(mariadbLoadBalancer === undefined ? [] : [{ ...mariadbLoadBalancer, path: "mariadbLoadBalancer.address" }]),
    ...web.loadBalancers.map((balancer, i) => ({ ...balancer, path: `web.loadBalancers[${i}].address` })),
  ];
  return wanted.flatMap(({ name, address, path }): readonly Mistake[] => {
    const holder = holders.get(address);
    if (holder === undefined || holder === name) return [];
    const goes = !wanted.some((other) => other.name === holder);
    return [
      {
        path,
        found: `${shown(address)} for ${name}, which ${holder} has`,
        allowed: "an address that is free when the run begins",
        fix: goes
          ? `another address; or a run that takes ${holder} away, and then one that makes ${name}`
          : `another address; or in two runs: ${holder} to its new one, then ${name} to ${address}`,
      },
    ];
  });
}

/** By its own name, or the stack's. */
const mayGo = (name: string, { environment, settings }: ProjectCase): boolean =>
  [name, environment.name].some((one) => settings.consentToDelete.includes(one));

function hostMistakes(host: Machine, given: ProjectCase): readonly Mistake[] {
  const server = given.seen.servers.find(({ name }) => name === host.name);
  if (server === undefined) return [];
  const { environment, settings } = given;
  const consented = mayGo(host.name, given);
  const path = `hosts[${environment.hosts.findIndex(({ name }) => name === host.name)}]`;
  const image = server.image?.name ?? host.image;
  return [
    ...typeMistakes(host, server, given, `${path}.serverType`),
    ...(server.location.name === host.location || consented
      ? []
      : [
          {
            path: `${path}.location`,
            found: `${shown(host.location)}, while ${host.name} is in ${server.location.name}`,
            allowed: "where it is: a server does not move, it is deleted and made anew",
            fix: `another name for another machine; or say that this one may go: pulumi config set --path 'keybuzz:consentToDelete[0]' ${host.name}`,
          },
        ]),
    ...(image === host.image || settings.upgradedHosts?.includes(host.name) === true
      ? []
      : [
          {
            path: "image",
            found: `${shown(host.image)}, while ${host.name} was made from ${image}`,
            allowed: "what the machines were made from: no run puts another system on them",
            fix: `leave ${image}; where the release was upgraded on the machine: pulumi config set --path 'keybuzz:upgradedHosts[0]' ${host.name}`,
          },
        ]),
    ...placementMistakes(host, server, given),
  ];
}

/** The provider powers a server off before it asks for the type, and what is refused leaves it off. */
function typeMistakes(host: Machine, server: Server, { seen }: ProjectCase, path: string): readonly Mistake[] {
  const present = server.server_type;
  const wanted = seen.serverTypes.find(({ name }) => name === host.serverType);
  if (present.name === host.serverType || wanted === undefined) return [];
  const wrong = (why: string, allowed: string, fix: string): Mistake => ({
    path,
    found: `${shown(host.serverType)} for ${host.name}, which is a ${present.name}: ${why}`,
    allowed,
    fix,
  });
  const stay = `leave ${present.name}`;
  const anew = `${stay}; or another machine under another name, and then this one goes`;
  return [
    ...(wanted.disk >= server.primary_disk_size
      ? []
      : [
          wrong(
            `its disk of ${server.primary_disk_size} GB does not fit ${wanted.disk} GB`,
            `a type with a disk of at least ${server.primary_disk_size} GB: disks never shrink`,
            anew,
          ),
        ]),
    ...(wanted.architecture === present.architecture
      ? []
      : [wrong(`that is ${wanted.architecture}`, `a type that is ${present.architecture}`, anew)]),
    ...(canBeHad({ serverType: host.serverType, location: server.location.name }, seen)
      ? []
      : [
          wrong(
            `sold out in ${server.location.name} now`,
            "a type that can be had now: a server is powered off first, and would stay off",
            `${stay}, or another type, or later`,
          ),
        ]),
  ];
}

/** A server joins or leaves a group while it is off. */
function placementMistakes(host: Machine, server: Server, { hosts, seen }: ProjectCase): readonly Mistake[] {
  const group = server.placement_group?.name;
  const own = seen.others.placement_groups.some(({ name, labels }) => name === group && "stack" in labels);
  // A group that was adopted has whatever name it had.
  if (server.status === "off" || (group !== undefined && !own)) return [];
  const cluster = hosts.filter(({ group }) => group === host.group);
  const wanted = placementNumber(
    cluster.findIndex(({ name }) => name === host.name),
    cluster.length,
  );
  const present = group === undefined ? undefined : numberInName(group);
  if (wanted === present) return [];
  const word = wanted === undefined ? "no placement group" : `placement group ${wanted + 1} of its cluster`;
  return [
    {
      path: "hosts",
      found: `${host.name}, which runs in ${group ?? "no placement group"}, and is to be in ${word}`,
      allowed: "a server that is off: Hetzner moves none that runs",
      fix:
        `hcloud server shutdown ${host.name}; pulumi up --target '**placementGroup:PlacementGroup::*' --target '**server:Server::${host.name}'; ` +
        `hcloud server poweron ${host.name}; pulumi up`,
    },
  ];
}

function balancerMistakes(given: ProjectCase): readonly Mistake[] {
  const { environment, seen } = given;
  const { dataLoadBalancer, mariadbLoadBalancer, web, location } = environment;
  return [dataLoadBalancer, mariadbLoadBalancer, ...web.loadBalancers].flatMap((spec): readonly Mistake[] => {
    const there = seen.balancers.find(({ name }) => name === spec?.name);
    if (there === undefined || there.location.name === location || mayGo(there.name, given)) return [];
    return [
      {
        path: "location",
        found: `${shown(location)}, while ${there.name} is in ${there.location.name}`,
        allowed: "where it is: a balancer does not move, it is deleted and made anew with other addresses",
        fix: `leave it (hosts can have a location of their own); or say that this one may go: pulumi config set --path 'keybuzz:consentToDelete[0]' ${there.name}`,
      },
    ];
  });
}

/** Servers that are there are counted, whoever has made them: the limit is the project's. */
function limitMistakes({ hosts, settings, seen }: ProjectCase): readonly Mistake[] {
  const { serverLimit } = settings;
  const made = hosts.filter((host) => !seen.servers.some(({ name }) => name === host.name)).length;
  const all = seen.servers.length + made;
  if (serverLimit === undefined || made === 0 || all <= serverLimit) return [];
  return [
    {
      path: "keybuzz:serverLimit",
      found: `${serverLimit}, where ${seen.servers.length} servers are there and ${made} are to be made`,
      allowed: `${all} or more`,
      fix: `have the limit raised (Hetzner Console, Limits), then: pulumi config set keybuzz:serverLimit ${all}; or fewer hosts`,
    },
  ];
}

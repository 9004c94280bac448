import type { Environment } from "../../stacks/environment";
import type { ProjectFacts } from "../../stacks/observeProject";
import { projectMistakes, projectWarnings, type ProjectCase } from "../../stacks/projectRules";
import { ROLES } from "../../stacks/roles";
import { environment as staging } from "../../stacks/staging";
import { placementName, placementNumber } from "../../components/machines/placement";

// Which refusals these are told before stands in tests/scenario/refusedBefore.test.ts, against the local cloud.
const NETWORK = 7;
const labels = { project: "keybuzz", stack: "staging" };
const TYPES: readonly (readonly [name: string, disk: number, architecture?: string])[] = [
  ["cx23", 40],
  ["cx33", 80],
  ["cx43", 160],
  ["cpx12", 40],
  ["cax11", 80, "arm"],
];

const machines = ({ hosts, location, image }: Environment): ProjectCase["hosts"] =>
  hosts.map((host) => ({ ...host, group: ROLES[host.role].group, location: host.location ?? location, image }));

/** A project as an up of this environment leaves it. */
function built(environment: Environment = staging): ProjectFacts {
  const { network, dataLoadBalancer, web, name } = environment;
  const all = machines(environment);
  const serverTypes = TYPES.map(([type, disk, architecture = "x86"]) => ({
    name: type,
    disk,
    architecture,
    locations: ["fsn1", "nbg1", "hel1"].map((place) => ({ name: place, available: true })),
  }));
  const groupOf = ({ name: host, group }: (typeof all)[number]): { readonly name: string } | null => {
    const cluster = all.filter((other) => other.group === group);
    const number = placementNumber(
      cluster.findIndex((other) => other.name === host),
      cluster.length,
    );
    return number === undefined ? null : { name: placementName(`${group}-hosts`, number) };
  };
  const servers = all.map((host, i) => ({
    id: 100 + i,
    name: host.name,
    labels,
    status: "running",
    location: { name: host.location },
    server_type: { name: host.serverType, architecture: "x86" },
    image: { name: host.image },
    primary_disk_size: TYPES.find(([type]) => type === host.serverType)?.[1] ?? 0,
    placement_group: groupOf(host),
    private_net: [{ network: NETWORK, ip: environment.hosts[i]?.address ?? "" }],
  }));
  return {
    servers,
    balancers: [dataLoadBalancer, ...web.loadBalancers].map((one) => ({
      name: one.name,
      labels,
      location: { name: environment.location },
      private_net: [{ network: NETWORK, ip: one.address }],
    })),
    networks: [
      {
        id: NETWORK,
        name: `keybuzz-${name}`,
        labels,
        ip_range: network.networkCidr,
        subnets: [{ ip_range: network.subnetCidr }],
      },
    ],
    others: {
      firewalls: [{ name: "bastion", labels }],
      placement_groups: servers.flatMap(({ placement_group: group }) => (group === null ? [] : [{ ...group, labels }])),
      ssh_keys: [],
      primary_ips: [],
    },
    serverTypes,
  };
}

const EMPTY: ProjectFacts = {
  ...built(),
  servers: [],
  balancers: [],
  networks: [],
  others: { firewalls: [], placement_groups: [], ssh_keys: [], primary_ips: [] },
};

type Change = Partial<Environment>;
const host = (name: string, change: object): Change => ({
  hosts: staging.hosts.map((one) => (one.name === name ? { ...one, ...change } : one)),
});
const caseOf = (change: Change, seen: ProjectFacts, settings: object): ProjectCase => {
  const environment = { ...staging, ...change };
  const given = { operatorCidrs: [], operators: [], bastionSshPort: 22, bastionKubernetesPort: 6443 };
  return {
    environment,
    hosts: machines(environment),
    settings: { ...given, consentToDelete: [], ...settings },
    seen,
  };
};
/** "path: found" of each. */
const told = (change: Change = {}, seen = built(), settings: object = {}): readonly string[] =>
  projectMistakes(caseOf(change, seen, settings)).map(({ path, found }) => `${path}: ${found}`);
const warned = (change: Change = {}, seen = built(), settings: object = {}): readonly string[] =>
  projectWarnings(caseOf(change, seen, settings));

test("an empty project, and what an up has left there: nothing to say but the limit that nobody knows", () => {
  expect(told({}, EMPTY)).toEqual([]);
  expect(told()).toEqual([]);
  expect(warned()).toEqual([]);
  expect(warned({}, EMPTY)).toEqual([expect.stringMatching(/^10 servers are to be made where there are 0\. No API/)]);
  expect(warned({}, EMPTY, { serverLimit: 10 })).toEqual([]);
});

test("another stack in the project: that alone is told", () => {
  const prod = { ...labels, stack: "prod" };
  const seen = built();
  const others = { ...seen.others, firewalls: [{ name: "bastion", labels: prod }] };
  const servers = seen.servers.map((one) => ({ ...one, labels: prod }));
  expect(told({ image: "debian-12" }, { ...seen, servers, others })).toEqual([
    "hcloud:token: a Hetzner project that holds stack prod (10 servers, 1 firewalls)",
  ]);
  // Somebody's own machine is no stack.
  const guests = seen.servers.slice(0, 1).map((one) => ({ ...one, name: "guest", labels: {}, private_net: [] }));
  expect(told({}, { ...seen, servers: [...seen.servers, ...guests] })).toEqual([]);
});

test("the limit counts what is there, and is asked for only where something is made", () => {
  expect(told({}, EMPTY, { serverLimit: 9 })).toEqual([
    "keybuzz:serverLimit: 9, where 0 servers are there and 10 are to be made",
  ]);
  expect(told({}, EMPTY, { serverLimit: 10 })).toEqual([]);
  expect(told({}, built(), { serverLimit: 5 })).toEqual([]);
});

test("an address that another has: one that goes, one that stays, and a balancer", () => {
  const renamed = host("staging-redis-01", { name: "staging-redis-02" });
  expect(told(renamed)).toEqual(['hosts[6].address: "10.1.0.123" for staging-redis-02, which staging-redis-01 has']);
  expect(projectMistakes(caseOf(renamed, built(), {}))[0]?.fix).toContain("takes staging-redis-01 away, and then");
  const taken = host("staging-redis-01", { address: "10.1.0.126" });
  expect(told(taken)).toEqual(['hosts[6].address: "10.1.0.126" for staging-redis-01, which staging-queue-01 has']);
  expect(projectMistakes(caseOf(taken, built(), {}))[0]?.fix).toContain("in two runs");
  expect(told(host("staging-redis-01", { address: "10.1.0.5" }))).toEqual([
    'hosts[6].address: "10.1.0.5" for staging-redis-01, which staging-lb-keybuzz-1 has',
  ]);
  expect(told(host("staging-redis-01", { address: "10.1.0.99" }))).toEqual([]);
});

test("a smaller disk, another architecture, a type that is sold out; a larger one passes", () => {
  const db = (serverType: string) => host("staging-db-01", { serverType });
  expect(told(db("cx23"))).toEqual([
    'hosts[5].serverType: "cx23" for staging-db-01, which is a cx33: its disk of 80 GB does not fit 40 GB',
  ]);
  expect(told(db("cax11"))).toEqual(['hosts[5].serverType: "cax11" for staging-db-01, which is a cx33: that is arm']);
  expect(told(db("cx43"))).toEqual([]);
  const seen = built();
  const soldOut = {
    ...seen,
    serverTypes: seen.serverTypes.map((type) =>
      type.name === "cx43" ? { ...type, locations: [{ name: "nbg1", available: false }] } : type,
    ),
  };
  expect(told(db("cx43"), soldOut)).toEqual([
    'hosts[5].serverType: "cx43" for staging-db-01, which is a cx33: sold out in nbg1 now',
  ]);
  // What is there needs no room.
  expect(told({}, soldOut)).toEqual([]);
  expect(warned({}, { ...soldOut, servers: [] }, { serverLimit: 99 })).toEqual([
    expect.stringMatching(/^staging-k3s-worker-01: cx43 is sold out in nbg1 now/),
    expect.stringMatching(/^staging-k3s-worker-02: cx43/),
  ]);
});

test("nothing moves: location, image, network; but for those that may go, and those that were upgraded", () => {
  expect(told(host("staging-db-01", { location: "fsn1" }))).toEqual([
    'hosts[5].location: "fsn1", while staging-db-01 is in nbg1',
  ]);
  expect(told(host("staging-db-01", { location: "fsn1" }), built(), { consentToDelete: ["staging-db-01"] })).toEqual(
    [],
  );
  const moved = told({ location: "fsn1" });
  expect(moved).toHaveLength(12);
  expect(moved.slice(-2)).toEqual([
    'location: "fsn1", while staging-lb-data is in nbg1',
    'location: "fsn1", while staging-lb-keybuzz-1 is in nbg1',
  ]);
  expect(told({ location: "fsn1" }, built(), { consentToDelete: ["staging"] })).toEqual([]);
  const upgradedHosts = staging.hosts.slice(1).map(({ name }) => name);
  expect(told({ image: "debian-12" }, built(), { upgradedHosts })).toEqual([
    'image: "debian-12", while staging-bastion-01 was made from ubuntu-24.04',
  ]);
  expect(told({ network: { ...staging.network, subnetCidr: "10.1.0.0/17" } })).toEqual([
    'network.subnetCidr: "10.1.0.0/17", while network keybuzz-staging has 10.1.0.0/16',
  ]);
});

test("a cluster that grows from one: the running one cannot join the group that is made; off it can", () => {
  const second = { name: "staging-redis-02", role: "redis", address: "10.1.0.124", serverType: "cx23" } as const;
  const grown = { hosts: [...staging.hosts, second] };
  expect(told(grown)).toEqual([
    "hosts: staging-redis-01, which runs in no placement group, and is to be in placement group 1 of its cluster",
  ]);
  const seen = built();
  const off = seen.servers.map((one) => (one.name === "staging-redis-01" ? { ...one, status: "off" } : one));
  expect(told(grown, { ...seen, servers: off })).toEqual([]);
  expect(warned({}, { ...seen, servers: off })).toEqual([
    expect.stringMatching(/^staging-redis-01 is there and off.*hcloud server poweron staging-redis-01$/),
  ]);
  // And one that shrinks to one.
  const alone = { hosts: staging.hosts.filter(({ name }) => name !== "staging-k3s-worker-02") };
  expect(told(alone)).toEqual([
    "hosts: staging-k3s-worker-01, which runs in k3sAgents-hosts, and is to be in no placement group",
  ]);
  // A group that was adopted, with a name of its own, is not judged by it.
  const adopted = { ...seen.others, placement_groups: [{ name: "k3sAgents-hosts", labels: {} }] };
  expect(told(alone, { ...seen, others: adopted })).toEqual([]);
});

import { appliedChoiceMistakes, appliedLabels } from "../../stacks/appliedChoices";
import { consentMistakes } from "../../stacks/consentRules";
import type { Environment } from "../../stacks/environment";
import type { ProjectFacts } from "../../stacks/observeProject";
import { environment as prod } from "../../stacks/prod";
import { voterAddressMistakes } from "../../stacks/voterAddresses";

const NETWORK = 7;

/** Servers as an up of this environment leaves them. */
const built = (environment: Environment): Pick<ProjectFacts, "servers" | "networks"> => ({
  networks: [{ id: NETWORK, name: `keybuzz-${environment.name}`, labels: {}, ip_range: "10.0.0.0/16", subnets: [] }],
  servers: environment.hosts.map((host, i) => ({
    id: i,
    name: host.name,
    labels: appliedLabels(host, environment),
    status: "running",
    location: { name: "fsn1" },
    server_type: { name: host.serverType, architecture: "x86" },
    image: null,
    primary_disk_size: 40,
    private_net: [{ network: NETWORK, ip: host.address }],
  })),
});
const told = (wanted: Environment, seen = built(prod)): readonly string[] =>
  appliedChoiceMistakes(wanted, seen).map(({ path, found, allowed, fix }) => `${path}: ${found}; ${allowed}; ${fix}`);
const databases = "db-master-01, db-slave-01, db-slave-02 were last to have";

describe("what a cluster is made with stays", () => {
  test("nothing is said of an estate as it stands, of one without labels, and of one that is to be made", () => {
    expect(told(prod)).toEqual([]);
    const { servers, networks } = built(prod);
    const other = { ...prod, postgres: { version: 17, dcs: "raft" } } as const;
    expect(told(other, { networks, servers: servers.map((one) => ({ ...one, labels: {} })) })).toEqual([]);
    expect(told(other, { networks, servers: [] })).toEqual([]);
  });

  test.each([
    [
      "a newer PostgreSQL",
      { postgres: { ...prod.postgres, version: 17 } },
      `postgres.version: "17", while ${databases}`,
    ],
    ["an older one", { postgres: { ...prod.postgres, version: 15 } }, `postgres.version: "15", while ${databases}`],
    ["another DCS", { postgres: { ...prod.postgres, dcs: prod.postgres.dcs === "raft" ? "etcd" : "raft" } }, databases],
    [
      "the Gateway API instead of ingress-nginx",
      { kubernetes: { ...prod.kubernetes, ingress: { kind: "gateway", className: "envoy" } } },
      'kubernetes.ingress: "gateway", while k3s-master-01, k3s-master-02, k3s-master-03 were last to have nginx',
    ],
    [
      "more drives",
      { hosts: [...prod.hosts, { name: "minio-02", role: "minio", address: "10.0.0.135", serverType: "cx33" }] },
      'hosts: "2", while minio-01 was last to have 1',
    ],
    [
      "a duty that moves",
      { hosts: prod.hosts.map((host) => (host.duty === "ai" ? { ...host, duty: "general" } : host)) },
      '.duty: "general", while k3s-worker-03 was last to have ai',
    ],
  ] as readonly (readonly [string, Partial<Environment>, string])[])(
    "%s is refused, with what to do",
    (_what, change, text) => {
      const all = told({ ...prod, ...change });
      expect(all).toHaveLength(1);
      expect(all[0]).toContain(text);
      expect(all[0]).toMatch(/leave \S+; .*hcloud server remove-label \S+ \S+/);
    },
  );

  test("a worker more or fewer is none of these", () => {
    expect(told({ ...prod, hosts: prod.hosts.filter(({ name }) => name !== "k3s-worker-05") })).toEqual([]);
  });
});

describe("addresses of who votes", () => {
  const moved = (name: string): Environment => ({
    ...prod,
    hosts: prod.hosts.map((host) => (host.name === name ? { ...host, address: "10.0.0.250" } : host)),
  });
  const at = (environment: Environment, ...consent: string[]): readonly string[] =>
    voterAddressMistakes(environment, built(prod), (name) => consent.includes(name)).map(({ found }) => found);

  test("stay, but for one whose end somebody consented to; a worker's may change", () => {
    expect(at(prod)).toEqual([]);
    expect(at(moved("db-slave-01"))).toEqual(['"10.0.0.250" for db-slave-01, which is at 10.0.0.121']);
    expect(at(moved("db-slave-01"), "db-slave-01")).toEqual([]);
    expect(at(moved("k3s-worker-01"))).toEqual([]);
  });
});

describe("consent to all machines of a role that does not vote", () => {
  test("is refused for more than one, and given for each alone or for the whole stack", () => {
    const found = (...consent: string[]): readonly string[] => consentMistakes(prod, consent).map((one) => one.found);
    expect(found("haproxy-01", "haproxy-02")).toEqual(['["haproxy-01","haproxy-02"], all with role "haproxy" at once']);
    expect(found("haproxy-01")).toEqual([]);
    expect(found("minio-01", "bastion-01")).toEqual([]);
    expect(found("haproxy-01", "haproxy-02", prod.name)).toEqual([]);
  });
});

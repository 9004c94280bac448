import { cidrContains, cidrsOverlap, isCidr, nthAddress } from "../../../components/topology/addresses";
import { cloudRules } from "../../../components/topology/cloudRules";
import { hostRules, type RuleContext } from "../../../components/topology/hostRules";
import {
  ANY_POD,
  INTERNET,
  type Hosts,
  type LoadBalancer,
  type Operators,
  type Pods,
} from "../../../components/topology/party";
import { podRules } from "../../../components/topology/podRules";
import { Topology } from "../../../components/topology/topology";

const node: Hosts = { kind: "hosts", group: "nodes", hosts: [{ name: "node-01", address: "10.0.0.100" }] };
const proxies: Hosts = {
  kind: "hosts",
  group: "haproxy",
  hosts: [
    { name: "haproxy-01", address: "10.0.0.11" },
    { name: "haproxy-02", address: "10.0.0.12" },
  ],
};
const databases: Hosts = {
  kind: "hosts",
  group: "postgres",
  hosts: [
    { name: "db-01", address: "10.0.0.120" },
    { name: "db-02", address: "10.0.0.121" },
  ],
};
const lb: LoadBalancer = { kind: "loadBalancer", name: "lb-data", address: "10.0.0.10", public: false };
const app: Pods = { kind: "pods", namespace: "chatwoot", app: "web" };
const operators: Operators = { kind: "operators", cidrs: ["203.0.113.0/24"] };
const context: RuleContext = {
  addresses: {
    networkCidr: "10.0.0.0/16",
    podCidr: "10.233.64.0/18",
    workloadPoolCidr: "10.233.96.0/19",
    tunnelPoolCidr: "10.233.64.0/24",
    serviceCidr: "10.233.0.0/18",
  },
  nodes: node.hosts,
};
const check = { intervalSeconds: 3, timeoutSeconds: 2, retries: 2 };

function database(): { topology: Topology; connect: () => unknown } {
  const topology = new Topology();
  const postgres = topology.endpoint({ id: "patroni/postgres", provider: databases, port: 5432, protocol: "tcp" });
  const proxied = topology.listen({
    id: "haproxy/postgres",
    on: proxies,
    port: 5432,
    backend: postgres,
    healthCheck: { kind: "http", port: 8008, path: "/primary", statuses: [200], ...check },
    mode: "tcp",
  });
  const balanced = topology.listen({
    id: "postgres/leader",
    on: lb,
    port: 5432,
    backend: proxied,
    healthCheck: { kind: "tcp", port: 5432, ...check },
    mode: "tcp",
  });
  return { topology, connect: () => topology.connect(app, balanced, "Chatwoot's database") };
}

describe("flows", () => {
  test("asking for an address records the flow", () => {
    const { topology, connect } = database();
    expect(topology.flows.some((flow) => flow.from === app)).toBe(false);
    expect(connect()).toMatchObject({ host: "10.0.0.10", port: 5432 });
    expect(topology.flows.filter((flow) => flow.from === app)).toHaveLength(1);
  });

  test("several hosts have no single address", () => {
    const topology = new Topology();
    const endpoint = topology.endpoint({ id: "x", provider: databases, port: 1, protocol: "tcp" });
    expect(() => topology.connect(app, endpoint, "x")).toThrow(/put it behind a balancer/);
    expect(topology.flows).toEqual([]);
  });

  test("one port serves one endpoint", () => {
    const { topology } = database();
    expect(() => topology.endpoint({ id: "other", provider: lb, port: 5432, protocol: "tcp" })).toThrow(
      /"postgres\/leader" and "other" both want tcp port 5432/,
    );
    expect(() => topology.endpoint({ id: "postgres/leader", provider: lb, port: 1, protocol: "tcp" })).toThrow(
      /declared twice/,
    );
  });

  test("an endpoint of another topology is refused", () => {
    const stray = new Topology().endpoint({ id: "stray", provider: lb, port: 9, protocol: "tcp" });
    expect(() => new Topology().allow(app, stray, "x")).toThrow(/was not declared/);
  });
});

describe("host rules", () => {
  test("each hop opens for the hop before it, and for its health check", () => {
    const { topology, connect } = database();
    connect();
    expect(hostRules(topology, databases.hosts[0]!, context).map(({ from, port }) => `${from}:${port}`)).toEqual([
      "10.0.0.11:5432",
      "10.0.0.12:5432",
      "10.0.0.11:8008",
      "10.0.0.12:8008",
    ]);
    expect(hostRules(topology, proxies.hosts[0]!, context).map(({ from, port }) => `${from}:${port}`)).toEqual([
      "10.0.0.10:5432",
    ]);
  });

  test("a host never opens for itself, and a mesh opens for the others", () => {
    const topology = new Topology();
    topology.mesh(databases, { id: "etcd/peer", port: 2380 }, "etcd");
    expect(hostRules(topology, databases.hosts[0]!, context).map((rule) => rule.from)).toEqual(["10.0.0.121"]);
  });

  test("many sources of one port are blocks of exactly their addresses, without the host's own", () => {
    const mesh = (count: number): readonly string[] => {
      const hosts = Array.from({ length: count }, (_, index) => ({ name: `n-${index}`, address: `10.0.7.${index}` }));
      const topology = new Topology();
      topology.mesh({ kind: "hosts", group: "many", hosts }, { id: "many/gossip", port: 7946 }, "gossip");
      return hostRules(topology, hosts[5]!, context).map(({ from }) => from);
    };
    expect(mesh(17)).toHaveLength(16);
    expect(mesh(17)).toContain("10.0.7.4");
    // 0 to 31 without 5.
    expect(mesh(32)).toEqual(["10.0.7.0/30", "10.0.7.4", "10.0.7.6/31", "10.0.7.8/29", "10.0.7.16/28"]);
  });

  test("addresses are one block only where the reason is one", () => {
    const many = (group: string, first: number): Hosts => ({
      kind: "hosts",
      group,
      hosts: Array.from({ length: 20 }, (_, index) => ({
        name: `${group}-${index}`,
        address: `10.0.8.${first + index}`,
      })),
    });
    const topology = new Topology();
    const endpoint = topology.endpoint({ id: "postgres", provider: databases, port: 5432, protocol: "tcp" });
    topology.allow(many("left", 0), endpoint, "reports");
    topology.allow(many("right", 20), endpoint, "imports");
    expect(hostRules(topology, databases.hosts[0]!, context).map(({ from, reason }) => `${from} ${reason}`)).toEqual([
      "10.0.8.0/28 reports",
      "10.0.8.16/30 reports",
      "10.0.8.20/30 imports",
      "10.0.8.24/29 imports",
      "10.0.8.32/29 imports",
    ]);
  });

  test("pods arrive from their node and from the pod network (the first incident)", () => {
    const topology = new Topology();
    const minio: Hosts = { kind: "hosts", group: "minio", hosts: [{ name: "minio-01", address: "10.0.0.134" }] };
    const endpoint = topology.endpoint({ id: "minio/api", provider: minio, port: 9000, protocol: "tcp" });
    topology.connect(app, endpoint, "files");
    expect(hostRules(topology, minio.hosts[0]!, context).map((rule) => rule.from)).toEqual([
      "10.0.0.100",
      "10.233.64.0/18",
    ]);
  });

  test("whom operators' networks are is Hetzner's firewall's to say: the host admits all but the private network", () => {
    const topology = new Topology();
    const bastion: Hosts = { kind: "hosts", group: "bastion", hosts: [{ name: "bastion-01", address: "10.0.0.9" }] };
    const ssh = topology.endpoint({ id: "bastion/ssh", provider: bastion, port: 22, protocol: "tcp" });
    topology.allow(operators, ssh, "operators log in");
    topology.allow(node, ssh, "inside");
    const rules = hostRules(topology, bastion.hosts[0]!, context).map(({ action = "allow", from }) => [action, from]);
    expect(rules).toEqual([
      ["allow", "0.0.0.0/0"],
      ["deny", context.addresses.networkCidr],
      ["allow", "10.0.0.100"],
    ]);
  });

  test("a NodePort is filtered as the port behind it", () => {
    const topology = new Topology();
    const ingress = topology.endpoint({ id: "ingress", provider: node, port: 31695, localPort: 80, protocol: "tcp" });
    topology.allow(lb, ingress, "web");
    expect(hostRules(topology, node.hosts[0]!, context).map((rule) => rule.port)).toEqual([80]);
  });
});

describe("Hetzner firewall rules", () => {
  test("operators only; the private network is not its business", () => {
    const topology = new Topology();
    const bastion: Hosts = { kind: "hosts", group: "bastion", hosts: [{ name: "bastion-01", address: "10.0.0.9" }] };
    const ssh = topology.endpoint({ id: "bastion/ssh", provider: bastion, port: 22, protocol: "tcp" });
    topology.allow(operators, ssh, "operators log in");
    topology.allow(node, ssh, "inside");
    expect(cloudRules(topology, "bastion")).toEqual([
      { protocol: "tcp", port: 22, sourceCidrs: ["203.0.113.0/24"], description: "operators log in" },
    ]);
    expect(cloudRules(topology, "postgres")).toEqual([]);
  });

  test("no host opens to the internet", () => {
    const { topology } = database();
    topology.allow(
      INTERNET,
      topology.endpoints.find((endpoint) => endpoint.id === "patroni/postgres")!,
      "oops",
    );
    expect(() => cloudRules(topology, "postgres")).toThrow(/to the internet; publish it on a public load balancer/);
  });
});

describe("pod rules", () => {
  test("both ends of a flow get their half, and nobody else anything", () => {
    const { topology, connect } = database();
    connect();
    const web = topology.endpoint({
      id: "chatwoot/web",
      provider: app,
      port: 3000,
      protocol: "tcp",
      host: "chatwoot-web.chatwoot.svc",
    });
    topology.allow(node, web, "ingress");
    topology.allow(ANY_POD, web, "probe");
    const [rules, ...others] = podRules(topology, context);
    expect(others).toEqual([]);
    expect(rules?.egress).toEqual([
      { peers: [{ kind: "cidr", cidr: "10.0.0.10/32" }], port: 5432, protocol: "tcp", reason: "Chatwoot's database" },
    ]);
    expect(rules?.ingress.map((rule) => rule.peers)).toEqual([
      [
        { kind: "cidr", cidr: "10.0.0.100/32" },
        { kind: "cidr", cidr: "10.233.64.0/24" },
      ],
      [{ kind: "anyPod" }],
    ]);
  });
});

test("a flow to the internet opens nothing inside of the estate", () => {
  const topology = new Topology();
  topology.allow(
    app,
    topology.endpoint({ id: "internet/https", provider: INTERNET, port: 443, protocol: "tcp" }),
    "webhooks",
  );
  expect(podRules(topology, context)[0]?.egress[0]?.peers).toEqual([
    { kind: "cidr", cidr: "0.0.0.0/0", except: ["10.0.0.0/16", "10.233.64.0/18", "10.233.0.0/18", "169.254.0.0/16"] },
  ]);
});

describe("addresses", () => {
  test("networks", () => {
    expect(cidrContains("10.0.0.0/16", "10.0.255.255")).toBe(true);
    expect(cidrContains("10.0.0.0/16", "10.1.0.0")).toBe(false);
    expect(cidrsOverlap("10.233.64.0/18", "10.233.96.0/19")).toBe(true);
    expect(cidrsOverlap("10.233.64.0/24", "10.233.96.0/19")).toBe(false);
    expect(nthAddress("10.0.0.0/16", 1)).toBe("10.0.0.1");
    expect(nthAddress("10.0.0.0/16", 257)).toBe("10.0.1.1");
    expect(() => nthAddress("10.0.0.0/30", 4)).toThrow(/within 10\.0\.0\.0\/30/);
    expect(isCidr("2001:db8::/32")).toBe(true);
    expect(isCidr("2001:db8::1/32")).toBe(false);
    expect(isCidr("10.0.0.1/16")).toBe(false);
    expect(() => cidrContains("10.0.0.0", "10.0.0.1")).toThrow(/not an IPv4 network/);
  });
});

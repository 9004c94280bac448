import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { partyKey } from "../../components/topology/party";
import type { DataPorts } from "../../stacks/environment";
import { knownStacks, loadEnvironment } from "../../stacks/loadEnvironment";
import { planEstate } from "../../stacks/plan";
import type { HostRole } from "../../stacks/roles";
import type { Settings } from "../../stacks/stackConfig";
import { identities, readRecord } from "../../tools/identities";
import { previewStack, type Registered } from "../support/previewStack";

const SETTINGS: Settings = {
  operatorCidrs: ["203.0.113.7/32"],
  operators: [],
  bastionSshPort: 22,
  bastionKubernetesPort: 6443,
  consentToDelete: [],
};
/** Whose hosts must be there for a port of the data load balancer to lead anywhere. */
const BEHIND: Readonly<Record<keyof DataPorts, HostRole>> = {
  postgres: "postgres",
  postgresReplicas: "postgres",
  pgbouncer: "postgres",
  redis: "redis",
  rabbitmq: "rabbitmq",
  kubernetesApi: "k3sServer",
};
const GALERA_PORTS = [4444, 4567, 4568];

/** Every string and number under a value, with the path to it. */
function leaves(value: unknown, path = ""): readonly (readonly [string, unknown])[] {
  if (typeof value !== "object" || value === null) return [[path, value]];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, `${path}.${key}`));
}

describe.each(knownStacks())("the graph of %s", (stack) => {
  const environment = loadEnvironment(stack);
  const plan = planEstate(environment, SETTINGS);
  const dir = mkdtempSync(join(tmpdir(), "keybuzz-graph-"));
  let resources: readonly Registered[] = [];

  beforeAll(async () => {
    resources = await previewStack(stack, dir);
  }, 120_000);
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  const ofType = (type: string): readonly Registered[] => resources.filter((resource) => resource.type === type);

  test("an engine knows everything by the name that is written down", () => {
    // Providers that no program names are the engine's own.
    const own = resources.filter(
      ({ type, name }) => !(type.startsWith("pulumi:providers:") && name.startsWith("default")),
    );
    expect(identities(own)).toEqual(readRecord(stack));
  });

  test("every host of the environment, at its address, and no other", () => {
    const servers = ofType("hcloud:index/server:Server");
    const seen = servers.map(({ name, inputs }) => [name, (inputs["networks"] as { ip: string }[])[0]?.ip]);
    expect(new Map(seen as [string, string][])).toEqual(
      new Map(environment.hosts.map((host) => [host.name, host.address])),
    );
    expect(servers).toHaveLength(environment.hosts.length);
  });

  test("only the bastion has a public address", () => {
    const open = ofType("hcloud:index/server:Server").filter(
      ({ inputs }) => (inputs["publicNets"] as { ipv4Enabled: boolean }[])[0]?.ipv4Enabled,
    );
    expect(open.map(({ name }) => name)).toEqual(plan.parties.hosts("bastion").hosts.map(({ name }) => name));
  });

  test("load balancers have their addresses, and only the web ones a public interface", () => {
    const expected = [
      environment.dataLoadBalancer,
      environment.mariadbLoadBalancer,
      ...environment.web.loadBalancers,
    ].flatMap((lb) => (lb === undefined ? [] : [[`${lb.name}-network`, lb.address]]));
    const seen = ofType("hcloud:index/loadBalancerNetwork:LoadBalancerNetwork");
    expect(seen.map(({ name, inputs }) => [name, inputs["ip"]]).sort()).toEqual(expected.sort());
    const open = seen.filter(({ inputs }) => inputs["enablePublicInterface"] === true).map(({ name }) => name);
    expect(open.sort()).toEqual(environment.web.loadBalancers.map((lb) => `${lb.name}-network`).sort());
  });

  test("the data load balancer serves exactly its ports, the MariaDB one 3306, the web ones 443 to the NodePort", () => {
    const services = ofType("hcloud:index/loadBalancerService:LoadBalancerService");
    const ports = (lb: string): readonly unknown[] =>
      services
        .filter(({ name }) => name.startsWith(`${lb}-service-`))
        .map(({ inputs }) => inputs["listenPort"])
        .sort();
    const served = Object.entries(environment.dataLoadBalancer.ports).filter(([service]) =>
      environment.hosts.some(({ role }) => role === BEHIND[service as keyof DataPorts]),
    );
    expect(ports(environment.dataLoadBalancer.name)).toEqual(served.map(([, port]) => port).sort());
    if (environment.mariadbLoadBalancer !== undefined)
      expect(ports(environment.mariadbLoadBalancer.name)).toEqual([3306]);
    for (const lb of environment.web.loadBalancers) {
      const [web, ...others] = services.filter(({ name }) => name.startsWith(`${lb.name}-service-`));
      expect(others).toEqual([]);
      expect(web?.inputs).toMatchObject({
        protocol: "https",
        listenPort: 443,
        destinationPort: environment.kubernetes.ingressNodePort,
        healthCheck: {
          protocol: "http",
          port: environment.kubernetes.ingressNodePort,
          http: { path: "/healthz", statusCodes: ["200"] },
        },
        http: { redirectHttp: true, timeoutIdle: environment.web.idleTimeoutSeconds },
      });
    }
  });

  test("Galera's ports are on no load balancer", () => {
    const ports = ofType("hcloud:index/loadBalancerService:LoadBalancerService").flatMap(({ inputs }) => [
      inputs["listenPort"],
      inputs["destinationPort"],
    ]);
    for (const port of GALERA_PORTS) expect(ports).not.toContain(port);
  });

  test("every node is a target of every web load balancer", () => {
    for (const lb of environment.web.loadBalancers) {
      const targets = ofType("hcloud:index/loadBalancerTarget:LoadBalancerTarget").filter(({ name }) =>
        name.startsWith(`${lb.name}-target-`),
      );
      expect(targets.map(({ name }) => name.slice(`${lb.name}-target-`.length)).sort()).toEqual(
        plan.services.k3s.nodes.hosts.map(({ name }) => name).sort(),
      );
      expect(targets.every(({ inputs }) => inputs["usePrivateIp"] === true)).toBe(true);
    }
  });

  test("nothing is open to the whole internet but the web ports of the web load balancers", () => {
    const exposed = plan.topology.flows.filter(({ from }) => from.kind === "internet");
    expect(exposed.map(({ to }) => `${partyKey(to.provider)}:${to.port}`).sort()).toEqual(
      plan.parties.webLbs.flatMap((lb) => [`loadBalancer/${lb.name}:443`, `loadBalancer/${lb.name}:80`]).sort(),
    );
    const inbound = resources
      .filter(({ type }) => type.startsWith("hcloud:"))
      .flatMap(({ name, inputs }) => leaves(inputs).map(([path, value]) => [name, path, value] as const))
      .filter(([name, , value]) => (value === "0.0.0.0/0" || value === "::/0") && !name.endsWith("-nat"));
    expect(inbound).toEqual([]);
    // The whole internet may not open a connection to any host or pod: on the bastion, Hetzner's firewall says who may.
    for (const host of plan.hosts) {
      const rules = host.config.files.find((file) => file.path === "/etc/ufw/user.rules")?.content ?? "";
      expect(rules).toMatch(/### RULES ###/);
      const lines = rules.split("\n").filter((line) => line.startsWith("-A ufw-user-input"));
      const open = lines.filter((line) => line.endsWith("-j ACCEPT") && !/ -s \S+/.test(line));
      expect(open.length).toBe(host.public ? 2 : 0);
      const closed = (line: string): string =>
        line.replace(" -j ACCEPT", ` -s ${environment.network.networkCidr} -j DROP`);
      for (const line of open) expect(lines.slice(0, lines.indexOf(line))).toContain(closed(line));
    }
    for (const policy of plan.networkPolicies) {
      const from = (policy.spec.ingress ?? []).flatMap((rule) => rule.from);
      expect(from.filter((peer) => "ipBlock" in peer && peer.ipBlock.cidr === "0.0.0.0/0")).toEqual([]);
    }
  });

  test("UFW is on everywhere", () => {
    for (const host of plan.hosts) {
      expect(host.config.units.find((unit) => unit.name === "ufw.service")).toMatchObject({
        enabled: true,
        state: "running",
      });
      expect(host.config.files.find((file) => file.path === "/etc/ufw/ufw.conf")?.content).toMatch(/^ENABLED=yes$/m);
    }
  });

  test("the ingress is a hostNetwork DaemonSet that every node may run", () => {
    const named = new Map(
      ofType("kubernetes:apps/v1:DaemonSet").map((set) => [(set.inputs["metadata"] as { name: string }).name, set]),
    );
    // On every node: the ingress and, where the estate is watched, what watches the node. Nothing else.
    const allowed = ["ingress-nginx-controller", ...(environment.monitoring === undefined ? [] : ["node-exporter"])];
    expect([...named.keys()].sort()).toEqual(allowed);
    const daemonSet = named.get("ingress-nginx-controller");
    const spec = (daemonSet?.inputs["spec"] as { template: { spec: Record<string, unknown> } }).template.spec;
    expect(spec).toMatchObject({
      hostNetwork: true,
      dnsPolicy: "ClusterFirstWithHostNet",
      tolerations: [{ operator: "Exists" }],
    });
    // Linux is all that it asks of a node.
    expect(Object.keys(spec["nodeSelector"] ?? {})).toEqual(["kubernetes.io/os"]);
    expect(spec).not.toHaveProperty("affinity");
    if (stack === "prod") expect(plan.services.k3s.nodes.hosts).toHaveLength(8);
  });

  test("records of every public host, with the environment's TTL, name every web load balancer", () => {
    const records = ofType("hcloud:index/zoneRrset:ZoneRrset");
    for (const host of plan.publicHosts) {
      const record = records.find(({ name }) => name === `dns-a-${host}`);
      expect(record?.inputs).toMatchObject({ type: "A", ttl: environment.web.dnsTtlSeconds });
      expect(record?.inputs["records"]).toHaveLength(environment.web.loadBalancers.length);
    }
    if (stack === "prod") expect(environment.web.dnsTtlSeconds).toBe(60);
  });

  test("every resource but the stack has a parent", () => {
    const orphans = resources.filter(
      ({ type, parent }) => parent === "" && type !== "pulumi:pulumi:Stack" && !type.startsWith("pulumi:providers:"),
    );
    expect(orphans.map(({ urn }) => urn)).toEqual([]);
    // Everything of ours is inside of a component, not loose at the top.
    const [root] = ofType("pulumi:pulumi:Stack");
    const top = resources.filter(({ parent, type }) => parent === root?.urn && !type.startsWith("pulumi:providers:"));
    expect(top.map(({ type }) => type)).toEqual(["keybuzz:stacks:Platform"]);
  });

  test("secrets are secret: scripts, keys, kubeconfig, Kubernetes Secrets, certificates' keys", () => {
    for (const { name, inputs } of ofType("command:remote:Command")) {
      if (inputs["stdin"] !== undefined) expect([name, inputs["stdin"]]).toEqual([name, "[secret]"]);
      // @pulumi/command marks the whole connection.
      expect([name, inputs["connection"]]).toEqual([name, "[secret]"]);
    }
    for (const { name, inputs } of ofType("kubernetes:core/v1:Secret")) {
      const data = (inputs["stringData"] ?? inputs["data"]) as Record<string, unknown> | string;
      const values = typeof data === "string" ? [data] : Object.values(data);
      expect([name, [...new Set(values)]]).toEqual([name, ["[secret]"]]);
    }
    for (const { inputs } of ofType("hcloud:index/uploadedCertificate:UploadedCertificate"))
      expect(inputs["privateKey"]).toBe("[secret]");
    const configMaps = ofType("kubernetes:core/v1:ConfigMap").flatMap(({ name, inputs }) =>
      leaves(inputs).map(([path, value]) => [name, path, value]),
    );
    expect(configMaps.filter(([, , value]) => value === "[secret]" || /<<secret:/.test(String(value)))).toEqual([]);
    const users = ofType("hcloud:index/server:Server").map(({ inputs }) => String(inputs["userData"]));
    for (const userData of users) expect(userData).not.toMatch(/PRIVATE KEY|<<secret:|\[secret\]/);
  });

  test("addresses and names are known in a first preview", () => {
    const known: Readonly<Record<string, readonly string[]>> = {
      "hcloud:index/server:Server": ["name", "serverType", "image", "location"],
      "hcloud:index/loadBalancerNetwork:LoadBalancerNetwork": ["ip"],
      "hcloud:index/loadBalancerService:LoadBalancerService": ["listenPort", "destinationPort", "protocol"],
      "hcloud:index/networkSubnet:NetworkSubnet": ["ipRange"],
    };
    for (const [type, properties] of Object.entries(known)) {
      for (const { name, inputs } of ofType(type))
        for (const property of properties)
          expect([name, property, inputs[property]]).not.toEqual([name, property, "[unknown]"]);
    }
    const unknown = resources
      // A certificate that signs for a webhook is made during the run.
      .filter(({ type }) => type.startsWith("kubernetes:") && !type.endsWith(":Secret"))
      .flatMap(({ urn, inputs }) =>
        leaves(inputs)
          .filter(([path, value]) => value === "[unknown]" && !/checksum|caBundle/.test(path))
          .map(([path]) => `${urn} ${path}`),
      );
    expect(unknown).toEqual([]);
  });

  test("what holds data is protected, in Pulumi and at Hetzner, exactly where the environment says so", () => {
    const stateful = new Set(plan.hosts.filter((host) => host.stateful).map((host) => host.name));
    for (const server of ofType("hcloud:index/server:Server")) {
      const wanted = environment.protect && stateful.has(server.name);
      expect([server.name, server.protect, server.inputs["deleteProtection"]]).toEqual([server.name, wanted, wanted]);
    }
    for (const lb of ofType("hcloud:index/loadBalancer:LoadBalancer"))
      expect([lb.name, lb.protect]).toEqual([lb.name, environment.protect]);
  });
});

import { bastionApiForward } from "../../../components/balancing/bastionApiForward";
import { HAPROXY_CHECK, sectionName } from "../../../components/balancing/haproxyListener";
import { HaproxyService } from "../../../components/balancing/haproxyService";
import { isIpv4 } from "../../../components/topology/addresses";
import { partyKey } from "../../../components/topology/party";
import { CHATWOOT, DATA_LB, dataTier, fileOf, first, hostsOf, readable } from "../data/support/dataTier";

const CONFIG = "/etc/haproxy/haproxy.cfg";

function haproxyConfigOf(index = 0): string {
  const { haproxy } = dataTier();
  return fileOf(haproxy.fragment(haproxy.hosts.hosts[index] ?? first(haproxy.hosts)), CONFIG);
}

/** The lines of one section, without their indent. */
function section(config: string, header: string): readonly string[] {
  const lines = config.split("\n");
  const start = lines.indexOf(header);
  if (start < 0) throw new Error(`no section "${header}"`);
  const end = lines.findIndex((line, index) => index > start && !line.startsWith("    "));
  return lines.slice(start + 1, end).map((line) => line.trim());
}

describe("publishing a cluster", () => {
  it("makes the load balancer's port lead to HAProxy's, and that to the cluster, each with its health check", () => {
    const { topology, haproxy } = dataTier();
    const balancer = topology.listenersOn(DATA_LB).find(({ endpoint }) => endpoint.id === "postgres/leader");
    expect(balancer).toMatchObject({
      mode: "tcp",
      backend: { id: "haproxy/postgres/leader", port: 5432 },
      healthCheck: { kind: "http", port: 8404, path: "/health/postgres-leader", statuses: [200] },
    });
    const own = topology.listenersOn(haproxy.hosts).find(({ endpoint }) => endpoint.id === "haproxy/postgres/leader");
    expect(own).toMatchObject({
      backend: { id: "postgres/member" },
      healthCheck: { kind: "http", port: 8008, path: "/primary" },
    });
  });

  it("lets the load balancer reach the health port and the published ports, and nothing else", () => {
    const { topology } = dataTier();
    const ports = topology.flows
      .filter(({ from, to }) => partyKey(from) === "loadBalancer/lb-data" && partyKey(to.provider) === "hosts/haproxy")
      .map(({ to }) => to.port);
    expect([...new Set(ports)].sort((a, b) => a - b)).toEqual([5432, 5433, 5672, 6379, 6432, 8404]);
  });

  it("keeps within the limits of Hetzner's health checks", () => {
    for (const { healthCheck } of dataTier().topology.listenersOn(DATA_LB)) {
      expect(healthCheck.intervalSeconds).toBeGreaterThanOrEqual(3);
      expect(healthCheck.timeoutSeconds).toBeLessThanOrEqual(healthCheck.intervalSeconds);
      expect(healthCheck.retries).toBeGreaterThanOrEqual(1);
      expect(healthCheck.retries).toBeLessThanOrEqual(5);
    }
  });

  it("refuses the same port twice, a backend that is no machine, and a sibling that does not exist", () => {
    const { haproxy, topology } = dataTier();
    const backend = topology.endpoint({ id: "x/member", provider: hostsOf("x", 50, 1), port: 5432, protocol: "tcp" });
    const healthCheck = { kind: "tcp", port: 5432, ...HAPROXY_CHECK } as const;
    const args = {
      id: "x/tcp",
      lb: DATA_LB,
      port: 7000,
      backend,
      healthCheck,
      idleTimeoutSeconds: 60,
      noticedWithinSeconds: 6,
    };
    expect(() => haproxy.publish({ ...args, port: 5432 })).toThrow(/both want tcp port 5432 of hosts\/haproxy/);
    const pods = topology.endpoint({ id: "pods/web", provider: CHATWOOT, port: 80, protocol: "tcp", host: "web" });
    expect(() => haproxy.publish({ ...args, backend: pods })).toThrow(/provided by pods; allowed: a group of hosts/);
    haproxy.publish({ ...args, siblings: ["x/nothing"] });
    expect(() => haproxy.fragment(first(haproxy.hosts))).toThrow(/siblings that are not published: x-nothing/);
  });

  it("says which hosts run it", () => {
    expect(() => dataTier().haproxy.fragment({ name: "web", address: "10.0.0.9" })).toThrow(
      /allowed: haproxy-01, haproxy-02/,
    );
  });

  it("shows its metrics to whoever asks, and records that", () => {
    const { haproxy, topology } = dataTier();
    expect(haproxy.metrics(CHATWOOT, "metrics").map(({ host, port }) => `${host}:${port}`)).toEqual([
      "10.0.0.11:8405",
      "10.0.0.12:8405",
    ]);
    expect(topology.flows.some(({ from, to }) => from === CHATWOOT && to.port === 8405)).toBe(true);
  });
});

describe("haproxy.cfg", () => {
  it("reads as expected", () => {
    const { haproxy } = dataTier();
    expect(readable(haproxy.fragment(first(haproxy.hosts)))).toMatchSnapshot();
  });

  it("listens on the host's private address and on loopback, nowhere else", () => {
    const binds = [...haproxyConfigOf(1).matchAll(/^ {4}bind (\S+):\d+$/gm)].map((match) => match[1]);
    expect(new Set(binds)).toEqual(new Set(["10.0.0.12", "127.0.0.1"]));
  });

  it("resolves nothing: every server is an address", () => {
    const servers = [...haproxyConfigOf().matchAll(/^ {4}server \S+ ([^:]+):\d+/gm)].map((match) => match[1] ?? "");
    expect(servers.length).toBeGreaterThan(10);
    expect(servers.filter((server) => !isIpv4(server))).toEqual([]);
  });

  it("asks Patroni over TLS who leads, and tells a slow answer from a loss before it cuts anybody", () => {
    expect(section(haproxyConfigOf(), "backend postgres-leader")).toEqual(
      expect.arrayContaining([
        "http-check send meth GET uri /primary",
        "timeout check 2s",
        "default-server inter 1s fastinter 250ms fall 4 rise 1 on-marked-down shutdown-sessions port 8008 check-ssl verify required ca-file /etc/haproxy/authorities/postgres.pem",
      ]),
    );
  });

  it("leaves readers with a replica that is behind for as long as a bulk load takes", () => {
    const lines = section(haproxyConfigOf(), "backend postgres-replicas");
    expect(lines).toContain("http-check send meth GET uri /replica?lag=128MB");
    expect(lines).toContainEqual(expect.stringMatching(/^default-server inter 2s fall 5 rise 1 /));
  });

  it("asks Redis for its role, logged in with an account that can do nothing else", () => {
    const lines = section(haproxyConfigOf(), "backend redis-primary.redis-01");
    expect(lines).toContain("tcp-check send AUTH\\ haproxy\\ <<secret:redis/haproxy>>\\r\\n");
    // Redis closes before the last expectation, so that a replica fails at once.
    expect(lines.filter((line) => line.startsWith("tcp-check")).slice(-2)).toEqual([
      "tcp-check send QUIT\\r\\n",
      "tcp-check expect string role:master",
    ]);
  });

  it("connects to the member that a majority of the Sentinels names, and to none where they name none", () => {
    const members = ["01", "02", "03"];
    expect(section(haproxyConfigOf(), "frontend redis-primary").filter((line) => line.includes("backend"))).toEqual(
      members.map((n) => `use_backend redis-primary.redis-${n} if { nbsrv(redis-primary.redis-${n}.named) ge 2 }`),
    );
    expect(section(haproxyConfigOf(), "backend redis-primary.redis-02.named")).toEqual([
      "timeout check 2s",
      "option tcp-check",
      "tcp-check connect",
      "tcp-check send SENTINEL\\ get-master-addr-by-name\\ keybuzz\\r\\n",
      "tcp-check expect min-recv 0 string \\r\\n10.0.0.131\\r\\n",
      "default-server inter 500ms fall 1 rise 1",
      ...members.map((n, index) => `server redis-${n} 10.0.0.13${index}:26379 check`),
    ]);
    const { topology, haproxy } = dataTier();
    expect(topology.flows.some(({ from, to }) => from === haproxy.hosts && to.id === "redis/sentinel")).toBe(true);
  });

  it("has no Sentinels to ask where Redis is alone", () => {
    const { haproxy } = dataTier({ members: 1 });
    const config = fileOf(haproxy.fragment(first(haproxy.hosts)), CONFIG);
    expect(section(config, "frontend redis-primary")).toContain("default_backend redis-primary");
    expect(config).not.toContain("SENTINEL");
  });

  it("answers the load balancer by the live servers, and for the leader also by its replicas", () => {
    const health = section(haproxyConfigOf(), "frontend health");
    const up = (name: string) =>
      health.filter((line) => line.includes(`{ path /health/${name} }`) && line.includes("status 200"));
    expect(up("rabbitmq-amqp").map((line) => /nbsrv\((.*?)\)/.exec(line)?.[1])).toEqual(["rabbitmq-amqp"]);
    expect(up("postgres-leader").map((line) => /nbsrv\((.*?)\)/.exec(line)?.[1])).toEqual([
      "postgres-leader",
      "postgres-replicas",
    ]);
    expect(health.at(-1)).toContain("status 404");
  });

  it("checks every kind of server in its own language", () => {
    const tier = dataTier();
    const kinds = [
      { kind: "tcp", port: 1 },
      { kind: "postgres", port: 1, user: "probe" },
      { kind: "mysql", port: 1, user: "probe" },
      { kind: "http", port: 2, path: "/up", statuses: [200, 429] },
    ] as const;
    const haproxy = new HaproxyService({
      topology: tier.topology,
      secrets: tier.secrets,
      hosts: hostsOf("other", 60, 1),
    });
    kinds.forEach((kind, index) => {
      const backend = tier.topology.endpoint({
        id: `k${index}/member`,
        provider: hostsOf(`k${index}`, 70 + index * 3, 3),
        port: 1,
        protocol: "tcp",
      });
      haproxy.publish({
        id: `k${index}`,
        lb: DATA_LB,
        port: 7000 + index,
        backend,
        healthCheck: { ...kind, ...HAPROXY_CHECK },
        noticedWithinSeconds: 6,
        balance: "firstAlive",
        idleTimeoutSeconds: 60,
      });
    });
    const config = fileOf(haproxy.fragment(first(haproxy.hosts)), CONFIG);
    expect(section(config, "backend k0")).toContain("option tcp-check");
    expect(section(config, "backend k1")).toContain("option pgsql-check user probe");
    expect(section(config, "backend k2")).toContain("option mysql-check user probe");
    expect(section(config, "backend k3")).toContain("http-check expect status 200,429");
    expect(section(config, "backend k0").filter((line) => line.endsWith("backup"))).toHaveLength(2);
  });
});

describe("section names", () => {
  it.each([
    ["postgres/leader", "postgres-leader"],
    ["a b//c", "a-b-c"],
    ["plain", "plain"],
  ])("turns %s into %s", (id, name) => {
    expect(sectionName(id)).toBe(name);
  });
});

describe("the bastion's way to the Kubernetes API", () => {
  it("passes TCP on to one address, and holds no secret", () => {
    const config = fileOf(bastionApiForward({ port: 6443, target: { host: "10.0.0.10", port: 6443 } }), CONFIG);
    expect(section(config, "listen kubernetes-api")).toEqual([
      "bind *:6443",
      "option tcplog",
      "timeout client 3600s",
      "timeout server 3600s",
      "server api 10.0.0.10:6443",
    ]);
    expect(config).not.toContain("<<secret:");
  });
});

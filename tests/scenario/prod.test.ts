import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { CloudView, type Row } from "./support/cloudView";
import { Stand, type RunDocument } from "./support/stand";

// Each step builds on the one before, as an operator's day does.
const LIMIT = 300_000;

/** As docs/estate.md lists them. */
const HOSTS: Readonly<Record<string, string>> = {
  "bastion-01": "10.0.0.9",
  ...numbered("haproxy", 2, 11),
  ...numbered("k3s-master", 3, 100),
  ...numbered("k3s-worker", 5, 110),
  "db-master-01": "10.0.0.120",
  "db-slave-01": "10.0.0.121",
  "db-slave-02": "10.0.0.122",
  ...numbered("redis", 3, 123),
  ...numbered("queue", 3, 126),
  "minio-01": "10.0.0.134",
  "vector-01": "10.0.0.136",
  ...numbered("maria", 3, 170),
  ...numbered("proxysql", 2, 173),
};
const NODES = Object.keys(HOSTS).filter((name) => name.startsWith("k3s-"));
const PUBLIC_HOSTS = ["bi", "files", "n8n", "platform-api", "platform", "support"];

function numbered(name: string, count: number, first: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`${name}-0${i + 1}`, `10.0.0.${first + i}`]));
}

const at = <T>(value: unknown, ...path: (string | number)[]): T =>
  path.reduce<unknown>((inner, key) => (inner as Record<string | number, unknown>)[key], value) as T;

describe("the production estate, through the command line", () => {
  let stand: Stand;
  let up: RunDocument;
  let view: CloudView;
  const balancer = async (name: string): Promise<Row> => {
    const found = (await view.hetzner("load_balancers")).find((row) => row["name"] === name);
    if (found === undefined) throw new Error(`there is no ${name}`);
    return found;
  };
  const services = (row: Row): Row[] => at<Row[]>(row, "services");
  const targetsOf = async (row: Row): Promise<string[]> => {
    const names = new Map((await view.hetzner("servers")).map(({ id, name }) => [id, String(name)]));
    return at<Row[]>(row, "targets").map((target) => {
      expect(target["use_private_ip"]).toBe(true);
      return names.get(at(target, "server", "id")) ?? "?";
    });
  };

  beforeAll(async () => {
    stand = new Stand();
    const ended = await stand.document("up");
    expect(ended.code).toBe(0);
    up = ended.document;
    view = await CloudView.open(stand, "prod");
  }, LIMIT);
  afterAll(() => stand.dispose());

  test("up creates everything, and shows no secret", () => {
    expect(up.ok).toBe(true);
    expect(up.summary).toMatchObject({ update: 0, replace: 0, delete: 0, same: 0 });
    expect(up.summary.create).toBe(up.resources.length);
    expect(JSON.stringify(up)).not.toContain("PRIVATE KEY");
    expect(at(up.outputs, "web", "hosts")).toEqual(PUBLIC_HOSTS.map((name) => `${name}.keybuzz.io`));
  });

  // The whole of it is written after each step (docs/decisions/0019-what-the-state-keeps.md).
  test("its state is far below what it is with scripts as they are", () => {
    expect(statSync(join(stand.state, "prod", "state.json")).size).toBeLessThan(5_600_000);
  });

  test("every host is there at its address, and has its configuration", async () => {
    const [network] = await view.hetzner("networks");
    expect(network).toMatchObject({ ip_range: "10.0.0.0/16" });
    expect(at(network, "subnets", 0, "network_zone")).toBe("eu-central");
    const servers = await view.hetzner("servers");
    const addresses = servers.map((row) => [row["name"], at(row, "private_net", 0, "ip")]);
    expect(Object.fromEntries(addresses)).toEqual(HOSTS);
    expect(servers).toHaveLength(Object.keys(HOSTS).length);
    // The bastion alone is reached from outside.
    const open = servers.filter((row) => at(row, "public_net", "ipv4") !== null).map((row) => row["name"]);
    expect(open).toEqual(["bastion-01"]);
    const configured = up.resources.filter(({ type, name }) => type.endsWith(":Command") && name.endsWith("-config"));
    expect(configured.map(({ name }) => name.replace(/-config$/, "")).sort()).toEqual(Object.keys(HOSTS).sort());
  });

  test("no network but the operators' reaches the bastion's SSH", async () => {
    const rules = (await view.hetzner("firewalls")).flatMap((row) => at<Row[]>(row, "rules"));
    expect(rules.length).toBeGreaterThan(0);
    for (const rule of rules) expect(rule["source_ips"]).toEqual(["127.0.0.1/32"]);
  });

  test("data load balancers are private and pass on their services, never those of the clusters themselves", async () => {
    const data = await balancer("lb-data");
    expect(services(data).map((service) => service["listen_port"])).toEqual(
      expect.arrayContaining([5432, 5433, 5672, 6379, 6432, 6443]),
    );
    expect(services(data)).toHaveLength(6);
    expect((await targetsOf(data)).sort()).toEqual(["haproxy-01", "haproxy-02"]);
    const mariadb = await balancer("lb-mariadb");
    expect(services(mariadb).map((service) => service["listen_port"])).toEqual([3306]);
    expect((await targetsOf(mariadb)).sort()).toEqual(["proxysql-01", "proxysql-02"]);
    for (const [row, address] of [
      [data, "10.0.0.10"],
      [mariadb, "10.0.0.20"],
    ] as const) {
      expect(at(row, "private_net", 0, "ip")).toBe(address);
      expect(at(row, "public_net", "enabled")).toBe(false);
    }
    const all = (await view.hetzner("load_balancers")).flatMap(services);
    const ports = all.flatMap((service) => [service["listen_port"], service["destination_port"]]);
    for (const port of [4444, 4567, 4568]) expect(ports).not.toContain(port);
  });

  // Nobody has delegated the zone yet (delegation.test.ts goes on from here).
  test("web load balancers end TLS and pass on to port 31695 of every node", async () => {
    const certificates = await view.hetzner("certificates");
    expect(certificates).toHaveLength(1);
    expect(certificates.flatMap((row) => at<string[]>(row, "domain_names")).sort()).toEqual(
      PUBLIC_HOSTS.map((name) => `${name}.keybuzz.io`),
    );
    for (const [name, address] of [
      ["lb-keybuzz-1", "10.0.0.5"],
      ["lb-keybuzz-2", "10.0.0.6"],
    ] as const) {
      const row = await balancer(name);
      expect(at(row, "private_net", 0, "ip")).toBe(address);
      expect(services(row)).toHaveLength(1);
      const [service] = services(row);
      expect(service).toMatchObject({ protocol: "https", listen_port: 443, destination_port: 31695 });
      expect(service?.["http"]).toMatchObject({ redirect_http: true, timeout_idle: 300 });
      expect(at<number[]>(service, "http", "certificates")).toEqual(certificates.map(({ id }) => id));
      expect(service?.["health_check"]).toMatchObject({ protocol: "http", port: 31695 });
      expect(at(service, "health_check", "http")).toMatchObject({ path: "/healthz", status_codes: ["200"] });
      expect((await targetsOf(row)).sort()).toEqual([...NODES].sort());
    }
  });

  test("every public host has an A record with TTL 60 to both web load balancers", async () => {
    const [zone] = await view.hetzner("zones");
    expect(zone?.["name"]).toBe("keybuzz.io");
    const records = await view.hetzner(`zones/${String(zone?.["id"])}/rrsets`);
    const addresses = await Promise.all(
      ["lb-keybuzz-1", "lb-keybuzz-2"].map(async (name) => at(await balancer(name), "public_net", "ipv4", "ip")),
    );
    for (const host of PUBLIC_HOSTS) {
      const record = records.find((row) => row["name"] === host && row["type"] === "A");
      expect(record?.["ttl"]).toBe(60);
      expect(at<Row[]>(record, "records").map(({ value }) => value)).toEqual(expect.arrayContaining(addresses));
    }
  });

  test("the ingress is a DaemonSet on the host network, ready on all 8 nodes", async () => {
    expect((await view.kubernetes("Node")).map(({ metadata }) => metadata.name).sort()).toEqual([...NODES].sort());
    const [ingress] = (await view.kubernetes("DaemonSet")).filter(
      ({ metadata }) => metadata.namespace === "ingress-nginx",
    );
    expect(at(ingress?.spec, "template", "spec", "hostNetwork")).toBe(true);
    expect(ingress?.status).toMatchObject({ desiredNumberScheduled: 8, numberReady: 8 });
    expect(at(ingress?.spec, "template", "spec", "containers", 0, "args")).toContain("--ingress-class=nginx");
    const [ingressClass] = await view.kubernetes("IngressClass");
    expect(ingressClass).toMatchObject({ metadata: { name: "nginx" }, spec: { controller: "k8s.io/ingress-nginx" } });
    const nodePorts = (await view.kubernetes("Service")).flatMap(({ spec }) =>
      at<Row[]>(spec, "ports").flatMap((port) => port["nodePort"] ?? []),
    );
    expect(nodePorts).toContain(31695);
  });

  test("every workload is ready, Chatwoot's migration before its Deployments", async () => {
    const deployments = await view.kubernetes("Deployment");
    const ready = Object.fromEntries(
      deployments.map(({ metadata, status }) => [metadata.name, status?.["readyReplicas"]]),
    );
    expect(ready).toMatchObject({ "chatwoot-web": 2, "chatwoot-worker": 2, "keybuzz-api": 3, "keybuzz-front": 3 });
    const [autoscaler] = (await view.kubernetes("HorizontalPodAutoscaler")).filter(
      ({ metadata }) => metadata.name === "keybuzz-api",
    );
    expect(autoscaler?.spec).toMatchObject({ minReplicas: 3, maxReplicas: 30 });
    const jobs = await view.kubernetes("Job");
    const [migration, firstAccount] = ["chatwoot-migrate-", "chatwoot-first-account-"].map((name) =>
      jobs.find(({ metadata }) => metadata.name.startsWith(name)),
    );
    expect([migration?.status, firstAccount?.status]).toMatchObject([{ succeeded: 1 }, { succeeded: 1 }]);
    const done = Date.parse(at(migration?.status, "completionTime"));
    for (const { metadata } of deployments.filter(({ metadata }) => metadata.namespace === "chatwoot"))
      expect(Date.parse(metadata.creationTimestamp)).toBeGreaterThanOrEqual(done);
    const claimed = Date.parse(at(firstAccount?.status, "completionTime"));
    const routes = (await view.kubernetes("Ingress")).filter(({ metadata }) => metadata.namespace === "chatwoot");
    expect(routes.length).toBeGreaterThan(0);
    for (const { metadata } of routes) expect(Date.parse(metadata.creationTimestamp)).toBeGreaterThanOrEqual(claimed);
    const routed = (await view.kubernetes("Ingress")).flatMap(({ spec }) =>
      at<Row[]>(spec, "rules").map(({ host }) => host),
    );
    expect([...new Set(routed)].sort()).toEqual(PUBLIC_HOSTS.map((name) => `${name}.keybuzz.io`));
  });

  test("the cloud and the state know the same", async () => {
    expect(await view.mismatch()).toEqual({ orphans: [], lost: [] });
    expect(await view.close()).toBe(0);
  });

  test(
    "up again changes nothing",
    async () => {
      const { code, document } = await stand.document("up");
      expect(code).toBe(0);
      expect(document.summary).toEqual({ create: 0, update: 0, replace: 0, delete: 0, same: up.summary.create });
    },
    LIMIT,
  );

  test(
    "one changed timeout of Chatwoot's route: one resource, one field",
    async () => {
      stand.edit("stacks/prod.ts", "requestTimeoutSeconds: 60", "requestTimeoutSeconds: 90");
      const { code, document } = await stand.document("preview");
      stand.edit("stacks/prod.ts", "requestTimeoutSeconds: 90", "requestTimeoutSeconds: 60");
      expect(code).toBe(0);
      expect(document.summary).toEqual({ create: 0, update: 1, replace: 0, delete: 0, same: up.summary.create - 1 });
      const [changed] = document.resources.filter(({ op }) => op === "update");
      expect(changed).toMatchObject({ type: "kubernetes:networking.k8s.io/v1:Ingress" });
      expect(changed?.diff).toEqual([
        {
          path: 'metadata.annotations["nginx.ingress.kubernetes.io/proxy-read-timeout"]',
          before: "60",
          after: "90",
        },
      ]);
    },
    LIMIT,
  );

  test(
    "destroy without consent is refused, names all that is protected, and touches nothing",
    async () => {
      const { code, stdout } = await stand.run("destroy");
      expect(code).toBe(1);
      for (const [name] of Object.entries(HOSTS).filter(([name]) =>
        /^(db|redis|queue|minio|vector|maria|k3s-master)/.test(name),
      ))
        expect(stdout).toContain(name);
      for (const name of ["lb-data", "lb-mariadb", "lb-keybuzz-1", "lb-keybuzz-2", "keybuzz-prod"])
        expect(stdout).toContain(name);
      expect(stdout).toContain("npm run rehearse -- destroy --consent prod");
      expect(stdout).not.toContain("urn:pulumi");
      const { document } = await stand.document("destroy");
      expect(document.summary.delete).toBe(0);
      view = await CloudView.open(stand, "prod");
      expect(await view.mismatch()).toEqual({ orphans: [], lost: [] });
      expect(await view.hetzner("servers")).toHaveLength(27);
    },
    LIMIT,
  );

  test(
    "destroy with consent leaves nothing in the local cloud",
    async () => {
      // Through the cloud that is in the foreground of another process, which can be looked into afterwards.
      const { code, document } = await stand.document("destroy", "--consent", "prod");
      expect(code).toBe(0);
      expect(document.summary).toMatchObject({ delete: up.summary.create });
      expect(await view.contents()).toEqual([]);
      expect(readdirSync(join(stand.state, "prod", "machines"))).toEqual([]);
      expect(await view.close()).toBe(0);
      const again = await stand.run("destroy");
      expect(again.code).toBe(0);
      expect(again.stderr).toContain("Nothing is left");
      expect(existsSync(join(stand.state, "prod"))).toBe(false);
    },
    LIMIT,
  );
});

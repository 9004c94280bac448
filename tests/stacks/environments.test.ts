import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { environment as prod } from "../../stacks/prod";
import { knownStacks, loadEnvironment } from "../../stacks/loadEnvironment";
import { validateEnvironment } from "../../stacks/judgeEnvironment";
import { workers } from "../../stacks/workers";

const root = join(__dirname, "..", "..");

type Change = readonly [path: string, value: unknown];

/** A copy of prod with values put at paths such as "hosts.1.name"; undefined removes what is there. */
function change(...changes: readonly Change[]): unknown {
  const copy: unknown = structuredClone(prod);
  for (const [path, value] of changes) {
    const keys = path.split(".");
    const last = keys.pop() ?? "";
    const holder = keys.reduce<unknown>((inner, key) => (inner as Record<string, unknown>)[key], copy) as Record<
      string,
      unknown
    >;
    if (value === undefined) delete holder[last];
    else holder[last] = value;
  }
  return copy;
}

const withoutHost = (name: string) => prod.hosts.filter((host) => host.name !== name);

function mistakes(environment: unknown): string {
  try {
    validateEnvironment(environment, "stacks/prod.ts");
  } catch (error) {
    return (error as Error).message;
  }
  return "";
}

const app = (edit: Readonly<Record<string, unknown>> = {}, web: Readonly<Record<string, unknown>> = {}) => ({
  name: "shop",
  image: "shop:1",
  processes: [{ kind: "web", port: 8080, health: { kind: "http", path: "/ready" }, scale: 1, ...web }],
  ...edit,
});
const apps = (...all: readonly unknown[]): Change => ["workloads.apps", all];
const exposed = (route: Readonly<Record<string, unknown>>): Change =>
  apps(app({}, { expose: [{ host: "chat.keybuzz.io", routes: [route] }] }));

describe("the environments", () => {
  test.each(knownStacks())("%s has no mistake", (stack) => {
    expect(loadEnvironment(stack).name).toBe(stack);
  });

  test("each has its yaml, and each yaml its environment", () => {
    const yamls = readdirSync(root).flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? []);
    const environments = readdirSync(join(root, "stacks")).filter((file) =>
      /^export const environment\b/m.test(readFileSync(join(root, "stacks", file), "utf8")),
    );
    expect(yamls.sort()).toEqual(knownStacks());
    expect(environments.sort()).toEqual(knownStacks().map((stack) => `${stack}.ts`));
  });
});

describe("workers", () => {
  const args = { subnetCidr: "10.0.0.0/16", serverType: "cpx42", duties: { 2: "ai" } } as const;

  test("are a number: the last ones come and go", () => {
    expect(workers(2, args)).toEqual([
      { name: "k3s-worker-01", role: "k3sAgent", address: "10.0.0.110", serverType: "cpx42" },
      { name: "k3s-worker-02", role: "k3sAgent", address: "10.0.0.111", serverType: "cpx42", duty: "ai" },
    ]);
    expect(workers(3, args).slice(0, 2)).toEqual(workers(2, args));
  });

  test("more than fit are named", () => {
    const others = prod.hosts.filter(({ role }) => role !== "k3sAgent");
    expect(mistakes({ ...prod, hosts: [...others, ...workers(11, args)] })).toMatch(/"10\.0\.0\.120", the address of/);
  });
});

describe("mistakes are named with path, value and remedy", () => {
  test.each<[string, Change, RegExp]>([
    [
      "duplicate host",
      ["hosts.1.name", "bastion-01"],
      /hosts\[1\]\.name: found "bastion-01", the name of hosts\[0\] too/,
    ],
    [
      "duplicate address",
      ["hosts.1.address", "10.0.0.10"],
      /dataLoadBalancer\.address: found "10\.0\.0\.10", the address of hosts\[1\]/,
    ],
    ["duplicate port", ["dataLoadBalancer.ports.redis", 5432], /ports\.redis: found 5432, the port of postgres too/],
    [
      "address outside",
      ["hosts.2.address", "10.9.0.1"],
      /hosts\[2\]\.address: found "10\.9\.0\.1", outside of it; allowed: network\.subnetCidr 10\.0\.0\.0\/16/,
    ],
    ["gateway", ["hosts.2.address", "10.0.0.1"], /hosts\[2\]\.address.*Hetzner does not keep for itself/],
    ["two masters", ["hosts", withoutHost("k3s-master-03")], /2 with role "k3sServer".*odd number/],
    ["even etcd", ["hosts", withoutHost("db-slave-02")], /2 with role "postgres".*odd number/],
    [
      "no minio hosts",
      ["hosts", prod.hosts.filter((host) => host.role !== "minio")],
      /workloads\.chatwoot: found no host with role "minio"/,
    ],
    ["server type", ["hosts.0.serverType", "cx11"], /hosts\[0\]\.serverType: found "cx11"; allowed: one of "cx23"/],
    ["location", ["location", "ash"], /location: found "ash"; allowed: one of "fsn1"/],
    [
      "typo",
      ["hosts.0.adress", "10.0.0.9"],
      /hosts\[0\]\.adress: found a key that nothing knows; allowed: name, role, .*; fix: write "address"/,
    ],
    [
      "domain without certificate",
      ["workloads.chatwoot.host", "support.example.org"],
      /workloads\.chatwoot\.host: found "support\.example\.org"; allowed: a host in web\.zone/,
    ],
    [
      "image without a tag",
      ["workloads.chatwoot.image", "ghcr.io/keybuzzio/chatwoot-keybuzz"],
      /workloads\.chatwoot\.image: found "ghcr\.io\/keybuzzio\/chatwoot-keybuzz"; .*tag/,
    ],
    [
      "Gateway API without a class",
      ["kubernetes.ingress", { kind: "gateway" }],
      /kubernetes\.ingress\.className: found nothing/,
    ],
    [
      "no such ingress",
      ["kubernetes.ingress", { kind: "traefik" }],
      /kubernetes\.ingress\.kind: found "traefik"; allowed: one of "nginx", "gateway"/,
    ],
    [
      "ERPNext's half",
      ["workloads.erpNext", { image: "frappe/erpnext:v15.94.3" }],
      /workloads\.erpNext\.filesGb: found nothing; allowed: a whole number from 1 to 2000/,
    ],
    ["latest", ["workloads.chatwoot.image", "chatwoot:latest"], /workloads\.chatwoot\.image.*latest/],
    ["pods overlap", ["network.podCidr", "10.0.0.0/8"], /network\.podCidr.*apart from network\.networkCidr/],
    ["host bits", ["network.podCidr", "10.233.64.1/18"], /network\.podCidr.*zero host bits/],
    [
      "too few services",
      ["dataLoadBalancer.type", "lb11"],
      /dataLoadBalancer\.type: found "lb11" for 6 services; allowed: 5/,
    ],
    ["mariadb halves", ["mariadbLoadBalancer", undefined], /all three together, or none/],
    ["duty", ["hosts.0.duty", "ai"], /hosts\[0\]\.duty: found "ai" on .*k3sAgent/],
    [
      "idle timeout",
      ["web.idleTimeoutSeconds", 301],
      /web\.idleTimeoutSeconds: found 301; allowed: a whole number from 30 to 300/,
    ],
    ["even raft", ["workloads.vault.replicas", 2], /workloads\.vault\.replicas: found 2; allowed: 1, 3 or 5/],
    [
      "more members than workers",
      ["workloads.vault.replicas", 5],
      /replicas: found 5 with 3 general workers; .*lower it/,
    ],
    [
      "unseal over plain HTTP",
      ["workloads.vault.unseal", { kind: "transit", address: "http://vault.example.org", keyName: "k" }],
      /workloads\.vault\.unseal\.address: found "http:\/\/vault\.example\.org"; allowed: an https address/,
    ],
    [
      "buffered stream",
      exposed({ kind: "sse", path: "/", heartbeatSeconds: 5, firstByteSeconds: 2, buffering: true }),
      /apps\[0\]\.processes\[0\]\.expose\[0\]\.routes\[0\]\.buffering: found a key that nothing knows/,
    ],
    [
      "seconds with a unit",
      exposed({ kind: "http", path: "/", responseTimeoutSeconds: "60s" }),
      /apps\[0\]\.processes\[0\]\.expose\[0\]\.routes\[0\]\.responseTimeoutSeconds: found "60s"; allowed: a whole number/,
    ],
  ])("%s", (_name, edit, wanted) => {
    expect(mistakes(change(edit))).toMatch(wanted);
  });

  test("ERPNext where there is no MariaDB", () => {
    const erpNext = {
      image: "frappe/erpnext:v15.94.3",
      replicas: 2,
      workerReplicas: 2,
      filesGb: 50,
      host: "erp.keybuzz.io",
    };
    const hosts = prod.hosts.filter(({ role }) => role !== "mariadb" && role !== "proxysql");
    const message = mistakes(
      change(["workloads.erpNext", erpNext], ["hosts", hosts], ["mariadbLoadBalancer", undefined]),
    );
    expect(message).toMatch(/workloads\.erpNext: found no host with role "mariadb".*add hosts/);
    expect(message).toMatch(/workloads\.erpNext: found no host with role "proxysql"/);
  });

  test("more managed certificates than a balancer takes; one certificate for all hosts is no matter", () => {
    const hosts = Array.from({ length: 27 }, (_, i) =>
      app({ name: `shop-${i}` }, { expose: [{ host: `s${i}.keybuzz.io` }] }),
    );
    const message = mistakes(change(apps(...hosts)));
    expect(message).toMatch(
      /web\.loadBalancers\[0\]\.type: found "lb21" for 31 public hosts with a certificate each; allowed: 25/,
    );
    expect(mistakes(change(apps(...hosts.slice(0, 20))))).toBe("");
    expect(mistakes(change(apps(...hosts), ["web.certificate", "uploaded"]))).toBe("");
  });

  test("all of one file at once", () => {
    const message = mistakes(
      change(["hosts.1.name", "bastion-01"], ["hosts.2.address", "10.9.0.1"], ["workloads.vault.replicas", 2]),
    );
    expect(message).toMatch(/^stacks\/prod\.ts has 3 mistakes:/);
  });
});

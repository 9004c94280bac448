import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { environment as prod } from "../../stacks/prod";
import { knownStacks, loadEnvironment } from "../../stacks/loadEnvironment";
import { validateEnvironment } from "../../stacks/validateEnvironment";
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

const connector = (edit: Readonly<Record<string, unknown>> = {}) => ({
  name: "shop",
  namespace: "connectors",
  image: "shop:1",
  replicas: 1,
  port: 8080,
  readinessPath: "/ready",
  needs: ["redis"],
  ...edit,
});
const connectors = (...edits: readonly Readonly<Record<string, unknown>>[]): Change => [
  "workloads.connectors",
  edits.map(connector),
];

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
    expect(mistakes({ ...prod, hosts: [...others, ...workers(11, args)] })).toMatch(
      /"10\.0\.0\.120": is the address of/,
    );
  });
});

describe("mistakes are named with path, value and remedy", () => {
  test.each<[string, Change, RegExp]>([
    [
      "duplicate host",
      ["hosts.1.name", "bastion-01"],
      /hosts\[1\]\.name = "bastion-01": is the name of hosts\[0\] too/,
    ],
    [
      "duplicate address",
      ["hosts.1.address", "10.0.0.10"],
      /dataLoadBalancer\.address = "10\.0\.0\.10": is the address of hosts\[1\]/,
    ],
    ["duplicate port", ["dataLoadBalancer.ports.redis", 5432], /ports\.redis = 5432: is the port of postgres too/],
    [
      "address outside",
      ["hosts.2.address", "10.9.0.1"],
      /hosts\[2\]\.address = "10\.9\.0\.1": is outside network\.subnetCidr 10\.0\.0\.0\/16/,
    ],
    ["gateway", ["hosts.2.address", "10.0.0.1"], /hosts\[2\]\.address.*reserved by Hetzner/],
    ["two masters", ["hosts", withoutHost("k3s-master-03")], /2 with role \\"k3sServer\\".*odd number/],
    ["even etcd", ["hosts", withoutHost("db-slave-02")], /2 with role \\"postgres\\".*odd number/],
    [
      "service lacking",
      ["workloads.liteLlm", undefined],
      /workloads\.keybuzzApi: uses workloads\.liteLlm, which this environment lacks/,
    ],
    [
      "no rabbitmq hosts",
      ["hosts", prod.hosts.filter((host) => host.role !== "rabbitmq")],
      /workloads\.keybuzzApi: uses rabbitmq, but no host/,
    ],
    ["server type", ["hosts.0.serverType", "cx11"], /hosts\[0\]\.serverType = "cx11": .*"cx23"/],
    ["location", ["location", "ash"], /location = "ash": .*"fsn1"/],
    ["typo", ["hosts.0.adress", "10.0.0.9"], /hosts\[0\]\.adress = "10\.0\.0\.9": .*correct its name or remove it/],
    [
      "domain without certificate",
      ["workloads.chatwoot.host", "support.example.org"],
      /workloads\.chatwoot\.host = "support\.example\.org": is outside web\.zone/,
    ],
    [
      "image without a tag",
      ["workloads.chatwoot.image", "ghcr.io/keybuzzio/chatwoot-keybuzz"],
      /workloads\.chatwoot\.image = "ghcr\.io\/keybuzzio\/chatwoot-keybuzz": .*tag/,
    ],
    ["Gateway API without a class", ["kubernetes.ingress", { kind: "gateway" }], /kubernetes\.ingress\.className/],
    ["no such ingress", ["kubernetes.ingress", { kind: "traefik" }], /kubernetes\.ingress/],
    ["ERPNext's half", ["workloads.erpNext", { image: "frappe/erpnext:v15.94.3" }], /workloads\.erpNext\.filesGb/],
    ["latest", ["workloads.chatwoot.image", "chatwoot:latest"], /workloads\.chatwoot\.image.*latest/],
    ["pods overlap", ["network.podCidr", "10.0.0.0/8"], /network\.podCidr.*overlaps network\.networkCidr/],
    ["host bits", ["network.podCidr", "10.233.64.1/18"], /network\.podCidr.*zero host bits/],
    ["too few services", ["dataLoadBalancer.type", "lb11"], /dataLoadBalancer\.type = "lb11": takes 5 services, but 6/],
    ["mariadb halves", ["mariadbLoadBalancer", undefined], /these three come together/],
    ["duty", ["hosts.0.duty", "ai"], /hosts\[0\]\.duty = "ai".*k3sAgent/],
    ["replicas", ["workloads.keybuzzApi.maxReplicas", 2], /maxReplicas = 2: is below/],
    ["idle timeout", ["web.idleTimeoutSeconds", 301], /web\.idleTimeoutSeconds = 301/],
    ["even raft", ["workloads.vault.replicas", 2], /workloads\.vault\.replicas = 2: must be 1, 3 or 5/],
    ["more members than workers", ["workloads.vault.replicas", 5], /replicas = 5: .* there are 3; lower it/],
    [
      "unseal over plain HTTP",
      ["workloads.vault.unseal", { kind: "transit", address: "http://vault.example.org", keyName: "k" }],
      /workloads\.vault\.unseal\.address = "http:\/\/vault\.example\.org": must be the https address/,
    ],
    ["connector's name", connectors({}, { redisIndex: 9 }), /connectors\[1\]\.name = "shop": is the name of .*\[0\]/],
    [
      "connector's Redis",
      connectors({}, { name: "b" }),
      /connectors\[1\]\.redisIndex = \d+: is .*\[0\]\.redisIndex too/,
    ],
    ["another's Redis", connectors({ redisIndex: 0 }), /connectors\[0\]\.redisIndex = 0: must be 5-13/],
    [
      "connector's host",
      connectors({ host: "platform.keybuzz.io" }),
      /connectors\[0\]\.host = "platform\.keybuzz\.io": is the host of workloads\.keybuzzFront\.host too/,
    ],
    [
      "routes without a host",
      connectors({ routes: [{ kind: "http", path: "/" }] }),
      /connectors\[0\]\.routes: lead nowhere without workloads\.connectors\[0\]\.host/,
    ],
    [
      "buffered stream",
      connectors({
        host: "chat.keybuzz.io",
        routes: [{ kind: "sse", path: "/", heartbeatSeconds: 5, firstByteSeconds: 2, buffering: true }],
      }),
      /connectors\[0\]\.routes\[0\].*buffering/,
    ],
    [
      "seconds with a unit",
      connectors({ host: "chat.keybuzz.io", routes: [{ kind: "http", path: "/", responseTimeoutSeconds: "60s" }] }),
      /connectors\[0\]\.routes\[0\]\.responseTimeoutSeconds = "60s"/,
    ],
    ["autoscaler", connectors({ replicas: 3, maxReplicas: 2 }), /connectors\[0\]\.maxReplicas = 2: is below/],
  ])("%s", (_name, edit, wanted) => {
    expect(mistakes(change(edit))).toMatch(wanted);
  });

  test("each need of a connector that nobody answers", () => {
    const message = mistakes(
      change(
        connectors({ needs: ["rabbit", "llm"] }),
        ["hosts", prod.hosts.filter(({ role }) => role !== "rabbitmq")],
        ["workloads.liteLlm", undefined],
      ),
    );
    expect(message).toMatch(/workloads\.connectors\[0\]: uses rabbitmq, but no host/);
    expect(message).toMatch(/workloads\.connectors\[0\]: uses workloads\.liteLlm, which this environment lacks/);
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
    expect(message).toMatch(/workloads\.erpNext: uses mariadb, but no host has that role; add hosts/);
    expect(message).toMatch(/workloads\.erpNext: uses proxysql, but no host has that role/);
  });

  test("more managed certificates than a balancer takes; one certificate for all hosts is no matter", () => {
    const hosts = Array.from({ length: 25 }, (_, i) => ({ name: `s${i}`, host: `s${i}.keybuzz.io`, needs: [] }));
    const message = mistakes(change(connectors(...hosts)));
    expect(message).toMatch(/web\.loadBalancers\[0\]\.type = "lb21": takes 25 certificates, but 30 public hosts/);
    expect(mistakes(change(connectors(...hosts.slice(0, 20))))).toBe("");
    expect(mistakes(change(connectors(...hosts), ["web.certificate", "uploaded"]))).toBe("");
  });

  test("all of one file at once", () => {
    const message = mistakes(
      change(["hosts.1.name", "bastion-01"], ["hosts.2.address", "10.9.0.1"], ["workloads.liteLlm", undefined]),
    );
    expect(message).toMatch(/^stacks\/prod\.ts has 3 mistakes:/);
  });
});

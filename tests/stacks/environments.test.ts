import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Environment } from "../../stacks/environment";
import { environment as prod } from "../../stacks/prod";
import { environment as staging } from "../../stacks/staging";
import { environment as local } from "../../stacks/local";
import { validateEnvironment } from "../../stacks/validateEnvironment";

const root = join(__dirname, "..", "..");

/** A copy of prod with one thing changed. */
function change(edit: (copy: { -readonly [K in keyof Environment]: any }) => void): unknown {
  const copy = structuredClone(prod) as any;
  edit(copy);
  return copy;
}

function mistakes(environment: unknown): string {
  try {
    validateEnvironment(environment, "stacks/prod.ts");
  } catch (error) {
    return (error as Error).message;
  }
  return "";
}

describe("the environments", () => {
  test.each([prod, staging, local])("$name has no mistake", (environment) => {
    expect(mistakes(environment)).toBe("");
  });

  test("each has its yaml, and each yaml its environment", () => {
    const yamls = readdirSync(root).flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? []);
    expect(yamls.sort()).toEqual([local.name, prod.name, staging.name]);
  });
});

describe("mistakes are named with path, value and remedy", () => {
  test.each<[string, (copy: any) => void, RegExp]>([
    [
      "duplicate host",
      (e) => (e.hosts[1].name = "bastion-01"),
      /hosts\[1\]\.name = "bastion-01": is the name of hosts\[0\] too/,
    ],
    [
      "duplicate address",
      (e) => (e.hosts[1].address = "10.0.0.10"),
      /dataLoadBalancer\.address = "10\.0\.0\.10": is the address of hosts\[1\]/,
    ],
    [
      "duplicate port",
      (e) => (e.dataLoadBalancer.ports = { ...e.dataLoadBalancer.ports, redis: 5432 }),
      /ports\.redis = 5432: is the port of postgres too/,
    ],
    [
      "address outside",
      (e) => (e.hosts[2].address = "10.9.0.1"),
      /hosts\[2\]\.address = "10\.9\.0\.1": is outside network\.subnetCidr 10\.0\.0\.0\/16/,
    ],
    ["gateway", (e) => (e.hosts[2].address = "10.0.0.1"), /hosts\[2\]\.address.*reserved by Hetzner/],
    ["two masters", (e) => e.hosts.splice(5, 1), /2 with role \\"k3sServer\\".*odd number/],
    ["even etcd", (e) => e.hosts.splice(11, 1), /2 with role \\"postgres\\".*odd number/],
    [
      "service lacking",
      (e) => delete e.workloads.liteLlm,
      /workloads\.keybuzzApi: uses workloads\.liteLlm, which this environment lacks/,
    ],
    [
      "no rabbitmq hosts",
      (e) => (e.hosts = e.hosts.filter((h: any) => h.role !== "rabbitmq")),
      /workloads\.keybuzzApi: uses rabbitmq, but no host/,
    ],
    ["server type", (e) => (e.hosts[0].serverType = "cx11"), /hosts\[0\]\.serverType = "cx11": .*"cx23"/],
    ["location", (e) => (e.location = "ash"), /location = "ash": .*"fsn1"/],
    ["typo", (e) => (e.hosts[0].adress = "10.0.0.9"), /hosts\[0\].*adress/],
    [
      "domain without certificate",
      (e) => (e.workloads.chatwoot.host = "support.example.org"),
      /workloads\.chatwoot\.host = "support\.example\.org": is outside web\.zone/,
    ],
    ["latest", (e) => (e.workloads.chatwoot.image = "chatwoot:latest"), /workloads\.chatwoot\.image.*latest/],
    ["pods overlap", (e) => (e.network.podCidr = "10.0.0.0/8"), /network\.podCidr.*overlaps network\.networkCidr/],
    ["host bits", (e) => (e.network.podCidr = "10.233.64.1/18"), /network\.podCidr.*zero host bits/],
    [
      "too few services",
      (e) => (e.dataLoadBalancer.type = "lb11"),
      /dataLoadBalancer\.type = "lb11": takes 5 services, but 6/,
    ],
    ["mariadb halves", (e) => delete e.mariadbLoadBalancer, /these three come together/],
    ["duty", (e) => (e.hosts[0].duty = "ai"), /hosts\[0\]\.duty = "ai".*k3sAgent/],
    ["replicas", (e) => (e.workloads.keybuzzApi.maxReplicas = 2), /maxReplicas = 2: is below/],
    ["idle timeout", (e) => (e.web.idleTimeoutSeconds = 301), /web\.idleTimeoutSeconds = 301/],
  ])("%s", (_name, edit, wanted) => {
    expect(mistakes(change(edit))).toMatch(wanted);
  });

  test("all of one file at once", () => {
    const message = mistakes(
      change((e) => {
        e.hosts[1].name = "bastion-01";
        e.hosts[2].address = "10.9.0.1";
        delete e.workloads.liteLlm;
      }),
    );
    expect(message).toMatch(/^stacks\/prod\.ts has 3 mistakes:/);
  });
});

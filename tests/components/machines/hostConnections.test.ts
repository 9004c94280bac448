import * as pulumi from "@pulumi/pulumi";
import { DeployKey } from "../../../components/machines/deployKey";
import { Host } from "../../../components/machines/host";
import type { HostPlan } from "../../../components/machines/hostPlan";
import type { MachineContext } from "../../../components/machines/machineContext";
import { PrivateNetwork } from "../../../components/network/privateNetwork";
import { SecretStore } from "../../../components/secrets/secretStore";
import { EXAMPLE_SETTINGS } from "../../../stacks/emittedGraph";
import { environment as local } from "../../../stacks/local";
import { planEstate } from "../../../stacks/plan";

interface Endpoint {
  readonly host: string;
  readonly hostKey?: string;
  readonly dialErrorLimit: number;
  readonly perDialTimeout?: number;
  readonly privateKey?: unknown;
  readonly proxy?: Endpoint;
}

/** As a machine's file has it. */
const keyOf = (command: string): string => `ssh-ed25519 KEY-OF-${command}`;
const connections = new Map<string, Endpoint>();
interface Emitted {
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly options: pulumi.CustomResourceOptions;
}
/** By kind and name, as it is handed to Pulumi. */
const emitted = new Map<string, Emitted>();

const keys: string[] = [];

const nameOf = (resource: pulumi.Resource): string => (resource as unknown as { __name: string }).__name;

/** Whatever a secret is wrapped in. */
const bare = (value: unknown): unknown =>
  typeof value === "object" && value !== null && "value" in value ? value.value : value;

/** A bastion and a host behind it, as they are handed to Pulumi after so many rotations of the key. */
async function register(rotation: number): Promise<void> {
  for (const known of [connections, emitted]) known.clear();
  keys.length = 0;
  await pulumi.runtime.setMocks({
    call: () => ({}),
    newResource: ({ type, name, inputs }) => {
      if (name.startsWith("deploy") && !type.startsWith("keybuzz:")) keys.push(`${type.split(":").at(-1)} ${name}`);
      const given = inputs as Record<string, unknown>;
      if (type === "command:remote:Command") connections.set(name, bare(given["connection"]) as Endpoint);
      const made: Readonly<Record<string, object>> = {
        "command:remote:Command": { stdout: `${keyOf(name)} root@${name}\n`, stderr: "" },
        "hcloud:index/primaryIp:PrimaryIp": { ipAddress: "203.0.113.9" },
        "tls:index/selfSignedCert:SelfSignedCert": { certPem: `certificate ${name}` },
        "tls:index/privateKey:PrivateKey": {
          privateKeyOpenssh: `private ${name}`,
          publicKeyOpenssh: `ssh-ed25519 ${name.replace("-", "/")}\n`,
        },
      };
      return { id: "1", state: { ...given, ...made[type] } };
    },
  });
  await pulumi.runtime.runInPulumiStack(async () => {
    pulumi.runtime.registerStackTransformation(({ type, name, props, opts }) => {
      emitted.set(`${type.split(":").at(-1)} ${name}`, { inputs: props, options: opts });
      return undefined;
    });
    const plan = planEstate(local, EXAMPLE_SETTINGS);
    const hostOf = (name: string): HostPlan => {
      const host = plan.hosts.find((one) => one.name === name);
      if (host === undefined) throw new Error(`no ${name}`);
      return host;
    };
    const network = new PrivateNetwork("net", {
      ...local.network,
      networkZone: "eu-central",
      natGateway: "10.0.0.9",
      labels: {},
      protect: false,
    });
    const deployKey = new DeployKey("deploy", { labels: {}, rotation });
    const machines: MachineContext = {
      network,
      secrets: new SecretStore("secrets", {
        specs: plan.secrets.filter(({ kind }) => kind !== "configured"),
        configured: {},
        deployKey: deployKey.publicKey,
      }),
      deployKey,
      sshUser: "keybuzz",
      bastionSshPort: 2222,
      labels: {},
      isProtected: () => false,
      gateway: "10.0.0.1",
      networkCidr: "10.0.0.0/16",
    };
    const bastion = new Host("bastion-01", { plan: hostOf("bastion-01"), machines });
    const redis = new Host("redis-01", { plan: hostOf("redis-01"), machines: { ...machines, bastion } });
    redis.task("redis-task", { script: "true" });
    redis.read("redis-file", "/etc/hostname");
    redis.atEnd("redis-end", { command: "true", of: redis, timeoutSeconds: 5 });
  });
  await pulumi.runtime.disconnect();
}

describe("a key that was never rotated", () => {
  beforeAll(() => register(0));

  test("every contact but the first verifies the host, and every one its bastion", () => {
    expect([...connections.keys()].sort()).toEqual([
      ...["bastion-01-config", "bastion-01-host-key", "redis-01-config", "redis-01-host-key"],
      ...["redis-end", "redis-file", "redis-task"],
    ]);
    for (const [name, { host, hostKey, proxy }] of connections) {
      const machine = name.startsWith("bastion") ? "bastion-01" : "redis-01";
      expect([name, hostKey]).toEqual([name, name.endsWith("-host-key") ? undefined : keyOf(`${machine}-host-key`)]);
      expect([name, host]).toEqual([name, machine === "redis-01" ? "10.0.0.123" : "203.0.113.9"]);
      if (machine === "redis-01") expect([name, proxy?.hostKey]).toEqual([name, keyOf("bastion-01-host-key")]);
      else expect([name, proxy]).toEqual([name, undefined]);
    }
  });

  test("a machine that has answered before is not waited for longer than a reboot takes", () => {
    for (const [name, { dialErrorLimit, proxy }] of connections) {
      expect([name, dialErrorLimit]).toEqual([name, name.endsWith("-host-key") ? 60 : 12]);
      if (proxy !== undefined) expect([proxy.dialErrorLimit, proxy.perDialTimeout]).toEqual([12, 10]);
    }
  });

  test("packages wait for the way out: the bastion that passes on, and the network's route to it", () => {
    const before = (name: string): readonly string[] =>
      ((emitted.get(`Command ${name}`)?.options.dependsOn ?? []) as readonly pulumi.Resource[]).map(
        (one) => one.constructor.name,
      );
    expect(before("redis-01-config")).toEqual(["Command", "NetworkRoute"]);
    expect(before("bastion-01-config")).toEqual([]);
    expect(before("redis-01-host-key")).toEqual(["Command"]);
  });

  test("what cannot be there twice goes before its replacement comes, and no server with it", () => {
    expect(emitted.get("PrimaryIp bastion-01-ipv4")?.options).toMatchObject({ deleteBeforeReplace: true });
    expect(emitted.get("SshKey deploy")?.options).toMatchObject({ deleteBeforeReplace: true });
    // Plain: a server made from the key's own id would be replaced with it.
    for (const name of ["bastion-01", "redis-01"]) {
      const server = emitted.get(`Server ${name}`);
      expect([name, server?.inputs["sshKeys"]]).toEqual([name, ["deploy"]]);
      const before = (server?.options.dependsOn ?? []) as readonly pulumi.Resource[];
      expect(before.map((one) => one.constructor.name)).toContain("SshKey");
    }
  });
});

describe("a rotated key", () => {
  beforeAll(() => register(2));
  const used = (name: string): readonly unknown[] => {
    const { privateKey, proxy } = connections.get(name) ?? {};
    return [privateKey, proxy?.privateKey].map(bare);
  };
  const [old, current] = ["private deploy-1", "private deploy-2"];

  test("is another one, and only the one before it is kept", () => {
    expect(keys.sort()).toEqual(["PrivateKey deploy-1", "PrivateKey deploy-2", "SshKey deploy"]);
    expect(bare(emitted.get("SshKey deploy")?.inputs["publicKey"])).toBeDefined();
  });

  test("comes by turns: each machine takes it by the old one, and is reached with it from then on", () => {
    expect(used("redis-01-deploy-key")).toEqual([old, current]);
    expect(used("bastion-01-deploy-key")).toEqual([old, undefined]);
    for (const name of ["redis-01-config", "redis-task", "redis-file", "redis-end"])
      expect([name, used(name)]).toEqual([name, [current, current]]);
    const before = (name: string): readonly string[] =>
      ((emitted.get(`Command ${name}`)?.options.dependsOn ?? []) as readonly pulumi.Resource[]).map((one) =>
        nameOf(one),
      );
    expect(before("redis-01-config")).toEqual(expect.arrayContaining(["bastion-01-config", "redis-01-deploy-key"]));
    expect(before("redis-01-deploy-key")).toContain("bastion-01-config");
    expect(before("bastion-01-config")).toContain("bastion-01-deploy-key");
  });

  test("changes nothing of what was read before", () => {
    for (const name of ["redis-01-host-key", "redis-file"])
      expect([name, emitted.get(`Command ${name}`)?.options.ignoreChanges]).toEqual([name, ["connection"]]);
  });

  test("is there on a machine that is made now, and on one that was made before and never met", () => {
    expect(used("redis-01-host-key")).toEqual([old, current]);
  });
});

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runEngine, type EngineResult } from "@standin/pulumi-engine";
import { hcloudProvider } from "@standin/pulumi-engine/providers/hcloud";
import { tlsProvider } from "@standin/pulumi-engine/providers/tls";
import { PUBLIC_KEY, TestCloud } from "../packages/hetzner-api/support/testCloud";

jest.setTimeout(120_000);

const cloud = new TestCloud();
const folder = mkdtempSync(join(tmpdir(), "replacements-"));
beforeAll(() => cloud.start());
afterAll(async () => {
  await cloud.dispose();
  rmSync(folder, { recursive: true, force: true });
});

async function up(config: Readonly<Record<string, string>> = {}): Promise<EngineResult> {
  const result = await runEngine({
    command: "up",
    projectDir: join(__dirname, "replacements"),
    stack: "dev",
    config: {
      ...Object.fromEntries(Object.entries(config).map(([key, value]) => [`replacements:${key}`, value])),
      "hcloud:endpoint": cloud.endpoint,
      "hcloud:token": cloud.token,
      "hcloud:pollInterval": "10ms",
    },
    secretConfigKeys: ["hcloud:token"],
    stateFile: join(folder, "dev.state"),
    passphrase: "correct horse",
    providers: { hcloud: hcloudProvider, tls: tlsProvider },
  });
  expect(result.diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  return result;
}

/** "LoadBalancerNetwork: replace" ... of what was not left as it is. */
const done = ({ resources }: EngineResult): string[] =>
  resources
    .filter(({ op }) => op !== "same")
    .map(({ type, op }) => `${type.split(":").at(-1)}: ${op}`)
    .sort();

/** Everything that a replacement could have lost, ids aside. */
function estate() {
  const all = cloud.running.snapshot() as unknown as Record<string, readonly Record<string, never>[]>;
  const [network] = all["networks"] ?? [];
  const [balancer] = all["load_balancers"] ?? [];
  const [server] = all["servers"] ?? [];
  const [key] = all["ssh_keys"] ?? [];
  return {
    routes: network?.["routes"],
    balancer: (balancer?.["private_net"] as unknown as { ip: string }[]).map(({ ip }) => ip),
    targets: (balancer?.["targets"] as unknown as { server: { id: number } }[]).map((one) => one.server.id),
    server: server?.["id"],
    key: (key?.["public_key"] as unknown as string).trim(),
  };
}

let before: ReturnType<typeof estate>;

test("up; up again changes nothing", async () => {
  await up();
  before = estate();
  expect(before).toMatchObject({ balancer: ["10.0.0.10"], targets: [before.server] });
  expect(done(await up())).toEqual([]);
});

test("the NAT gateway moves: the old route goes before the new one comes", async () => {
  expect(done(await up({ gateway: "10.0.0.7" }))).toEqual(["NetworkRoute: replace"]);
  expect(estate().routes).toEqual([{ destination: "0.0.0.0/0", gateway: "10.0.0.7" }]);
  await up();
  expect(estate()).toEqual(before);
});

test("a balancer's private address changes: it is in the network with the new one, and has its targets", async () => {
  const moved = await up({ balancer: "10.0.0.20" });
  expect(done(moved)).toEqual(["LoadBalancerNetwork: replace", "LoadBalancerTarget: replace"]);
  expect(estate()).toEqual({ ...before, balancer: ["10.0.0.20"] });
  expect(done(await up({ balancer: "10.0.0.20" }))).toEqual([]);
  await up();
  expect(estate()).toEqual(before);
});

test("another deploy key takes the place of the old one, and no server goes for it", async () => {
  expect(done(await up({ publicKey: PUBLIC_KEY }))).toEqual(["SshKey: replace"]);
  expect(estate()).toEqual({ ...before, key: PUBLIC_KEY });
});

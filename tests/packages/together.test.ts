import { Alone } from "./support/alone";

// A process that runs the program four times.
jest.setTimeout(120_000);

const PROJECT = "name: shop\nruntime: nodejs\nmain: index.ts\n";

const PROGRAM = `
import * as hcloud from "@pulumi/hcloud";

const network = new hcloud.Network("net", { name: "net", ipRange: "10.5.0.0/16" });
const networkId = network.id.apply(Number);
const subnet = new hcloud.NetworkSubnet("subnet", { networkId, type: "cloud", networkZone: "eu-central", ipRange: "10.5.1.0/24" });
const placed = { serverType: "cx23", image: "debian-12", location: "nbg1", networks: [{ networkId, ip: "10.5.1.7" }] };
export const server = new hcloud.Server("web", { name: "web-01", ...placed }, { dependsOn: [subnet] }).name;
`;

const RUN = `
import { startCloud } from "@standin/hetzner-api";
import { simulatedMachines } from "@standin/machines/simulated";
import { runEngine } from "@standin/pulumi-engine";
import { hcloudProvider } from "@standin/pulumi-engine/providers/hcloud";

const machines = simulatedMachines({ stateDir: "machines" });
const cloud = await startCloud({ stateFile: "cloud.db", machines });
const config = { "hcloud:token": cloud.token, "hcloud:endpoint": cloud.endpoint, "hcloud:pollInterval": "20ms" };
const options = { projectDir: ".", stack: "dev", stateFile: "state.json", passphrase: "correct horse" };
for (const command of ["preview", "up", "up", "destroy"] as const) {
  const providers = { hcloud: hcloudProvider };
  const result = await runEngine({ command, ...options, config, secretConfigKeys: ["hcloud:token"], providers });
  const { create, update, replace, same } = result.summary;
  const there = Object.entries(cloud.snapshot()).flatMap(([kind, rows]) => rows.map(({ name }) => (kind === "primary_ips" ? kind : kind + " " + String(name))));
  const booted = machines.read("web-01", "/etc/ssh/ssh_host_ed25519_key.pub")?.split(" ")[0];
  const said = result.diagnostics.map(({ message }) => message);
  const counts = { create, update, replace, delete: result.summary.delete, same };
  console.log(JSON.stringify({ command, ok: result.ok, counts, outputs: result.outputs, there, booted, said }));
}
await cloud.close();
await machines.close();
`;

test("a program that is nobody's runs on the engine against the cloud and its machines, and nothing of the estate is there", () => {
  const alone = new Alone([
    ...["@standin/pulumi-engine", "@standin/hetzner-api", "@standin/machines"],
    ...["@pulumi/pulumi", "@pulumi/hcloud"],
  ]);
  try {
    alone.write("package.json", "{}");
    alone.write("Pulumi.yaml", PROJECT);
    alone.write("index.ts", PROGRAM);
    alone.write("run.mts", RUN);
    const runs = alone
      .run("run.mts")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown);
    const none = { create: 0, update: 0, replace: 0, delete: 0, same: 0 };
    const made = { there: ["networks net", "servers web-01", "primary_ips", "primary_ips"], booted: "ssh-ed25519" };
    expect(runs).toEqual([
      {
        command: "preview",
        ok: true,
        counts: { ...none, create: 4 },
        outputs: { server: "web-01" },
        there: [],
        said: [],
      },
      { command: "up", ok: true, counts: { ...none, create: 4 }, outputs: { server: "web-01" }, ...made, said: [] },
      { command: "up", ok: true, counts: { ...none, same: 4 }, outputs: { server: "web-01" }, ...made, said: [] },
      { command: "destroy", ok: true, counts: { ...none, delete: 4 }, outputs: {}, there: [], said: [] },
    ]);
  } finally {
    alone.dispose();
  }
});

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runEngine, type EngineResult } from "@standin/pulumi-engine";
import { kubernetesProvider } from "@standin/pulumi-engine/providers/kubernetes";
import { at } from "@standin/kubernetes-api/wire/json";
import { TestCluster } from "../packages/kubernetes-api/support/testCluster";

jest.setTimeout(120_000);

let cluster: TestCluster;
const folder = mkdtempSync(join(tmpdir(), "claims-"));
beforeAll(async () => {
  cluster = await TestCluster.start();
});
afterAll(async () => {
  await cluster.stop();
  rmSync(folder, { recursive: true, force: true });
});

const up = (stack: string, config: Readonly<Record<string, string>>): Promise<EngineResult> =>
  runEngine({
    command: "up",
    projectDir: join(__dirname, "claims"),
    stack,
    config: {
      ...Object.fromEntries(Object.entries(config).map(([key, value]) => [`claims:${key}`, value])),
      "claims:kubeconfig": cluster.local.kubeconfig,
    },
    secretConfigKeys: [],
    stateFile: join(folder, `${stack}.state`),
    passphrase: "correct horse",
    providers: { kubernetes: kubernetesProvider },
  });
const told = ({ resources }: EngineResult): string[] => resources.flatMap(({ error }) => error ?? []);
const scaleOf = async (): Promise<unknown> =>
  at(await cluster.get("/apis/apps/v1/namespaces/shop/deployments/store"), "spec", "replicas");

test("files on a node's disk: another size is no reason for a run to end half-way", async () => {
  expect(told(await up("local", { sizeGb: "5", scale: "1" }))).toEqual([]);
  const { ok, resources } = await up("local", { sizeGb: "6", scale: "2" });
  expect([ok, told({ resources } as EngineResult)]).toEqual([true, []]);
  expect(resources.find(({ name }) => name === "shop-volume")?.op).toBe("same");
  expect(await scaleOf()).toBe(2);
});

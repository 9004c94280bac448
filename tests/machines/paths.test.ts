import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { MachineSpec } from "@standin/machines/machines";
import { realMachines, realMachinesAvailable, type RealMachines } from "@standin/machines/real";
import { run } from "@standin/machines/real/run";
import { simulatedMachines } from "@standin/machines/simulated";
import { log } from "./support/bench";
import { CACHE } from "./support/smallEstate";

const possible = realMachinesAvailable();
if (!possible.ok) log(`skipped: real machines: ${possible.why}`);

const LIMIT_MS = 120_000;
const networkCidr = "10.0.0.0/16";
const IDS = Array.from({ length: 24 }, (_, n) => n + 1);
const addressOf = (id: number): string => `10.0.0.${id + 100}`;
const specOf = (id: number): MachineSpec => ({
  id,
  name: `host-${id}`,
  image: "debian-12",
  userData: "",
  labels: {},
  sshPublicKeys: [],
  privateAddresses: [{ networkId: 1, networkCidr, address: addressOf(id) }],
  cores: 2,
  memoryGb: 4,
  diskGb: 40,
});
const balancer = (address: string): Readonly<Record<string, unknown>> => ({
  private_net: [{ ip: address }],
  algorithm: { type: "round_robin" },
  services: [
    {
      protocol: "tcp",
      listen_port: 5432,
      destination_port: 22,
      health_check: { protocol: "tcp", port: 22, interval: 15, timeout: 10, retries: 3 },
    },
  ],
  targets: [],
});

(possible.ok ? describe : describe.skip)("the network of an estate whose machines are simulated", () => {
  let fleet: RealMachines;

  beforeAll(async () => {
    const stateDir = mkdtempSync(join(tmpdir(), "keybuzz-paths-"));
    const machines = simulatedMachines({ stateDir: join(stateDir, "simulated") });
    fleet = await realMachines({
      stateDir,
      cacheDir: CACHE,
      imageHash: "none is booted",
      simulated: { machines, has: () => true },
      temporary: true,
      log,
    });
  }, LIMIT_MS);
  afterAll(async () => fleet?.close(), LIMIT_MS);

  /** Of these machines, the ones whose SSH does not answer within the network. */
  async function silent(): Promise<string> {
    const script = `for a in ${IDS.map(addressOf).join(" ")}; do
      timeout 5 bash -c "exec 3<>/dev/tcp/$a/22 && read -r banner <&3 && [[ \\$banner == SSH-2.0-* ]]" 2>/dev/null || echo "$a"; done`;
    return run("nsenter", [`--net=/run/netns/${fleet.namespace}`, "bash", "-c", script]);
  }

  test(
    "has a way to each of them, though all are made at once and load balancers come and go meanwhile",
    async () => {
      let looks = 0;
      fleet.follow(() => ({ networks: [], load_balancers: [balancer(`10.0.0.${10 + (looks++ % 8)}`)] }));
      while (looks < 5) {
        await Promise.all(IDS.map((id) => fleet.create(specOf(id))));
        expect(await silent()).toBe("");
        await Promise.all(IDS.map((id) => fleet.delete(id)));
      }
    },
    LIMIT_MS,
  );
});

// A process with a fleet of one machine, as a test has one; waits to be killed.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cloudInit } from "../../../components/machines/cloudInit";
import { realMachines } from "@standin/machines/real";
import { fleetNeeds } from "../../../rehearsal/fleetNeeds";
import { machineImage } from "../../../rehearsal/machineImage";
import { environment as local } from "../../../stacks/local";

async function main(cacheDir: string): Promise<void> {
  const log = (line: string): void => void process.stderr.write(`${line}\n`);
  const image = await machineImage({ cacheDir, needs: fleetNeeds(local), log });
  const stateDir = mkdtempSync(join(tmpdir(), "keybuzz-bench-"));
  const fleet = await realMachines({ stateDir, cacheDir, imageHash: image.hash, temporary: true, log });
  const networkCidr = "10.0.0.0/16";
  const authorizedKeys = [`ssh-ed25519 ${Buffer.from("unused").toString("base64")}`];
  await fleet.create({
    id: 1,
    name: "lonely-01",
    image: "debian-12",
    userData: cloudInit({ hostname: "lonely-01", sshUser: "keybuzz", authorizedKeys, networkCidr }),
    labels: {},
    sshPublicKeys: [],
    privateAddresses: [{ networkId: 1, networkCidr, address: "10.0.0.7" }],
    cores: 2,
    memoryGb: 2,
    diskGb: 10,
  });
  process.stdout.write(`up ${stateDir}\n`);
  setInterval(() => undefined, 60_000);
}

void main(process.argv[2] ?? "");

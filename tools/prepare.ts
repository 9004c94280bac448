// What suites need that takes minutes to make, once: kubernetes (kube-apiserver and friends from Go modules),
// machines (the golden image from Debian's packages). `npm test` makes it beside the suites that do without.
import { join } from "node:path";
import { loadBinaries } from "@standin/kubernetes-api/real/binaries";
import { fleetNeeds } from "../rehearsal/fleetNeeds";
import { machineImage } from "../rehearsal/machineImage";
import { environment as local } from "../stacks/local";

const CACHE = join(__dirname, "..", ".cache");
const log = (line: string): void => void process.stderr.write(`${line}\n`);

const MAKE: Readonly<Record<string, () => Promise<unknown>>> = {
  kubernetes: () => loadBinaries(join(CACHE, "kubernetes"), log),
  machines: () => machineImage({ cacheDir: CACHE, needs: fleetNeeds(local), log }),
};

async function main(names: readonly string[]): Promise<void> {
  for (const name of names) {
    try {
      await MAKE[name]?.();
    } catch (error) {
      // The suite itself will say so, too, and fail by it.
      log(`${name}: not prepared: ${(error as Error).message}`);
      process.exitCode = 1;
    }
  }
}

void main(process.argv.slice(2));

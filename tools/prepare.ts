// What suites of `npm run test:real` need that takes long to make or to fetch, once: made beside those that do without.
import { join } from "node:path";
import { loadBinaries } from "@standin/kubernetes-api/real/binaries";
import { installTools } from "@standin/machines/real";
import { fleetNeeds } from "../rehearsal/fleetNeeds";
import { machineImage } from "../rehearsal/machineImage";
import type { Environment } from "../stacks/environment";
import { environment as local } from "../stacks/local";
import { installBrowser } from "./browser";
import { fetchCheckers } from "./checkers";

const CACHE = join(__dirname, "..", ".cache");
/** As tests/machines has it. */
const DEBIAN_13: Environment = { ...local, image: "debian-13", postgres: { version: 17, dcs: "etcd" } };
const log = (line: string): void => void process.stderr.write(`${line}\n`);

const MAKE: Readonly<Record<string, () => unknown>> = {
  checkers: () => fetchCheckers(log),
  browser: () => installBrowser(log),
  kubernetes: () => loadBinaries(join(CACHE, "kubernetes"), log),
  machines: async () => {
    installTools(log);
    await machineImage({ cacheDir: CACHE, needs: fleetNeeds(local), log });
    await machineImage({ cacheDir: CACHE, needs: fleetNeeds(DEBIAN_13), log });
  },
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

// Whoever runs jest by hand has a temporary folder of his own too, which goes with the run, however that ends.
import { tmpdir } from "node:os";
import { basename, dirname } from "node:path";
import { closeScratch, guardScratch, isScratch, openScratch } from "./scratch";

/** Names the folder between the two calls; of this process alone, for its children inherit it. */
const OWN = `KEYBUZZ_JEST_SCRATCH_${process.pid}`;

/** Jest's globalSetup, and its globalTeardown: what the first call has made, the second removes. */
export default async function scratch(): Promise<void> {
  const own = process.env[OWN];
  if (own === undefined) {
    // A test command has made one already.
    if (isScratch(basename(tmpdir()))) return;
    guardScratch();
    const dir = openScratch();
    Object.assign(process.env, { TMPDIR: dir, [OWN]: dir });
    return;
  }
  delete process.env[OWN];
  process.env["TMPDIR"] = dirname(own);
  await closeScratch(own);
}

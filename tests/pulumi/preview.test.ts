import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseOptions } from "../../rehearsal/cli/options";
import { findPulumi } from "../../rehearsal/cli/pulumiCli";
import { runEmbedded } from "../../rehearsal/cli/runEmbedded";
import { runPulumi } from "../../rehearsal/cli/runPulumi";
import { ROOT } from "../../rehearsal/cli/session";
import { knownStacks } from "../../stacks/loadEnvironment";
import { describeWithPulumi } from "./support/cli";
import { comparable, NORMALISATIONS } from "./support/comparison";
import { offlineSession, SECRETS } from "./support/offline";

/** A busy machine's; both previews of prod take half a minute on an idle one. */
const LIMIT = 900_000;
describeWithPulumi("cli")("preview: the Pulumi CLI with its providers, and the embedded engine", () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "keybuzz-pulumi-"));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  test.each(knownStacks())(
    "%s: the same resources, parents, protection and inputs",
    async (stack) => {
      const cli = findPulumi();
      if (!cli.found) throw new Error(cli.why);
      const session = offlineSession(dir);
      const said: string[] = [];
      const progress = {
        onEvent: (event: { kind: string }) => void said.push(JSON.stringify(event)),
        line: (text: string) => void said.push(text),
        total: () => undefined,
        close: () => undefined,
      };
      const stops = { signal: new AbortController().signal, cancelSignal: new AbortController().signal };
      const files = [`Pulumi.${stack}.yaml`, "Pulumi.yaml"].map((name) => join(ROOT, name));
      const before = files.map((file) => (existsSync(file) ? readFileSync(file, "utf8") : undefined));
      const options = parseOptions(["preview", "--stack", stack], knownStacks());

      const real = await runPulumi(cli, "preview", options, session, progress, stops);
      const embedded = await runEmbedded("preview", options, session, progress, stops);

      expect(real.errors).toEqual([]);
      expect(real.ok).toBe(true);
      expect(embedded.ok).toBe(true);
      expect(real.resources.length).toBeGreaterThan(200);
      expect(real.summary).toEqual(embedded.summary);
      expect(comparable(real.resources, NORMALISATIONS)).toEqual(comparable(embedded.resources, NORMALISATIONS));
      // The policy pack in the CLI, and the verifier in this process: the same verdict.
      expect(real.verdict?.findings).toEqual([]);
      expect(real.verdict?.counts).toEqual(embedded.verdict?.counts);
      expect(real.verdict?.accepted.map(({ finding }) => finding.subject).sort()).toEqual(
        embedded.verdict?.accepted.map(({ finding }) => finding.subject).sort(),
      );
      // No secret in what is shown, and nothing written into the project.
      const shown = JSON.stringify([real, embedded, said]);
      for (const secret of Object.values(SECRETS)) expect(shown).not.toContain(secret);
      expect(files.map((file) => (existsSync(file) ? readFileSync(file, "utf8") : undefined))).toEqual(before);
    },
    LIMIT,
  );
});

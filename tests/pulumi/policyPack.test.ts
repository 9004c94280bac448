// The policy pack under the official CLI: `pulumi preview --policy-pack policy`, good and bad.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Verdict } from "../../verifier/finding";
import { preparePulumiStack } from "../../rehearsal/cli/pulumi/pulumiStack";
import { runPulumiProcess, type PulumiExit } from "../../rehearsal/cli/pulumi/pulumiProcess";
import { findPulumi } from "../../rehearsal/cli/pulumiCli";
import { ROOT } from "../../rehearsal/cli/session";
import type { EmittedGraph } from "../../verifier/read/graph";
import { DECLARING_TYPE } from "../../verifier/declaration";
import { withFile } from "../../verifier/mutations/graphEdits";
import { emitted } from "../support/emitted";
import { environment as staging } from "../../stacks/staging";
import { describeWithPulumi } from "./support/cli";
import { offlineSession } from "./support/offline";

const LIMIT = 900_000;
const PARTS = [
  "components",
  "policy",
  "stacks",
  "index.ts",
  "package.json",
  "Pulumi.yaml",
  "Pulumi.staging.yaml",
  "tsconfig.json",
];
const UFW = join("components", "machines", "ufwFiles.ts");

describeWithPulumi("cli")("the policy pack", () => {
  let dir: string;
  let project: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), "keybuzz-policy-pack-"));
    project = join(dir, "project");
    mkdirSync(project);
    for (const part of PARTS) cpSync(join(ROOT, part), join(project, part), { recursive: true });
    symlinkSync(join(ROOT, "node_modules"), join(project, "node_modules"));
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  async function preview(verdictFile: string): Promise<PulumiExit> {
    const cli = findPulumi();
    if (!cli.found) throw new Error(cli.why);
    const stack = await preparePulumiStack(cli.path, "staging", offlineSession(dir));
    return runPulumiProcess({
      path: cli.path,
      args: ["preview", ...stack.where, "--config-file", stack.configFile, "--policy-pack", join(project, "policy")],
      cwd: project,
      env: { ...stack.env, KEYBUZZ_VERDICT_FILE: verdictFile },
    });
  }
  const verdictOf = (file: string): Verdict => JSON.parse(readFileSync(file, "utf8")) as Verdict;

  test(
    "staging as it is passes, and the verdict is that of the whole stack",
    async () => {
      const file = join(dir, "good.json");
      const { code, stdout, stderr } = await preview(file);
      expect([code, code === 0 ? "" : stdout + stderr]).toEqual([0, ""]);
      const { findings, accepted } = verdictOf(file);
      expect(findings).toEqual([]);
      expect(accepted.length).toBeGreaterThan(5);
      // Nothing is accepted in silence.
      for (const reason of accepted.flatMap(({ reasons }) => reasons)) expect(stdout).toContain(reason);
      expect(verdictOf(file).counts.flows).toBeGreaterThan(50);
    },
    LIMIT,
  );

  test(
    "nodes that do not pass the pods' packets on: the preview fails, in the verifier's words",
    async () => {
      const path = join(project, UFW);
      const source = readFileSync(path, "utf8");
      const broken = source.replace(".filter((route) => route.family === family)", ".filter((_route) => false)");
      expect(broken).not.toBe(source);
      writeFileSync(path, broken);
      const file = join(dir, "bad.json");
      const { code, stdout, stderr } = await preview(file);
      expect(code).not.toBe(0);
      const said = stdout + stderr;
      expect(said).toContain("declared-flows-open");
      const [finding] = verdictOf(file).findings;
      expect(finding?.question).toBe("open");
      expect(said).toContain(finding?.subject);
      expect(said).toContain(`remedy: ${finding?.remedy}`);
    },
    LIMIT,
  );

  /** As `pulumi stack export` writes a stack that is up. */
  function exported(graph: EmittedGraph): string {
    const urn = (type: string, name: string): string => `urn:pulumi:staging::keybuzz::${type}::${name}`;
    const root = urn("pulumi:pulumi:Stack", "keybuzz-staging");
    const resources = graph.resources
      .filter(({ type }) => !type.startsWith("pulumi:"))
      .map(({ type, name, id, inputs }) => {
        const custom = !type.startsWith("keybuzz:");
        const common = { urn: urn(type, name), custom, type, parent: root };
        if (custom) return { ...common, id, inputs, outputs: { ...inputs, id } };
        // The declaration is an output; a Host shows what is on it by its inputs.
        return type === DECLARING_TYPE ? { ...common, outputs: inputs } : { ...common, inputs };
      });
    const manifest = { time: "2026-01-01T00:00:00Z", magic: "", version: "v3.260.0" };
    const stack = { urn: root, custom: false, type: "pulumi:pulumi:Stack" };
    return JSON.stringify({ version: 3, deployment: { manifest, resources: [stack, ...resources] } });
  }

  async function analyze(graph: EmittedGraph): Promise<PulumiExit> {
    const cli = findPulumi();
    if (!cli.found) throw new Error(cli.why);
    const file = join(dir, "state.json");
    writeFileSync(file, exported(graph));
    return runPulumiProcess({
      path: cli.path,
      args: ["policy", "analyze", "--file", file, "--policy-pack", join(ROOT, "policy")],
      cwd: ROOT,
      env: { ...process.env, PATH: `${join(ROOT, "node_modules", ".bin")}:${process.env["PATH"] ?? ""}` },
    });
  }

  test(
    "a state file, good and bad: pulumi policy analyze",
    async () => {
      const graph = emitted(staging);
      const good = await analyze(graph);
      expect([good.code, good.code === 0 ? "" : good.stdout + good.stderr]).toEqual([0, ""]);
      const ruined = withFile("staging-db-01", "/etc/ufw/user.rules", () => "*filter\nCOMMIT\n")(graph);
      const bad = await analyze(ruined);
      expect(bad.code).not.toBe(0);
      expect(bad.stdout + bad.stderr).toContain("UFW of staging-db-01: missing: allow tcp 5432 from ");
    },
    LIMIT,
  );
});

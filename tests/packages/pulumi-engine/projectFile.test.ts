import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readProject } from "@standin/pulumi-engine/program";
import { PULUMI_VERSION, versionProblem } from "@standin/pulumi-engine/pulumiVersion";
import { byName, errors, ops, Stand } from "./support/stand";

jest.setTimeout(120_000);

// What Pulumi.yaml says beside the program's name. Held against the CLI's sources of 3.260 (pkg/workspace/config.go,
// pkg/resource/deploy/default_providers.go, sdk/go/common/resource/plugin/plugin.go).
let stand: Stand;
beforeEach(() => void (stand = new Stand()));
afterEach(() => stand.dispose());

/** A copy of programs/declared with a Pulumi.yaml of its own. */
function project(yaml: string): string {
  const dir = join(stand.directory, "project");
  mkdirSync(dir);
  cpSync(join(__dirname, "programs", "declared"), dir, { recursive: true });
  symlinkSync(join(__dirname, "..", "..", "..", "node_modules"), join(dir, "node_modules"));
  writeFileSync(join(dir, "Pulumi.yaml"), yaml);
  return dir;
}

const HEAD = "name: declared\nruntime: nodejs\nmain: index.ts\n";
const ONE = [{ name: "one" }];
const WITH_OWN = [
  { name: "own", kind: "provider" },
  { name: "one", options: { provider: "own" } },
];

describe("requiredPulumiVersion", () => {
  test.each<[string | undefined, string, boolean]>([
    [undefined, "3.0.0", true],
    ["", "3.0.0", true],
    [">=3.260.0", "3.260.0", true],
    [">=3.260.0", "v3.265.1", true],
    [">=3.260.0", "3.261.0-alpha.1", true],
    [">=3.260.0", "3.259.9", false],
    [">=3.0.0 <3.200.0 || >3.250.0", "3.220.0", false],
    [">=3.0.0 <3.200.0 || >3.250.0", "3.260.0", true],
  ])("%s takes %s: %s", (range, version, taken) => {
    expect(versionProblem(range, version) === undefined).toBe(taken);
  });

  test("what is no range, and what is no version, is told as such", () => {
    expect(versionProblem("!3.1.2", "3.260.0")).toContain('found "!3.1.2"; allowed: a range such as');
    expect(versionProblem(">=3.260.0", "newest")).toBe('"newest" is no version of the Pulumi CLI');
  });

  test("a newer one than the engine's is refused before anything happens, in preview, up and destroy", async () => {
    const projectDir = project(`${HEAD}requiredPulumiVersion: ">=4.0.0"\n`);
    for (const command of ["preview", "up", "destroy"] as const)
      await expect(stand.run(command, ONE, { projectDir })).rejects.toMatchObject({
        code: "project",
        message: expect.stringContaining(
          `Pulumi CLI version ${PULUMI_VERSION} does not satisfy the version range ">=4.0.0"`,
        ) as string,
      });
    expect(stand.cloud.changes()).toEqual([]);
  });

  test("the program's own demand is answered as well", async () => {
    const projectDir = project(HEAD);
    writeFileSync(
      join(projectDir, "index.ts"),
      'import * as pulumi from "@pulumi/pulumi";\nexport = async () => { await pulumi.requirePulumiVersion(process.env["RANGE"] ?? ""); return {}; };\n',
    );
    expect((await stand.runWith("up", { projectDir, env: { RANGE: ">=3.260.0" } })).ok).toBe(true);
    const refused = await stand.runWith("up", { projectDir, env: { RANGE: ">=3.999.0" } });
    expect(refused.ok).toBe(false);
    expect(errors(refused)).toContain(`does not satisfy the version range ">=3.999.0"`);
  });
});

describe("config", () => {
  test("values and defaults reach the program and the providers as the CLI keeps them; the stack's own come before", () => {
    const declared = [
      "config:",
      "  declared:flag: { type: boolean, default: false }",
      "  bare: { type: integer, default: 22 }",
      "  declared:list: { type: array, items: { type: string }, default: [] }",
      "  declared:wanted: { type: string }",
      "  short: text",
      "  fake:region: { value: west }",
      "  fake:zones: [a, b]",
    ];
    expect(readProject(project(`${HEAD}${declared.join("\n")}\n`)).config).toEqual({
      "declared:flag": "false",
      "declared:bare": "22",
      "declared:list": "[]",
      "declared:short": "text",
      "fake:region": "west",
      "fake:zones": '["a","b"]',
    });
  });

  test("a project without any has none", () => {
    expect(readProject(project(HEAD))).toMatchObject({ config: {}, nodeArgs: [], requiredPulumiVersion: undefined });
  });
});

describe("pulumi:disable-default-providers", () => {
  const DENIED = "Default provider for 'fake' disabled. 'fake:index:Thing' must use an explicit provider.";

  test.each(["[fake]", '["*"]', '["other", " fake "]'])("%s: an explicit provider only", async (list) => {
    const projectDir = project(`${HEAD}config:\n  pulumi:disable-default-providers:\n    value: ${list}\n`);
    const refused = await stand.run("up", ONE, { projectDir });
    expect(refused.ok).toBe(false);
    expect(byName(refused, "one").error).toBe(DENIED);
    expect(stand.cloud.changes()).toEqual([]);
    const good = await stand.run("up", WITH_OWN, { projectDir });
    expect(errors(good)).toBe("");
    expect(ops(good)).toBe("one:create");
  });

  test("another package is free; the stack may say otherwise than the project", async () => {
    const projectDir = project(`${HEAD}config:\n  pulumi:disable-default-providers: [other]\n`);
    expect((await stand.run("up", ONE, { projectDir })).ok).toBe(true);
    const config = { "pulumi:disable-default-providers": '["fake"]' };
    expect(byName(await stand.run("preview", [{ name: "two" }], { projectDir, config }), "two").error).toBe(DENIED);
  });

  test("what is no list is told", async () => {
    const config = { "pulumi:disable-default-providers": "fake" };
    expect(errors(await stand.run("preview", ONE, { config }))).toContain(
      'pulumi:disable-default-providers: found fake; allowed: a list of packages, such as ["kubernetes"]',
    );
  });
});

test("a plain start runs the project as the CLI does: with its Node arguments, and the SDK of its own folder", async () => {
  const typed = HEAD.replace("nodejs", "{ name: nodejs, options: { nodeargs: --import tsx } }");
  const good = await stand.run("up", ONE, { projectDir: project(typed), start: "plain" });
  expect(errors(good)).toBe("");
  expect(ops(good)).toBe("one:create");
});

test("without them a plain start fails where the CLI would", async () => {
  const projectDir = project(HEAD.replace("nodejs", "{ name: nodejs, options: { nodeargs: --import nothing-here } }"));
  const failed = await stand.run("up", ONE, { projectDir, start: "plain" });
  expect(failed.ok).toBe(false);
});

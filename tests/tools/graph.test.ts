import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random";
import { compareRegistrations, textComparison } from "../../tools/compareRegistrations";
import { record, type Registration } from "../../tools/registrations";

jest.setTimeout(60_000);

/** What a program registers. */
const recorded = (program: () => void): Promise<readonly Registration[]> =>
  record("test", async (mocks, monitor) => {
    await pulumi.runtime.setMocks(mocks, "keybuzz", "test", false);
    pulumi.runtime.setMockOptions(monitor, "keybuzz", "test", false);
    await pulumi.runtime.runInPulumiStack(async () => program());
    await pulumi.runtime.disconnect();
  });
class Outer extends pulumi.ComponentResource {
  constructor(name: string, opts?: pulumi.ComponentResourceOptions) {
    super("keybuzz:test:Outer", name, {}, opts);
  }
}
class Inner extends pulumi.ComponentResource {
  constructor(name: string, opts: pulumi.ComponentResourceOptions, protect = true, length = 20) {
    super("keybuzz:test:Inner", name, { text: "one\ntwo\nthree\n" }, opts);
    const password = new RandomPassword("a", { length }, { parent: this, protect });
    new RandomPassword("b", { length: 8, keepers: { a: password.result } }, { parent: this });
  }
}
const URN =
  "urn:pulumi:test::keybuzz::keybuzz:test:Outer$keybuzz:test:Inner$random:index/randomPassword:RandomPassword";

test("a registration has the types of all parents, what it depends on, its options and its values", async () => {
  const all = await recorded(() => void new Inner("in", { parent: new Outer("out") }));
  const [a, b] = ["a", "b"].map((name) => all.find(({ urn }) => urn === `${URN}::${name}`));
  expect(a).toMatchObject({ protect: true, inputs: { length: 20 }, dependencies: [], aliases: [] });
  expect(a?.options).toMatchObject({ parent: `urn:pulumi:test::keybuzz::keybuzz:test:Outer$keybuzz:test:Inner::in` });
  expect(b).toMatchObject({
    protect: false,
    inputs: { keepers: { a: "[secret] made-up password of a" } },
    dependencies: [`${URN}::a`],
    propertyDependencies: { keepers: [`${URN}::a`] },
  });
});

test("an error in what is computed of made-up values is not swallowed", () => {
  // In a process of its own: here Jest would take it for its own affair.
  const program = join(__dirname, "support", "failingProgram.ts");
  const done = spawnSync(process.execPath, ["--import", "tsx", program], { encoding: "utf8" });
  expect(done.stdout).toBe('error serializing property "length": not of this form');
});

describe("two graphs", () => {
  const one = (): void => void new Inner("in", { parent: new Outer("out") });

  test("that are equal: nothing", async () => {
    const graph = await recorded(one);
    expect(textComparison(compareRegistrations(graph, await recorded(one)))).toBe("0 added, 0 removed, 0 changed");
  });

  test("values, protection and dependencies are told as lines", async () => {
    const other = await recorded(() => void new Inner("in", { parent: new Outer("out") }, false, 30));
    const text = textComparison(compareRegistrations(await recorded(one), other));
    expect(text).toContain(`~ ${URN}::a\n`);
    expect(text).toMatch(/-\s+"length": 20,\n\+\s+"length": 30,/);
    expect(text).toMatch(/-\s+"protect": true,\n\+\s+"protect": false,/);
    expect(text).not.toContain('"text"');
    expect(text).toMatch(/\n0 added, 0 removed, 1 changed$/);
  });

  test("a move is one thing gone, and another that is new", async () => {
    const moved = await recorded(() => void new Inner("in", {}));
    const text = textComparison(compareRegistrations(await recorded(one), moved));
    expect(text).toContain(`- ${URN}::a  (protected)\n`);
    expect(text).toContain(`+ ${URN.replace("keybuzz:test:Outer$", "")}::a  (protected)\n`);
    expect(text).toMatch(/3 added, 4 removed, 0 changed$/);
  });

  test("a move with an alias replaces nothing, children included", async () => {
    const from = "urn:pulumi:test::keybuzz::keybuzz:test:Outer$keybuzz:test:Inner::in";
    const moved = await recorded(() => void new Inner("in", { aliases: [from] }));
    const { added, removed, changed } = compareRegistrations(await recorded(one), moved);
    expect(added).toEqual([]);
    expect(removed.map(({ urn }) => urn)).toEqual(["urn:pulumi:test::keybuzz::keybuzz:test:Outer::out"]);
    expect(changed).toHaveLength(3);
  });
});

describe("npm run graph", () => {
  const dir = mkdtempSync(join(tmpdir(), "keybuzz-graph-"));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
  const graph = (...args: readonly string[]): { code: number | null; stdout: string; stderr: string } => {
    const done = spawnSync(process.execPath, ["--import", "tsx", "tools/graph.ts", ...args], {
      cwd: join(__dirname, "..", ".."),
      encoding: "utf8",
    });
    return { code: done.status, stdout: done.stdout, stderr: done.stderr };
  };

  test("writes the graph of a stack, and finds it different from another", () => {
    const [a, b] = [join(dir, "a.json"), join(dir, "b.json")];
    expect(graph("--out", a, "--stack", "staging")).toEqual({ code: 0, stdout: "", stderr: "" });
    writeFileSync(b, JSON.stringify({ staging: [] }));
    expect(graph("--compare", a, b)).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/\n0 added, \d+ removed, 0 changed\n/) as string,
    });
  });

  test("says what it needs, and which stacks there are", () => {
    expect(graph()).toMatchObject({ code: 2, stderr: expect.stringContaining("one of --out, --compare") as string });
    expect(graph("--out", join(dir, "c"), "--stack", "prd")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("allowed: local, prod, staging") as string,
    });
  });
});
